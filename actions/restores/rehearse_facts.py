"""Looking before a rehearsal: a restore's survey without what only replacing a database needs."""

from __future__ import annotations

from actions.backups.choice import Proof, choose, list_backups, read_manifest
from actions.failures import Refused
from actions.restores.doubts import far_fewer_rows
from actions.restores.facts import RestoreFacts, RestoreParams
from actions.restores.objections import against_locale, against_manifest, against_rights, against_space
from actions.restores.remarks import remarks_on
from actions.restores.survey import backup_facts, read_asked, read_target, with_locale
from actions.restores.words import choosing
from actions.tools.postgres.localities import locale_of
from actions.tools.toolbox import Toolbox


def survey(tools: Toolbox, params: RestoreParams) -> RestoreFacts:
    """Look at backup and server. Raises Refused with every reason against it; nothing is changed."""
    server = tools.postgres(params.environment)
    if server.serves_customers:
        raise Refused(
            f"customers are served from {params.environment}: a rehearsal takes disk and processor of its"
            " server. Rehearse where nobody is served. Nothing was changed."
        )
    bucket = tools.backups(params.from_environment)
    listed = list_backups(bucket)
    backup = choose(listed, params.backup)
    with choosing(params, "run rehearse-restore environment={} backup=BACKUP"):
        manifest = read_manifest(bucket, backup) if backup.proof is Proof.MANIFEST else None
        chosen = backup_facts(bucket, backup, manifest)
    with server.admin() as session:
        target = read_target(server, session)
        against = [
            *against_rights(session, target),
            *against_locale(session, target),
            *against_space(target, chosen),
            *(against_manifest(session, target, params, manifest, True) if manifest else ()),
        ]
        chosen = with_locale(chosen, manifest, locale_of(session, target.database))
    if against:
        raise Refused(f"{'; '.join(against)[:1500]}. Nothing was changed.")
    asked = read_asked(tools, params, server)
    remarks = tuple(remarks_on(listed, backup, chosen, None, target, asked, params))
    return RestoreFacts(chosen, target, remarks, (), asked, tuple(far_fewer_rows(bucket, backup, manifest)))


def drift(planned: RestoreFacts, now: RestoreFacts) -> str | None:
    """What moved so that the approved rehearsal is not this one any more."""
    was, new = planned.target, now.target
    if (was.place, was.system_identifier) != (new.place, new.system_identifier):
        return f"another server answers at {was.place} now"
    if planned.backup.id != now.backup.id:
        return f"the newest backup is {now.backup.id} now, it was {planned.backup.id}"
    pins = ("key", "etag", "size_bytes", "sha256", "manifest_sha256")
    if any(getattr(planned.backup, pin) != getattr(now.backup, pin) for pin in pins):
        return f"the backup {planned.backup.id} was overwritten after it was shown"
    if planned.asked != now.asked:
        return "the plan asks other things of what comes back now (defuse, holds or newest)"
    return None
