"""Looking before a restore: the backup, the target, and everything that speaks against it, told together."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

from actions.backups.choice import (
    MANIFEST,
    Backup,
    Manifest,
    Proof,
    choose,
    list_backups,
    read_checksum,
    read_manifest,
)
from actions.failures import Refused
from actions.restores.doubts import doubts, of_another_system
from actions.restores.facts import (
    Asked,
    BackupFacts,
    RestoreFacts,
    RestoreParams,
    TargetFacts,
    age_text,
)
from actions.restores.objections import against_manifest, against_production, against_space, against_target
from actions.restores.owner import against_powers, owner_of, remarks_on_powers
from actions.restores.remarks import remarks_on, remarks_on_rights
from actions.restores.service import seen_service
from actions.restores.words import choosing
from actions.restores.writers import Writers, against_doubt, customers_remarks, stopped_writers
from actions.tools.aws.s3 import Bucket
from actions.tools.postgres.localities import locale_of
from actions.tools.postgres.readiness import free_bytes
from actions.tools.postgres.server import Postgres, Session, databases, size_of
from actions.tools.toolbox import Toolbox

ARCHIVED = {"GLACIER": "3 to 5 hours (minutes, expedited)", "DEEP_ARCHIVE": "12 to 48 hours"}


def survey(tools: Toolbox, params: RestoreParams) -> RestoreFacts:
    """Look at backup and target. Raises Refused with every reason against it; nothing is changed."""
    server = tools.postgres(params.environment)
    customers = server.serves_customers
    writers = stopped_writers(tools, params) if customers else Writers()
    bucket = tools.backups(params.from_environment)
    listed = list_backups(bucket)
    backup = choose(listed, params.backup)
    with choosing(params):
        manifest = read_manifest(bucket, backup) if backup.proof is Proof.MANIFEST else None
        chosen = backup_facts(bucket, backup, manifest)
    with server.admin() as session:
        target = read_target(server, session)
        against = [
            *against_target(session, target, params.environment),
            *against_space(target, chosen),
            *(against_manifest(session, target, params, manifest, customers) if manifest else ()),
        ]
        owner = owner_of(session, target)
        kept = [name for name in databases(session) if name.startswith((f"{target.database}__",))]
        chosen = with_locale(chosen, manifest, locale_of(session, target.database))
    asked = read_asked(tools, params, server)
    remarks = list(remarks_on(listed, backup, chosen, kept, target, asked, params))
    remarks += remarks_on_rights(server, target, params)
    remarks += remarks_on_powers(owner, target, params, manifest)
    objections = [*doubts(bucket, backup, manifest), *against_powers(owner, target, params, manifest)]
    if customers:
        against += against_doubt(writers, target)
        remarks += customers_remarks(writers, target, manifest)
        objections += of_another_system(target, manifest)
    else:
        against += against_production(tools, target, remarks)
    if against:
        raise Refused(f"{'; '.join(against)[:1500]}. Nothing was changed.")
    service = seen_service(server)
    return RestoreFacts(chosen, target, tuple(remarks), writers.services, asked, tuple(objections), service)


def read_asked(tools: Toolbox, params: RestoreParams, server: Postgres) -> Asked:
    """What the plan wants of what comes back; a copy of another environment is made harmless."""
    original = tools.original(params.from_environment)
    return Asked(
        defuse=original.defuse if params.from_environment != params.environment else (),
        holds=tuple(server.holds.items()),
        newest=server.newest or original.newest,
    )


def with_locale(chosen: BackupFacts, manifest: Manifest | None, own: tuple[str, str]) -> BackupFacts:
    """The backup's locale where it is not the target's."""
    if manifest is None or (manifest.collation, manifest.ctype) == own:
        return chosen
    return replace(chosen, collation=manifest.collation, ctype=manifest.ctype)


def backup_facts(bucket: Bucket, backup: Backup, manifest: Manifest | None) -> BackupFacts:
    """The chosen backup, pinned as S3 has it now. Raises Refused where it lies in an archive."""
    seen = bucket.head(backup.object.key)
    if seen.storage_class in ARCHIVED:
        raise Refused(
            f"{backup.id} is in S3's archive ({seen.storage_class}): it must be brought back from there"
            f" first, which takes {ARCHIVED[seen.storage_class]}"
        )
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
        kind=backup.kind,
    )
    if manifest is None:
        return plain
    return replace(
        plain,
        manifest_sha256=hashlib.sha256(bucket.read(seen.key + MANIFEST)).hexdigest(),
        database=manifest.database,
        server_version=manifest.server_version,
        database_bytes=manifest.database_bytes,
        unpacked_bytes=manifest.unpacked_bytes,
        tables=len(manifest.content.tables),
        rows=manifest.content.rows,
        newest=max(manifest.newest.values(), key=datetime.fromisoformat, default=""),
    )


def read_target(server: Postgres, session: Session) -> TargetFacts:
    """The target as it is. Raises Refused where it is not there."""
    identity = server.identity(session)
    seen = databases(session).get(server.database)
    if seen is None:
        raise Refused(
            f"there is no database {server.database} on {server.place}: create it first, empty:"
            f' CREATE DATABASE "{server.database}" OWNER …'
        )
    size_bytes = size_of(session, seen.oid)
    if size_bytes < 0:
        raise Refused(
            f"drbot's role may not know how large {server.database} is, so not whether it is empty: grant it"
            " CONNECT on that database, or pg_read_all_stats. Nothing was changed"
        )
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
        size_bytes=size_bytes,
        free_bytes=free_bytes(server, session),
        sessions=tuple(f"{row[0]} ({str(row[1])[:40]}): {row[2]}" for row in rows),
        smoke_tables=server.smoke_tables,
    )
