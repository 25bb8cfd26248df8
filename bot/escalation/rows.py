"""Response clocks and the lines that they tell, as rows. A clock that stops takes its untold lines along."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.incident import Incident
from bot.domain.response import Step, Via
from bot.domain.response_clock import ResponseClock
from bot.domain.severity import Severity
from bot.escalation.steady import Beat
from bot.store.database import Read, Row, Tx, from_iso, iso

BELL = "clocks"
TOLD, VACANT = "told", "vacant"
_CLOCK = (
    "SELECT incident, round, severity, started_at, began_at, due_at, stopped_at, reason, outcome,"
    " held FROM clocks WHERE incident = ?"
)


@dataclass(frozen=True)
class Tell:
    """One line of a round. `told_at` is empty before; `said` is the sentence that it was told with.

    `outcome` is empty before, too: VACANT where its moment came and it reached nobody.
    """

    step: Step
    due_at: str
    told_at: str = ""
    said: str = ""
    outcome: str = ""


def clock_of(read: Read, incident: int) -> ResponseClock | None:
    """The incident's clock as it stands, or None. `read` is `Store.read` or `Tx.all`."""
    rows = read(_CLOCK, (incident,))
    if not rows:
        return None
    number, count, severity, *texts = rows[0]
    return ResponseClock(int(number), int(count), Severity(severity), *map(str, texts))


def tells_of(read: Read, incident: int, count: int) -> tuple[Tell, ...]:
    """The lines of one round, told and untold, in the order in which they fall due."""
    rows = read(
        "SELECT step, tell, ways, roles, after_ms, due_at, told_at, said, outcome FROM tells"
        " WHERE incident = ? AND round = ? ORDER BY after_ms, step",
        (incident, count),
    )
    return tuple(_tell(row) for row in rows)


def begin(
    tx: Tx, clock: ResponseClock, response_s: float, beat: Beat, tells: Sequence[Tell], anew: bool
) -> None:
    """The round as it is said, in place of the one before (`anew`: there was one). Rings `clocks`."""
    tx.run(
        "INSERT INTO clocks (incident, round, severity, started_at, began_at, due_at, response_ms, boot,"
        " start_ms, stopped_at, reason, outcome, held) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (incident) DO UPDATE SET round = excluded.round, severity = excluded.severity,"
        " started_at = excluded.started_at, began_at = excluded.began_at, due_at = excluded.due_at,"
        " response_ms = excluded.response_ms, boot = excluded.boot, start_ms = excluded.start_ms,"
        " stopped_at = excluded.stopped_at, reason = excluded.reason, outcome = excluded.outcome,"
        " held = excluded.held",
        (
            clock.incident,
            clock.round,
            clock.severity.value,
            clock.started_at,
            clock.began_at,
            clock.due_at,
            milliseconds(response_s),
            beat.boot,
            beat.ms,
            clock.stopped_at,
            clock.reason,
            clock.outcome,
            clock.held,
        ),
    )
    if anew:
        tx.run("DELETE FROM tells WHERE incident = ? AND told_at = ''", (clock.incident,))
    if tells:
        tx.many(
            "INSERT INTO tells (incident, round, step, tell, ways, roles, after_ms, due_at, due_ms, told_at,"
            " outcome, late, said) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?)",
            [_row(clock, beat, one) for one in tells],
        )
        tx.ring(BELL)


def stop(tx: Tx, incident: Incident, outcome: str) -> None:
    """It ends now, at the severity that the incident has, and tells nobody any more."""
    tx.run(
        "UPDATE clocks SET stopped_at = ?, outcome = ?, severity = ? WHERE incident = ?",
        (tx.now, outcome, incident.severity.value, incident.id),
    )
    tx.run("DELETE FROM tells WHERE incident = ? AND told_at = ''", (incident.id,))


def remember_severity(tx: Tx, incident: int, severity: Severity) -> None:
    """What a change is measured from the next time."""
    tx.run("UPDATE clocks SET severity = ? WHERE incident = ?", (severity.value, incident))


def let_go(tx: Tx, incident: int) -> bool:
    """Whether a clock runs that whoever acknowledged before did not answer; then anybody may answer it."""
    return tx.run("UPDATE clocks SET held = '' WHERE incident = ? AND stopped_at = ''", (incident,)) == 1


def later(moment: str, seconds: float) -> str:
    """So many seconds after an ISO moment, as ISO."""
    return iso(from_iso(moment) + timedelta(seconds=seconds))


def milliseconds(seconds: float) -> int:
    """Whole milliseconds, as rows keep them."""
    return round(seconds * 1000)


def _row(clock: ResponseClock, beat: Beat, tell: Tell) -> tuple[object, ...]:
    step, after_ms = tell.step, milliseconds(tell.step.after_s)
    return (
        clock.incident,
        clock.round,
        step.number,
        step.tell,
        json.dumps([way.value for way in step.ways]),
        json.dumps(list(step.roles)),
        after_ms,
        tell.due_at,
        beat.ms + after_ms,
        tell.told_at,
        tell.outcome,
        tell.said,
    )


def _tell(row: Row) -> Tell:
    number, tell, ways, roles, after_ms, *texts = row
    return Tell(step_of(number, tell, ways, roles, after_ms), *map(str, texts))


def step_of(number: int, tell: str, ways: str, roles: str, after_ms: int) -> Step:
    """A step from its columns."""
    read_ways = tuple(Via(way) for way in json.loads(ways))
    return Step(int(number), tell, read_ways, tuple(json.loads(roles)), int(after_ms) / 1000)
