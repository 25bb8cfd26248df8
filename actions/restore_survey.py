"""Looking before a restore: the backup, the target, and everything that speaks against it, told together."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from actions.backups import (
    MANIFEST,
    Backup,
    Manifest,
    Proof,
    choose,
    list_backups,
    read_checksum,
    read_manifest,
)
from actions.failures import Refused, Transient
from actions.restore_facts import (
    BackupFacts,
    RestoreFacts,
    RestoreParams,
    TargetFacts,
    age_text,
    size_text,
    version_text,
)
from actions.restore_words import choosing
from actions.tools.postgres import Postgres, Session, databases
from actions.tools.s3 import Bucket
from actions.tools.shadow import Names
from actions.tools.toolbox import Toolbox

DISK_FACTOR = 1.3
UNPACKED_FACTOR = 6
MARKER = "drbot.environment"


def survey(tools: Toolbox, params: RestoreParams) -> RestoreFacts:
    """Look at backup and target. Raises Refused with every reason against it; nothing is changed."""
    if params.environment == "production":
        raise Refused(
            "production is not restored from here yet: that comes with an open incident and a last backup of"
            " what is there. For now restore into staging and look. Nothing was changed."
        )
    bucket = tools.backups(params.from_environment)
    listed = list_backups(bucket)
    backup = choose(listed, params.backup)
    with choosing(params):
        manifest = read_manifest(bucket, backup) if backup.proof is Proof.MANIFEST else None
        chosen = backup_facts(bucket, backup, manifest)
    server = tools.postgres(params.environment)
    with server.admin() as session:
        target = read_target(server, session)
        against = [
            *against_target(session, target, params.environment),
            *_against_space(target, chosen),
            *(_against_manifest(session, target, params, manifest) if manifest else ()),
        ]
        kept = [name for name in databases(session) if name.startswith((f"{target.database}__",))]
    remarks = list(_remarks(listed, backup, target, kept))
    against += _against_production(tools, target, remarks)
    if against:
        raise Refused(f"{'; '.join(against)[:1500]}. Nothing was changed.")
    return RestoreFacts(chosen, target, tuple(remarks))


def backup_facts(bucket: Bucket, backup: Backup, manifest: Manifest | None) -> BackupFacts:
    """The chosen backup, pinned as S3 has it now."""
    seen = bucket.head(backup.object.key)
    taken = datetime.fromisoformat(manifest.started_at) if manifest else backup.taken_at
    plain = BackupFacts(
        id=backup.id,
        key=seen.key,
        etag=seen.etag,
        version_id=seen.version_id,
        size_bytes=seen.size_bytes,
        sha256=manifest.sha256 if manifest else read_checksum(bucket, backup),
        proof=backup.proof.value,
        taken_at=taken.isoformat(timespec="seconds"),
        age=age_text((datetime.now(UTC) - taken).total_seconds()),
    )
    if manifest is None:
        return plain
    return replace(
        plain,
        manifest_sha256=hashlib.sha256(bucket.read(seen.key + MANIFEST)).hexdigest(),
        database=manifest.database,
        server_version=manifest.server_version,
        database_bytes=manifest.database_bytes,
        tables=len(manifest.content.tables),
        rows=manifest.content.rows,
    )


def read_target(server: Postgres, session: Session) -> TargetFacts:
    """The target as it is. Raises Refused where it is not there."""
    identity = server.identity(session)
    seen = databases(session).get(server.database)
    if seen is None:
        raise Refused(f"there is no database {server.database} on {server.place}: create it first, empty")
    rows = session.execute(
        "SELECT coalesce(usename, '?'), coalesce(nullif(application_name, ''), 'unnamed'), count(*)"
        " FROM pg_stat_activity WHERE datid::bigint = %s AND backend_type = 'client backend'"
        " GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 20",
        [seen.oid],
    ).fetchall()
    return TargetFacts(
        place=server.place,
        database=seen.name,
        oid=seen.oid,
        owner=seen.owner,
        system_identifier=identity.system_identifier,
        server_version=identity.version,
        size_bytes=seen.size_bytes,
        free_bytes=_free_bytes(server, session),
        sessions=tuple(f"{row[0]} ({str(row[1])[:40]}): {row[2]}" for row in rows),
        smoke_tables=server.smoke_tables,
    )


def _free_bytes(server: Postgres, session: Session) -> int | None:
    """Free space of the data directory, if the server is on this machine and lets us look."""
    if server.host not in ("127.0.0.1", "localhost", "::1") and not server.host.startswith("/"):
        return None
    row = session.execute("SELECT setting FROM pg_settings WHERE name = 'data_directory'").fetchone()
    directory = Path(str(row[0])) if row and row[0] else None
    try:
        if directory is None or not (directory / "PG_VERSION").is_file():
            return None
        return shutil.disk_usage(directory).free
    except OSError:
        return None


def against_target(session: Session, target: TargetFacts, environment: str) -> Iterator[str]:
    """What in the target itself forbids replacing it."""
    name = target.database
    Names(name, 10**9)
    prepared = session.execute(
        "SELECT count(*) FROM pg_prepared_xacts WHERE database = %s", [name]
    ).fetchone()
    if prepared and prepared[0]:
        yield f"{name} holds {prepared[0]} prepared transactions: commit or roll them back first"
    slots = session.execute(
        "SELECT string_agg(slot_name, ', ') FROM pg_replication_slots WHERE database = %s", [name]
    ).fetchone()
    if slots and slots[0]:
        yield f"{name} has replication slots ({slots[0]}): a rename would leave them behind; drop them first"
    subscribed = session.execute(
        "SELECT count(*) FROM pg_subscription s WHERE s.subdbid::bigint = %s", [target.oid]
    ).fetchone()
    if subscribed and subscribed[0]:
        yield f"{name} subscribes to {subscribed[0]} publications: drop them first"
    marked = session.execute(
        "SELECT substr(c, strpos(c, '=') + 1) FROM pg_db_role_setting, unnest(setconfig) AS c"
        " WHERE setdatabase::bigint = %s AND setrole = 0 AND c LIKE %s",
        [target.oid, f"{MARKER}=%"],
    ).fetchone()
    if marked and marked[0] != environment:
        yield f"{name} is marked as {marked[0]!r} ({MARKER}), not {environment!r}: the plan errs"
    provider = session.execute(
        "SELECT datlocprovider::text FROM pg_database WHERE datname = %s", [name]
    ).fetchone()
    if provider and provider[0] != "c":
        yield f"{name} uses a locale provider other than libc, which this restore cannot make a shadow of yet"


def _against_space(target: TargetFacts, chosen: BackupFacts) -> Iterator[str]:
    needed = DISK_FACTOR * (chosen.database_bytes or UNPACKED_FACTOR * chosen.size_bytes)
    if target.free_bytes is not None and target.free_bytes < needed:
        yield (
            f"the shadow needs about {size_text(int(needed))} beside {target.database}, but"
            f" {size_text(target.free_bytes)} are free"
        )


def _against_manifest(
    session: Session, target: TargetFacts, params: RestoreParams, manifest: Manifest
) -> Iterator[str]:
    """What in the manifest forbids it for this target."""
    if manifest.environment != params.from_environment:
        yield (
            f"the backup is of {manifest.environment!r}, not of {params.from_environment!r}: it lies in the"
            " wrong place"
        )
    if (manifest.system_identifier, manifest.database) == (target.system_identifier, target.database):
        yield f"{target.place} is the very database that the backup was made from"
    if manifest.server_version // 10000 > target.server_version // 10000:
        yield (
            f"the backup is from PostgreSQL {version_text(manifest.server_version)}, the target is"
            f" {version_text(target.server_version)}: a dump cannot go back to an older version"
        )
    row = session.execute(
        "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = %s", [target.database]
    ).fetchone()
    if row and row[0] != manifest.encoding:
        yield f"the backup is in {manifest.encoding}, the target in {row[0]}"
    available = {str(row[0]) for row in session.execute("SELECT name FROM pg_available_extensions")}
    missing = [extension.name for extension in manifest.extensions if extension.name not in available]
    if missing:
        yield f"the server has not the extension {', '.join(missing)}: install it first"
    roles = {str(row[0]) for row in session.execute("SELECT rolname FROM pg_roles")}
    unknown = [role for role in manifest.roles if role not in roles]
    if unknown:
        yield f"the backup grants rights to {', '.join(unknown)}, whom the server does not know: create them"


def _against_production(tools: Toolbox, target: TargetFacts, remarks: list[str]) -> list[str]:
    """Whether the target is production under another name."""
    try:
        production = tools.postgres("production")
        with production.admin() as session:
            found = production.identity(session)
            seen = databases(session).get(production.database)
    except Refused as error:
        remarks.append(f"production's identity could not be compared: {str(error)[:160]}")
        return []
    except Transient:
        remarks.append("production does not answer, so its identity could not be compared with the target's")
        return []
    if seen and (found.system_identifier, seen.oid) == (target.system_identifier, target.oid):
        return [f"{target.place} is production's own database: the plan points staging at it"]
    return []


def _remarks(
    listed: tuple[Backup, ...], backup: Backup, target: TargetFacts, kept: list[str]
) -> Iterator[str]:
    if backup.proof is Proof.CHECKSUM:
        yield (
            f"{backup.id} has a checksum but no manifest: that it is whole can be proven, not that it holds"
            " every row, nor of which environment it is"
        )
    newer = [other.id for other in listed if other.taken_at > backup.taken_at and other.proof is Proof.NONE]
    if newer:
        yield f"newer, but not used: {', '.join(newer[:3])} (neither manifest nor checksum)"
    if backup.remark:
        yield f"{backup.id}: {backup.remark}"
    if target.free_bytes is None:
        yield "free disk space on the server cannot be known from here"
    if target.sessions:
        yield f"these connections are cut at the swap: {'; '.join(target.sessions)}"
    if kept:
        yield f"databases of other restores are beside it: {', '.join(kept[:6])}"
    if target.size_bytes and backup.object.size_bytes * 100 < target.size_bytes:
        yield f"the backup is very small beside the target ({size_text(target.size_bytes)}): the right one?"
