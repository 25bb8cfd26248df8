"""The watchdog: a line that was told late, or is not told at all, is an alarm of drbot's own."""

from __future__ import annotations

from collections.abc import Sequence

from bot.alarms import ONCE, Alarm, Alarms
from bot.drills.words import span
from bot.escalation.steady import Beat
from bot.escalation.telling import LATE_S
from bot.store.database import Row, Store, Tx, from_iso

PAGE_LATE = "DrbotPageLate"
LISTED = 200
SHOWN = 5
_SELECT = "SELECT incident, round, step, tell, due_at, told_at FROM tells WHERE"
_FIRST = f"ORDER BY incident, round, step LIMIT {LISTED}"
_TOLD_LATE = f"{_SELECT} late = 'late' {_FIRST}"
_WAITING = (
    f"{_SELECT} told_at = '' AND due_ms < ? AND incident IN"  # noqa: S608 - constants
    f" (SELECT incident FROM clocks WHERE stopped_at = '' AND boot = ?) {_FIRST}"
)


class Lateness:
    """Says each late line once, those of one look together. Raises StoreDown; safe to repeat."""

    def __init__(self, store: Store, alarms: Alarms) -> None:
        self._store = store
        self._alarms = alarms
        self._overdue: set[tuple[int, int, int]] = set()

    def turn(self, beat: Beat) -> None:
        """What was told late since the last look; and what is late and still not told."""
        told = self._store.read(_TOLD_LATE)
        if told:
            self._alarms.raise_alarm(_alarm(told))
            self._store.write(lambda tx: _alarmed(tx, told))
        waiting = self._store.read(_WAITING, (beat.ms - round(LATE_S * 1000), beat.boot))
        news = [row for row in waiting if row[:3] not in self._overdue]
        if news:
            self._alarms.raise_alarm(_alarm(news))
        self._overdue = {(row[0], row[1], row[2]) for row in waiting}


def _alarmed(tx: Tx, told: Sequence[Row]) -> None:
    tx.many(
        "UPDATE tells SET late = 'alarmed' WHERE incident = ? AND round = ? AND step = ?",
        [row[:3] for row in told],
    )


def _alarm(late: Sequence[Row]) -> Alarm:
    """One for all of them: a bot that was down for an hour is one trouble, however many it kept waiting."""
    incident, number, step, *_ = late[0]
    lines = "; ".join(_line(row) for row in late[:SHOWN])
    more = f"; and {len(late) - SHOWN} more" if len(late) > SHOWN else ""
    count = "A page was late" if len(late) == 1 else f"{len(late)} pages were late"
    return Alarm(
        PAGE_LATE,
        f"INC-{incident}/{number}/{step}",
        f"{count}: {lines}{more}",
        "People were told later than the plan promises, or are not told yet: drbot was down, its store was"
        " away, or it stood still. Look at `status`, and make sure that each of them knows by now.",
        again=ONCE,
    )


def _line(row: Row) -> str:
    incident, _, _, tell, due_at, told_at = row
    due = f"{tell} for INC-{incident}, due {due_at[11:16]} UTC"
    if not told_at:
        return f"{due}, is not told yet"
    return f"{due}, by {span(max(0.0, (from_iso(told_at) - from_iso(due_at)).total_seconds()))}"
