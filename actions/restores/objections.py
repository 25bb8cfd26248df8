"""What speaks against a restore: in the target, its disk, the manifest, and in what production is."""

from __future__ import annotations

from collections.abc import Iterator

from actions.backups.choice import Manifest
from actions.failures import Refused, Transient
from actions.restores.facts import (
    UNPACKED_FACTOR,
    BackupFacts,
    RestoreParams,
    TargetFacts,
    size_text,
    version_text,
)
from actions.tools.dumps.spool import against_spool
from actions.tools.postgres.localities import knows_locale, older_extensions
from actions.tools.postgres.server import Session, databases
from actions.tools.postgres.shadow import Names
from actions.tools.toolbox import Toolbox

DISK_FACTOR = 1.3
MARKER = "drbot.environment"
NO_RIGHT = """
    SELECT CASE WHEN rolsuper THEN '' ELSE concat_ws(', ',
        CASE WHEN NOT rolcreatedb THEN 'CREATEDB' END, CASE WHEN NOT rolcreaterole THEN 'CREATEROLE' END,
        CASE WHEN NOT pg_has_role(oid, 'pg_signal_backend', 'MEMBER') THEN 'pg_signal_backend' END,
        CASE WHEN NOT pg_has_role(oid, %s::name, 'MEMBER') THEN 'membership in ' || %s END) END
    FROM pg_roles WHERE rolname = current_user
"""


def against_target(session: Session, target: TargetFacts, environment: str) -> Iterator[str]:
    """What in the target itself forbids replacing it."""
    name = target.database
    yield from against_rights(session, target)
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
    yield from against_locale(session, target)


def against_rights(session: Session, target: TargetFacts) -> Iterator[str]:
    """What drbot's role may not do, and a name that leaves no room for a run's number."""
    Names(target.database, 10**9)
    lacking = session.execute(NO_RIGHT.encode(), [target.owner, target.owner]).fetchone()
    if lacking and lacking[0]:
        yield f"drbot's role lacks what a restore needs: {lacking[0]}"


def against_locale(session: Session, target: TargetFacts) -> Iterator[str]:
    """A way of sorting that no shadow can be made with yet."""
    name = target.database
    provider = session.execute(
        "SELECT datlocprovider::text FROM pg_database WHERE datname = %s", [name]
    ).fetchone()
    if provider and provider[0] != "c":
        yield f"{name} uses a locale provider other than libc, which this restore cannot make a shadow of yet"


def against_space(target: TargetFacts, chosen: BackupFacts) -> Iterator[str]:
    """What the server's disk and ours are short of."""
    needed = DISK_FACTOR * (chosen.database_bytes or UNPACKED_FACTOR * chosen.size_bytes)
    if target.free_bytes is not None and target.free_bytes < needed:
        yield (
            f"the shadow needs about {size_text(int(needed))} beside {target.database}, but"
            f" {size_text(target.free_bytes)} are free"
        )
    if chosen.kind == "archive":
        yield from against_spool(chosen.unpacked_bytes or chosen.size_bytes)


def against_manifest(
    session: Session, target: TargetFacts, params: RestoreParams, manifest: Manifest, customers: bool
) -> Iterator[str]:
    """What in the manifest forbids it for this target. Where customers are served its own backup is right."""
    if manifest.environment != params.from_environment:
        yield (
            f"the backup is of {manifest.environment!r}, not of {params.from_environment!r}: it lies in the"
            " wrong place"
        )
    same = (manifest.system_identifier, manifest.database) == (target.system_identifier, target.database)
    if same and not customers:
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
    if not knows_locale(session, target.database, manifest.collation, manifest.ctype):
        yield (
            f"the backup sorts by {manifest.collation} ({manifest.ctype}), which the server does not know:"
            " install that locale there, for text would be sorted and indexed otherwise"
        )
    yield from older_extensions(session, {one.name: one.version for one in manifest.extensions})
    roles = {str(row[0]) for row in session.execute("SELECT rolname FROM pg_roles")}
    unknown = [role for role in manifest.roles if role not in roles]
    if unknown:
        yield f"the backup grants rights to {', '.join(unknown)}, whom the server does not know: create them"


def against_production(tools: Toolbox, target: TargetFacts, remarks: list[str]) -> list[str]:
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
