"""What is due, on the clock that never jumps; and running clocks, kept true where the wall clock jumped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.response import Step
from bot.escalation.rows import later, step_of
from bot.escalation.steady import Beat
from bot.store.database import Row, Store, Tx, from_iso, iso

A_JUMP_MS = 60_000
"""A wall clock that is further off than this was set; what NTP slews is less."""
AT_ONCE = 50
PAGE = 500
_DUE = (
    "SELECT t.incident, t.round, t.step, t.tell, t.ways, t.roles, t.after_ms, t.due_at, t.due_ms, c.start_ms,"
    " c.severity FROM tells t JOIN clocks c ON c.incident = t.incident AND c.round = t.round"
)


@dataclass(frozen=True)
class Due:
    """A line whose moment has come. `due_ms` and `start_ms` are moments of this machine's steady clock."""

    incident: int
    round: int
    step: Step
    due_at: str
    due_ms: int
    start_ms: int


def due(store: Store, beat: Beat, limit: int = AT_ONCE) -> Sequence[Due]:
    """What is to be told now: the worst first, then what has waited longest."""
    rows = store.read(
        f"{_DUE} WHERE t.told_at = '' AND t.due_ms <= ? AND c.boot = ? AND c.stopped_at = ''"
        " ORDER BY c.severity, t.due_ms, t.incident, t.step LIMIT ?",
        (beat.ms, beat.boot, limit),
    )
    return [_due(row) for row in rows]


def overdue(store: Store, beat: Beat) -> frozenset[tuple[int, int]]:
    """Incident and round of the answers that are not there though their time is over, at most 500."""
    rows = store.read(
        "SELECT incident, round FROM clocks"
        " WHERE stopped_at = '' AND boot = ? AND start_ms + response_ms <= ? ORDER BY incident DESC LIMIT ?",
        (beat.boot, beat.ms, PAGE),
    )
    return frozenset((int(incident), int(count)) for incident, count in rows)


def still_due(tx: Tx, one: Due, now_ms: int) -> Due | None:
    """The same inside the transaction that tells it; None where it was told, stopped or put off meanwhile."""
    row = tx.one(
        f"{_DUE} WHERE t.incident = ? AND t.round = ? AND t.step = ? AND t.told_at = ''"
        " AND c.stopped_at = ''",
        (one.incident, one.round, one.step.number),
    )
    found = _due(row) if row else None
    return found if found is not None and found.due_ms <= now_ms else None


def take_over(store: Store, wall: datetime, beat: Beat, lived_ms: int | None) -> int:
    """Count on this machine's steady clock what another one (or none) counted; how many clocks.

    Only the wall clock knows how long they ran, and it is believed only so far: never less than nothing, and
    not more than `lived_ms`, the time since this process last looked and found none of them (None: never).
    So a wall clock that went back puts nothing off for longer than the plan's own time.
    """

    def work(tx: Tx) -> int:
        found = tx.all(
            "SELECT incident, began_at FROM clocks WHERE stopped_at = '' AND boot <> ? ORDER BY incident"
            " LIMIT ?",
            (beat.boot, PAGE),
        )
        for incident, began_at in found:
            ran_ms = max(0, round((wall - from_iso(began_at)).total_seconds() * 1000))
            start_ms = beat.ms - (ran_ms if lived_ms is None else min(ran_ms, lived_ms))
            tx.run(
                "UPDATE clocks SET boot = ?, start_ms = ? WHERE incident = ?", (beat.boot, start_ms, incident)
            )
            tx.run(
                "UPDATE tells SET due_ms = ? + after_ms WHERE incident = ? AND told_at = ''",
                (start_ms, incident),
            )
        return len(found)

    foreign = "SELECT 1 FROM clocks WHERE stopped_at = '' AND boot <> ? LIMIT 1"
    taken = 0
    while store.read(foreign, (beat.boot,)):
        taken += store.write(work)
    return taken


def set_right(tx: Tx, wall: datetime, beat: Beat, beyond: int) -> tuple[Sequence[int], int]:
    """Say by the wall clock as it stands now when running clocks are due; whose moments that moved.

    Looks at 500 behind incident `beyond`; the second number is where to go on, 0 at the end.
    """
    rows = tx.all(
        "SELECT incident, began_at, response_ms, start_ms FROM clocks WHERE stopped_at = '' AND boot = ?"
        " AND incident > ? ORDER BY incident LIMIT ?",
        (beat.boot, beyond, PAGE),
    )
    moved = [row[0] for row in rows if _set_right(tx, wall, beat, row)]
    return moved, int(rows[-1][0]) if len(rows) == PAGE else 0


def pull(tx: Tx, one: Due, next_step: int, now_ms: int) -> None:
    """The next line is told now: the one before it reached nobody."""
    tx.run(
        "UPDATE tells SET after_ms = ?, due_ms = ?, due_at = ?"
        " WHERE incident = ? AND round = ? AND step = ? AND told_at = '' AND due_ms > ?",
        (now_ms - one.start_ms, now_ms, tx.now, one.incident, one.round, next_step, now_ms),
    )


def mark_told(tx: Tx, one: Due, outcome: str, late: bool, said: str) -> None:
    """(incident, round, step) is told: whoever looks now finds it no longer due."""
    tx.run(
        "UPDATE tells SET told_at = ?, outcome = ?, late = ?, said = ?"
        " WHERE incident = ? AND round = ? AND step = ? AND told_at = ''",
        (tx.now, outcome, "late" if late else "", said, one.incident, one.round, one.step.number),
    )


def _set_right(tx: Tx, wall: datetime, beat: Beat, row: Row) -> bool:
    incident, began_at, response_ms, start_ms = row
    began = wall - timedelta(milliseconds=beat.ms - start_ms)
    if abs((began - from_iso(began_at)).total_seconds()) * 1000 <= A_JUMP_MS:
        return False
    tx.run(
        "UPDATE clocks SET began_at = ?, due_at = ? WHERE incident = ?",
        (iso(began), later(iso(began), response_ms / 1000), incident),
    )
    waiting = tx.all(
        "SELECT round, step, after_ms FROM tells WHERE incident = ? AND told_at = ''", (incident,)
    )
    tx.many(
        "UPDATE tells SET due_at = ? WHERE incident = ? AND round = ? AND step = ?",
        [(later(iso(began), after / 1000), incident, number, step) for number, step, after in waiting],
    )
    return True


def _due(row: Row) -> Due:
    incident, number, step, tell, ways, roles, after_ms, due_at, due_ms, start_ms, _ = row
    return Due(
        incident, number, step_of(step, tell, ways, roles, after_ms), due_at, int(due_ms), int(start_ms)
    )
