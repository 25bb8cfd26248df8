"""The steps that only a rehearsal has: its guard, dropping what was loaded, the note beside the backup."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from actions import rehearsal_values as values
from actions.backup_rehearsals import REHEARSED, Rehearsed
from actions.failures import NotVerified, Refused, Transient
from actions.plan import Context, Evidence
from actions.restore_facts import size_text
from actions.restore_run import Restore
from actions.tools.postgres import databases
from actions.tools.shadow import drop_shadow


def check_room(restore: Restore, context: Context) -> Evidence:
    """Guard: it is still the server that was shown, and the rehearsal's name is free."""
    server, names = restore.server(context), restore.names(context)
    planned = restore.facts.target
    with server.admin(context.run) as session:
        identity = server.identity(session)
        taken = databases(session).get(names.shadow)
    if identity.system_identifier != planned.system_identifier:
        raise Refused(f"another server answers at {planned.place} than the one shown. Nothing was changed.")
    if taken is not None:
        raise Refused(
            f"{names.shadow} is there already, left by a run that this bot does not remember. Look at it, and"
            " ask again: the next run has a number of its own. Nothing was changed."
        )
    return Evidence(
        f"{planned.place} was still on the server shown", {"system identifier": identity.system_identifier}
    )


def drop(restore: Restore, context: Context) -> Evidence:
    """Step: the rehearsal's database and its role. Safe to do twice."""
    names = restore.names(context)
    with restore.locked(context) as session:
        seen = databases(session).get(names.shadow)
        drop_shadow(session, names)
    if seen is None:
        return Evidence(f"{names.shadow} was not there")
    return Evidence(f"dropped {names.shadow} ({size_text(seen.size_bytes)})", {"dropped": names.shadow})


def check_gone(restore: Restore, context: Context) -> Evidence:
    """Check: neither its database nor its role is left."""
    names = restore.names(context)
    with restore.server(context).admin(context.run) as session:
        there = names.shadow in databases(session)
        role = session.execute("SELECT FROM pg_roles WHERE rolname = %s", [names.role]).fetchone()
    if there or role is not None:
        raise NotVerified(f"{names.shadow if there else names.role} is still there: drop it by hand")
    return Evidence(f"nothing of the rehearsal was left on {restore.facts.target.place}")


def note(restore: Restore, context: Context) -> Evidence:
    """Check: the backup is still the one that was proven; that is noted beside it."""
    backup = restore.facts.backup
    restore.pinned(context)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    rehearsed = Rehearsed(context.run, at, restore.spent_s, backup.rows, backup.sha256)
    try:
        restore.bucket(context).put(
            backup.key + REHEARSED, msgspec.json.format(msgspec.json.encode(rehearsed), indent=1)
        )
    except (Refused, Transient) as error:
        return Evidence(
            f"{backup.id} was proven, but that could not be noted beside it, so it does not count as"
            f" verified: {error}",
            {values.BACKUP: backup.id},
        )
    return Evidence(f"{backup.id} was proven, and counts as verified from now on", {values.BACKUP: backup.id})


def take_back_note(restore: Restore, context: Context) -> Evidence:
    """The note, where this very run wrote it."""
    bucket, key = restore.bucket(context), restore.facts.backup.key + REHEARSED
    try:
        found = msgspec.json.decode(bucket.read(key), type=Rehearsed)
    except (Refused, msgspec.MsgspecError):
        return Evidence("no note of this run was there")
    if found.run != context.run:
        return Evidence(f"the note is of RUN-{found.run}, and stays")
    bucket.delete(key)
    return Evidence("the note of this run was taken back")
