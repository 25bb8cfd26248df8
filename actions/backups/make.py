"""Making a dump, and the manifest of its own snapshot, by which a restore of it can be proven."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from actions.backups.choice import TEMPORARY
from actions.backups.manifest import MAKER, NEWEST_FORMAT, SUFFIXES, Extension, Manifest
from actions.backups.publish import publish
from actions.tools.aws.s3 import Bucket
from actions.tools.dumps.copies import BackupFormat
from actions.tools.dumps.judged import archive_refusal
from actions.tools.dumps.make import DumpStream
from actions.tools.dumps.obstacles import read_obstacles
from actions.tools.dumps.programs import DumpProgram, pg_dump_program
from actions.tools.dumps.read_ahead import read_ahead
from actions.tools.dumps.shelf import content_of
from actions.tools.dumps.zstd_pack import unpacked
from actions.tools.postgres.content import Content, Tell, read_sequences, untold
from actions.tools.postgres.faults import read_faults
from actions.tools.postgres.inventory import About, clock, read_about
from actions.tools.postgres.server import Identity, Postgres
from actions.tools.postgres.snapshot import Read, ReadBeside, shared_snapshot

DUMP_TIMEOUT_S = 4 * 3600.0
REMARK_LIMIT = 1500
_EVERY_CHUNK = 8


@dataclass(frozen=True)
class Making:
    """Of which environment, in which form, for which run; `named_at` is only for a name of another time."""

    environment: str
    kind: BackupFormat
    run: int
    timeout_s: float = DUMP_TIMEOUT_S
    named_at: datetime | None = None


def temporary_folder(bucket: Bucket, run: int) -> str:
    """Where a run keeps what is not published yet."""
    return f"{bucket.prefix}{TEMPORARY}RUN-{run}/"


def temporary_key(bucket: Bucket, manifest: Manifest) -> str:
    """Where the dump of a manifest lies until it is published."""
    return temporary_folder(bucket, manifest.run) + manifest.key.rsplit("/", 1)[-1]


def take_dump(server: Postgres, bucket: Bucket, making: Making, tell: Tell = untold) -> Manifest:
    """Dump the database to its temporary key; the manifest for when it is published.

    pg_dump's stream is uploaded as it comes, and hashed on the way; beside it, another session reads the
    very same snapshot, and counts and hashes every row. If anything fails no object appears. Raises
    Refused (another backup is running, a right is missing), Transient or NotVerified.
    """
    run = making.run or None
    with shared_snapshot(server, run, making.timeout_s) as snapshot:
        identity = server.identity(snapshot.session)
        about = read_about(snapshot.session)
        at = making.named_at or datetime.fromisoformat(about.started_at)
        key = f"{bucket.prefix}{bucket.stem}_{at.astimezone(UTC):%Y%m%d_%H%M%S}{SUFFIXES[making.kind]}"
        sequences = read_sequences(snapshot.session)  # before the dump: a sequence may only move on
        faults = read_faults(snapshot.session)
        obstacles = read_obstacles(snapshot.session)
        program = pg_dump_program(server, identity.major)
        dump = DumpStream(server, program, making.kind, snapshot.name, making.timeout_s)
        with ReadBeside(server, snapshot.name, run, making.timeout_s) as beside:
            place = temporary_folder(bucket, making.run) + key.rsplit("/", 1)[-1]
            chunks = read_ahead(dump, watch=beside.check)
            with contextlib.ExitStack() as stopping:
                stopping.callback(dump.stop)
                bucket.put_stream(place, _told(dump, chunks, beside, tell))
            read = beside.wait(tell)
        content = Content(read.tables, sequences, *read.large_objects, read.hashed_by)
        finished_at = clock(snapshot.session)
    refusal = dump.refusal
    if making.kind == "archive":
        head = partial(_unpacked_from, bucket, place)
        refusal = archive_refusal(program.restore, head)
    made = _Made(key, server.database, identity, about, program, dump, content, faults, read, finished_at)
    return replace(_manifest(making, made), remark=refused_remark((refusal, *obstacles)))


def dump_database(
    server: Postgres,
    bucket: Bucket,
    environment: str,
    taken_at: datetime,
    tell: Tell = untold,
    timeout_s: float = DUMP_TIMEOUT_S,
    kind: BackupFormat = "plain",
) -> Manifest:
    """Make a backup and publish it at once, outside of any run, under a name of this time.

    Returns its manifest. Raises as `take_dump` and `publish` do. Not to be done twice for the same second.
    """
    manifest = take_dump(server, bucket, Making(environment, kind, 0, timeout_s, taken_at), tell)
    published = publish(bucket, temporary_key(bucket, manifest), manifest, tell)
    bucket.delete(temporary_key(bucket, manifest))
    return published


def refused_remark(reasons: Iterable[str]) -> str:
    """The remark of a backup that a restore would refuse for these reasons; '' where there is none."""
    said = "; ".join(reason.rstrip(".") for reason in reasons if reason)
    return f"a restore would refuse it: {said}"[:REMARK_LIMIT] if said else ""


def _unpacked_from(bucket: Bucket, key: str) -> Iterator[bytes]:
    return unpacked(content_of(bucket, bucket.head(key)))


def _told(dump: DumpStream, chunks: Iterable[bytes], beside: ReadBeside, tell: Tell) -> Iterator[bytes]:
    began = time.monotonic()
    for number, chunk in enumerate(chunks):
        if number % _EVERY_CHUNK == 0:
            rate = dump.size_bytes / 1e6 / max(0.1, time.monotonic() - began)
            tell(f"dumped {dump.size_bytes / 1e6:.1f} MB, {rate:.0f} MB/s; {beside.said}")
        yield chunk


@dataclass(frozen=True)
class _Made:
    key: str
    database: str
    identity: Identity
    about: About
    program: DumpProgram
    dump: DumpStream
    content: Content
    faults: Mapping[str, str]
    read: Read
    finished_at: str


def _manifest(making: Making, made: _Made) -> Manifest:
    about = made.about
    return Manifest(
        key=made.key,
        sha256=made.dump.sha256,
        size_bytes=made.dump.size_bytes,
        unpacked_bytes=made.dump.unpacked_bytes,
        environment=making.environment,
        database=made.database,
        system_identifier=made.identity.system_identifier,
        server_version=made.identity.version,
        encoding=about.encoding,
        collation=about.collation,
        ctype=about.ctype,
        database_bytes=about.size_bytes,
        started_at=about.started_at,
        finished_at=made.finished_at,
        content=made.content,
        extensions=tuple(Extension(name, version) for name, version in about.extensions),
        roles=about.granted_roles,
        format=NEWEST_FORMAT,
        kind=making.kind,
        run=making.run,
        made_by=MAKER,
        pg_dump=made.program.text,
        lsn=about.lsn,
        newest=made.read.newest,
        inventory=made.read.inventory,
        views=made.read.views,
        faults=made.faults,
        definitions=made.read.definitions,
    )
