"""Making a database backup: the dump, and a manifest of its own snapshot that proves a restore of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime

import msgspec

from actions.backup_manifest import CHECKSUM, MANIFEST, SUFFIXES, Extension, Manifest
from actions.tools.content import Content, Tell, read_large_objects, read_sequences, read_tables, untold
from actions.tools.dump_make import DumpStream, pg_dump_program
from actions.tools.postgres import Identity, Postgres, Session, whole
from actions.tools.s3 import Bucket

_ABOUT = """
    SELECT pg_encoding_to_char(encoding), datcollate, datctype, pg_database_size(oid),
           to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    FROM pg_database WHERE datname = current_database()
"""
_EXTENSIONS = "SELECT extname, extversion FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1"
_GRANTED = """
    SELECT DISTINCT pg_get_userbyid(acl.grantee)
    FROM (SELECT relacl AS rights, relowner AS owner FROM pg_class WHERE relacl IS NOT NULL
          UNION ALL SELECT nspacl, nspowner FROM pg_namespace WHERE nspacl IS NOT NULL
          UNION ALL SELECT proacl, proowner FROM pg_proc WHERE proacl IS NOT NULL
          UNION ALL SELECT typacl, typowner FROM pg_type WHERE typacl IS NOT NULL
          UNION ALL SELECT attacl, relowner FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
                    WHERE attacl IS NOT NULL) AS given, LATERAL aclexplode(given.rights) AS acl
    WHERE acl.grantee <> 0 AND acl.grantee <> given.owner
      AND pg_get_userbyid(acl.grantee) !~ '^pg_' ORDER BY 1
"""


def dump_database(
    server: Postgres,
    bucket: Bucket,
    environment: str,
    taken_at: datetime,
    tell: Tell = untold,
    timeout_s: float = 4 * 3600.0,
) -> Manifest:
    """Dump the server's database into the bucket and return its manifest, which is written last.

    The counts and hashes of the manifest are read in the snapshot that pg_dump reads. If anything fails
    there is either no object, or one without a manifest, which nobody takes. Raises Refused, Transient
    or NotVerified. Not to be done twice for the same second.
    """
    key = f"{bucket.prefix}{bucket.stem}_{taken_at:%Y%m%d_%H%M%S}{SUFFIXES['plain']}"
    with _snapshot(server, timeout_s) as (session, snapshot):
        identity = server.identity(session)
        sequences = read_sequences(session)  # before the dump: a sequence may only move on
        dump = DumpStream(server, pg_dump_program(server, identity.major), snapshot, timeout_s)
        bucket.put_stream(key, _told(dump, tell))
        content = Content(read_tables(session, tell), sequences, read_large_objects(session))
        manifest = _manifest(session, identity, key, environment, server.database, dump, content)
    bucket.put(key + CHECKSUM, f"{manifest.sha256}  {key.rsplit('/', 1)[-1]}\n".encode())
    bucket.put(key + MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    return manifest


def _told(dump: DumpStream, tell: Tell) -> Iterator[bytes]:
    for number, chunk in enumerate(dump):
        if number % 64 == 0:
            tell(f"dumped {dump.size_bytes / 1e6:.1f} MB")
        yield chunk


@contextlib.contextmanager
def _snapshot(server: Postgres, timeout_s: float) -> Iterator[tuple[Session, str]]:
    with server.session(statement_timeout_s=timeout_s) as session:
        session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = session.execute("SELECT pg_export_snapshot()").fetchone()
        yield session, str(row[0]) if row else ""
        session.execute("COMMIT")


def _manifest(
    session: Session,
    identity: Identity,
    key: str,
    environment: str,
    database: str,
    dump: DumpStream,
    content: Content,
) -> Manifest:
    about = session.execute(_ABOUT).fetchone() or ("", "", "", 0, "")
    finished = session.execute(
        """SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
    ).fetchone()
    return Manifest(
        key=key,
        sha256=dump.sha256,
        size_bytes=dump.size_bytes,
        environment=environment,
        database=database,
        system_identifier=identity.system_identifier,
        server_version=identity.version,
        encoding=str(about[0]),
        collation=str(about[1]),
        ctype=str(about[2]),
        database_bytes=whole(about[3]),
        started_at=str(about[4]),
        finished_at=str(finished[0]) if finished else "",
        content=content,
        extensions=tuple(Extension(str(row[0]), str(row[1])) for row in session.execute(_EXTENSIONS)),
        roles=tuple(str(row[0]) for row in session.execute(_GRANTED)),
    )
