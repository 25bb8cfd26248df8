"""The point in time that is asked for, the window that can be had, and the backup to begin from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from actions.failures import Refused
from actions.tools.clusters.backrest_info import SetSeen, StanzaSeen

AHEAD = timedelta(seconds=1)
EXAMPLE = "2026-11-22T21:55:00Z"


def read_moment(text: str, now: datetime) -> datetime:
    """The time in UTC. Raises Refused where it is none, has no zone, or is still to come."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise Refused(
            f"{text[:40]!r} is no point in time: write it as {EXAMPLE}. Nothing was changed."
        ) from error
    if moment.tzinfo is None:
        raise Refused(
            f"{text[:40]} has no time zone, and an hour off brings back the wrong data: write {text[:40]}Z"
            f" for UTC, or the offset, as in {text[:40]}-03:00. Nothing was changed."
        )
    moment = moment.astimezone(UTC)
    if moment > now:
        raise Refused(
            f"{said(moment)} is still to come (the server's clock says {said(now)}). Nothing was changed."
        )
    return moment


def fitting(stanza: StanzaSeen, timeline: int, lineage: Mapping[int, int]) -> tuple[SetSeen, ...]:
    """The backups of the live cluster's own past, newest first; none that lies on a branch taken back.

    With timeline 0 nothing is known of the live cluster, and every sound backup counts.
    """
    return tuple(
        one
        for one in stanza.sets
        if not one.error and (timeline in (0, one.timeline) or one.stop_lsn <= lineage.get(one.timeline, -1))
    )


def choose(sets: tuple[SetSeen, ...], at: datetime | None, window: str) -> SetSeen:
    """The newest backup that was finished before the moment. Raises Refused naming the window."""
    found = next((one for one in sets if at is None or one.finished_at + AHEAD <= at), None)
    if found is None:
        raise Refused(
            f"{said(at) if at else 'the newest state'} cannot be had: {window}. Nothing was changed."
        )
    return found


def earliest(sets: tuple[SetSeen, ...]) -> datetime | None:
    """The first moment that a backup makes possible."""
    return min((one.finished_at + AHEAD for one in sets), default=None)


def window_text(first: datetime | None, last: datetime | None) -> str:
    """The window as a sentence's end."""
    if first is None:
        return "the stanza holds no sound backup of this cluster: make one (back-up-cluster)"
    if last is None:
        return f"what can be had begins at {said(first)}"
    return f"what can be had is from {said(first)} to {said(last)}"


def said(moment: datetime) -> str:
    """`2026-11-22T21:55:00Z`, with the fraction of a second where it has one."""
    timespec = "milliseconds" if moment.microsecond else "seconds"
    return moment.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")
