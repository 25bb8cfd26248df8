"""Looking before a backup: the database, the program, the places, and the last backup. Nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from actions.backups.choice import Backup, Manifest, NotBelieved, read_manifest
from actions.backups.facts import LastBackup, MakeFacts, MakeParams
from actions.backups.publish import proven
from actions.backups.rehearsals import rehearsal_of
from actions.failures import Refused
from actions.restores.facts import age_text, size_text
from actions.tools.aws.s3 import Bucket
from actions.tools.dumps.copies import Keeping
from actions.tools.dumps.folder import free_bytes
from actions.tools.dumps.programs import DumpProgram, pg_dump_program
from actions.tools.postgres.inventory import clock, read_unreadable
from actions.tools.postgres.server import databases, size_of
from actions.tools.toolbox import Toolbox

LOOKED_BACK = 5


def survey(tools: Toolbox, params: MakeParams) -> MakeFacts:
    """Look at the database and the places. Raises Refused with what to mend."""
    server, bucket = tools.postgres(params.environment), tools.backups(params.environment)
    keeping = tools.keeping(params.environment)
    with server.session() as session:
        identity = server.identity(session)
        seen = databases(session).get(server.database)
        size_bytes = size_of(session, seen.oid) if seen else -1
        unreadable = read_unreadable(session)
        surveyed_at = clock(session)
    if seen is None:
        raise Refused(f"there is no database {server.database} on {server.place}; nothing was changed")
    if unreadable:
        raise Refused(
            f"drbot may not read {', '.join(unreadable)}, so a dump would fail: grant {server.user} SELECT on"
            " all of it (pg_read_all_data). Nothing was changed"
        )
    program = pg_dump_program(server, identity.major)
    refuse_holes(program, keeping)
    return MakeFacts(
        place=server.place,
        database=seen.name,
        oid=seen.oid,
        system_identifier=identity.system_identifier,
        server_version=identity.version,
        size_bytes=size_bytes,
        surveyed_at=surveyed_at,
        goes_to=bucket.place,
        kind=keeping.format,
        pg_dump=program.text,
        packing="zstd" if keeping.format == "archive" else "gzip",
        copies=tuple(copy.name for copy in keeping.copies),
        last=last_good(bucket),
        remarks=tuple(_remarks(keeping, size_bytes)),
    )


def refuse_holes(program: DumpProgram, keeping: Keeping) -> None:
    """Raise Refused for a plain dump by a pg_dump whose dumps can run commands when they are loaded."""
    if keeping.format == "plain" and program.has_known_holes:
        raise Refused(
            f"pg_dump {program.text} has known holes (CVE-2025-8714, CVE-2026-18408): a plain dump of it can"
            " run commands where it is loaded. Update postgresql-client, or let the plan say"
            " `format: archive`. Nothing was changed"
        )


def last_good(bucket: Bucket, before: Backup | None = None, beside: Manifest | None = None) -> LastBackup:
    """The newest backup without a doubt, or whose doubt a rehearsal took away; looks at the newest five.

    One that a rehearsal disproved is no measure. With `before`, of those older than it. With `beside` its
    rows are counted as that manifest counts them.
    """
    older = [
        one
        for one in proven(bucket)
        if before is None or (one.taken_at < before.taken_at and one.id != before.id)
    ]
    for backup in [one for one in older if not one.disproved][:LOOKED_BACK]:
        try:
            manifest = read_manifest(bucket, backup)
        except NotBelieved:
            continue  # it is told by whoever looks at backups; here another one will do
        if manifest.remark and rehearsal_of(bucket, backup) is None:
            continue
        age = age_text((datetime.now(UTC) - datetime.fromisoformat(manifest.started_at)).total_seconds())
        rows = beside.rows_beside(manifest) if beside else manifest.content.rows
        return LastBackup(backup.id, age, rows, manifest.size_bytes, manifest.kind)
    return LastBackup()


def _remarks(keeping: Keeping, database_bytes: int) -> Iterator[str]:
    for copy in keeping.copies:
        free = free_bytes(copy.directory) if copy.directory else None
        if free is not None and free < database_bytes:
            room = f"only {size_text(free)} are free"
            yield f"{copy.name}: {room}, the database has {size_text(database_bytes)}"
