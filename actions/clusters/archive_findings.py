"""What the state of an archive means: sentence, rows and light."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from actions.amounts import size_text, span_text
from actions.board_values import AGE, AGE_OF, ARCHIVE, MEASURED
from actions.clusters.moment import earliest, said
from actions.plan import Evidence, Light
from actions.tools.clusters.backrest_info import SetSeen, StanzaSeen
from actions.tools.clusters.cluster import Cluster
from actions.tools.clusters.live import LiveSeen
from actions.tools.clusters.rehearsal import read_rehearsed

LATE = 2.0
BACKUP_OLD_S = 26 * 3600.0
BACKUP_TOO_OLD_S = 8 * 86400.0
REHEARSED_OLD_S = 35 * 86400.0


def wal_judged(live: LiveSeen, promised_s: float) -> tuple[str, Light]:
    if live.archive_mode == "off":
        return (
            "archive_mode is off: nothing is archived, and a loss costs everything since the last backup",
            "red",
        )
    since_s = unarchived_s(live)
    lost = f"a loss now would cost {span_text(since_s)} of what was written, promised {span_text(promised_s)}"
    if live.failing and since_s > LATE * promised_s:
        return (
            f"archiving fails since {live.failed_wal} ({live.failures} times), and pg_wal fills: {lost}",
            "red",
        )
    if live.failing:
        return f"archiving of {live.failed_wal} fails: {lost}", "amber"
    if since_s > LATE * promised_s:
        return f"the archive is late: {lost}", "red"
    if not 0 < live.archive_timeout_s <= promised_s:
        own = f"{live.archive_timeout_s:.0f} s" if live.archive_timeout_s else "off"
        return (
            f"archive_timeout is {own}, promised {span_text(promised_s)}: a quiet hour waits too long",
            "amber",
        )
    return lost, "green"


def unarchived_s(live: LiveSeen) -> float:
    """How much of the newest work a loss would cost, in seconds.

    A server switches its WAL file after archive_timeout where anything was written that counts, so of a
    file that does not wait for the archiver no more than that can be unarchived.
    """
    since = live.archived_at or datetime.fromtimestamp(live.started_s, UTC)
    age_s = max(0.0, (live.now - since).total_seconds())
    if live.waiting_files or live.failing or not live.archive_timeout_s:
        return age_s
    return min(age_s, live.archive_timeout_s)


def wal_rows(live: LiveSeen, promised_s: float) -> dict[str, str]:
    when = said(live.archived_at) if live.archived_at else "never"
    return {
        "newest in the archive": f"{live.archived_wal or 'none'}, {when}",
        **({MEASURED: f"{span_text(unarchived_s(live))} unarchived"} if live.archive_mode != "off" else {}),
        AGE: f"{unarchived_s(live):.0f}" if live.archive_mode != "off" else "inf",
        AGE_OF: ARCHIVE,
        "waiting for the archive": f"{live.waiting_files} files",
        "written now": live.current_wal,
        "archive_timeout": f"{live.archive_timeout_s:.0f} s, promised {promised_s:.0f} s",
        "failed": f"{live.failures} times, last {live.failed_wal}" if live.failures else "never",
    }


def backups_judged(sets: tuple[SetSeen, ...]) -> tuple[str, Light]:
    if not sets:
        return "no backup: the archive alone brings nothing back (back-up-cluster kind=full)", "red"
    newest = sets[0]
    age_s = (datetime.now(UTC) - newest.finished_at).total_seconds()
    told = f"the newest backup ({newest.kind} {newest.label}) is {span_text(age_s)} old"
    first = earliest(sets)
    reach = f"any moment since {said(first)} can be had" if first else ""
    light: Light = "red" if age_s > BACKUP_TOO_OLD_S else "amber" if age_s > BACKUP_OLD_S else "green"
    return f"{told}; {reach}", light


def backup_rows(stanza: StanzaSeen, sets: tuple[SetSeen, ...]) -> Iterator[tuple[str, str]]:
    yield "backups", f"{len(sets)} usable of {len(stanza.sets)}"
    yield "repository", size_text(sum(one.stored_bytes for one in stanza.sets)) + " in backups"
    yield "archive", f"{stanza.first_wal or 'nothing'} to {stanza.last_wal or 'nothing'}"
    yield "running", "a backup is made now" if stanza.backup_running else "none"
    for one in sets[:5]:
        yield one.label, f"{one.kind}, {size_text(one.size_bytes)}, finished {said(one.finished_at)}"


def rehearsal(cluster: Cluster) -> Evidence:
    known = read_rehearsed(cluster)
    if known is None:
        return Evidence("a recovery was never rehearsed here (rehearse-to-time)", light="amber")
    age_s = (datetime.now(UTC) - datetime.fromisoformat(known.finished_at)).total_seconds()
    told = f"a recovery was last proven {span_text(age_s)} ago, from {known.label} to {known.data_of}"
    return Evidence(told, light="amber" if age_s > REHEARSED_OLD_S else "green")
