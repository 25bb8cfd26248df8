"""The guards of a restore: asked again before the first step, for minutes may lie behind the approval."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from actions.failures import Refused
from actions.plan import Context, Evidence
from actions.restores.facts import size_text
from actions.restores.objections import against_target
from actions.restores.run import Restore
from actions.restores.survey import read_target
from actions.restores.words import choosing
from actions.restores.writers import check_stopped
from actions.tools.postgres.server import DatabaseSeen, databases
from actions.tools.postgres.shadow import Names


def check_target(restore: Restore, context: Context) -> Evidence:
    """Guard: it is still the database that was shown, and nothing in it forbids replacing it."""
    server = restore.server(context)
    with server.admin(context.run) as session:
        now = read_target(server, session)
        against = list(against_target(session, now, restore.params.environment))
        present = databases(session)
    planned = restore.facts.target
    if (now.oid, now.system_identifier) != (planned.oid, planned.system_identifier):
        raise Refused(f"{planned.database} is not the database that was shown any more: nothing was changed")
    against += _names_taken(present, restore.names(context), planned.oid)
    if against:
        raise Refused(f"{'; '.join(against)}. Nothing was changed.")
    return Evidence(f"{planned.place} was still the one shown", {"system identifier": now.system_identifier})


def check_writers(restore: Restore, context: Context) -> Evidence:
    """Guard: none of the services that write to the target runs."""
    return check_stopped(context, restore.params.environment, restore.facts.writers)


def check_backup(restore: Restore, context: Context) -> Evidence:
    """Guard: the object and its manifest are still those that were shown."""
    backup = restore.facts.backup
    with choosing(restore.params):
        seen = restore.pinned(context)
        restore.manifest(context)
    return Evidence(f"{backup.id} was unchanged ({size_text(seen.size_bytes)})", {"sha256": backup.sha256})


def check_alone(restore: Restore, context: Context) -> Evidence:
    """Guard: no other restore works on the target now."""
    with restore.locked(context):
        return Evidence(f"no other restore into {restore.facts.target.database} was running")


def _names_taken(present: Mapping[str, DatabaseSeen], names: Names, planned_oid: int) -> Iterator[str]:
    """The run's names that another database has: a bot with another memory had a run of this number."""
    for name in (names.old, names.undone):
        if name in present and present[name].oid != planned_oid:
            yield (
                f"{name} is there already, kept by a restore that this bot does not remember. Ask for the"
                " restore again: the next run has a number of its own"
            )
