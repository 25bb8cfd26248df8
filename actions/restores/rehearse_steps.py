"""The steps that only a rehearsal has: its guard, dropping what was loaded, the note beside the backup."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from actions import rehearsal_values as values
from actions.backups.rehearsals import NOT_HELD, REHEARSED, NotHeld, Rehearsed
from actions.failures import Disproved, NotVerified, Refused, Transient
from actions.plan import Context, Evidence
from actions.restores.facts import size_text
from actions.restores.run import Restore
from actions.restores.verify import verify
from actions.tools.postgres.server import databases, size_of
from actions.tools.postgres.shadow import drop_shadow, other_bot

WHY_LIMIT = 1000


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


def prove(restore: Restore, context: Context) -> Evidence:
    """Step: what came back is what was backed up. Where it is not, that is noted beside the backup.

    Only what the backup itself is at fault for is noted, nothing that passes (a full disk, a lost session).
    """
    try:
        return verify(restore, context)
    except NotVerified as error:
        found = error if isinstance(error, Disproved) else error.__cause__
        if not isinstance(found, Disproved):
            raise
        raise NotVerified(f"{error} {_note_not_held(restore, context, str(found))}") from error


def _note_not_held(restore: Restore, context: Context, why: str) -> str:
    """Write it; a sentence on what follows from it, or on why it could not be written."""
    backup, at = restore.facts.backup, datetime.now(UTC).isoformat(timespec="seconds")
    told = NotHeld(context.run, at, why[:WHY_LIMIT], backup.sha256)
    try:
        restore.pinned(context)
        restore.bucket(context).put(backup.key + NOT_HELD, _json(told))
    except (Refused, Transient) as error:
        return f"That could not be noted beside it, so latest may still take it: {error}"
    return f"It is noted beside {backup.id}: latest passes it over until a rehearsal of it holds."


def _json(told: NotHeld | Rehearsed) -> bytes:
    return msgspec.json.format(msgspec.json.encode(told), indent=1)


def drop(restore: Restore, context: Context) -> Evidence:
    """Step: the rehearsal's database and its role. Safe to do twice."""
    names = restore.names(context)
    with restore.locked(context) as session:
        if other := other_bot(session, names):
            return Evidence(f"{names.shadow} is of another bot ({other}) and was left alone")
        seen = databases(session).get(names.shadow)
        size_bytes = size_of(session, seen.oid) if seen else -1
        drop_shadow(session, names)
    if seen is None:
        return Evidence(f"{names.shadow} was not there")
    return Evidence(f"dropped {names.shadow} ({size_text(size_bytes)})", {"dropped": names.shadow})


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
    """Check: the backup is still the one that was proven; that is noted beside it, in place of any doubt."""
    backup, bucket = restore.facts.backup, restore.bucket(context)
    restore.pinned(context)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    rehearsed = Rehearsed(context.run, at, restore.spent_s, backup.rows, backup.sha256)
    try:
        bucket.delete(backup.key + NOT_HELD)
        bucket.put(backup.key + REHEARSED, _json(rehearsed))
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
