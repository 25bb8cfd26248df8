"""Numbers that the lost time may have given away: the next ones begin well after them.

A restore names databases by its run's number (`staging__dr_12`), Slack has a channel of INC-7, and
somebody printed the certificate of DRILL-4: what came new under an old number would meet it.
"""

from __future__ import annotations

from bot.domain.drill import Drill, DrillState
from bot.domain.incident import Incident, IncidentState
from bot.domain.policy import LOOK
from bot.domain.run import PlanText, Run, RunState
from bot.domain.severity import Severity
from bot.domain.walk import Walk, WalkState
from bot.store import drills, incidents, runs, walks
from bot.store.database import Tx

NUMBERS_LEFT_OUT = 1_000
NAME = "self-restore"
TITLE = "drbot's memory brought back"


def leave_gaps(tx: Tx, copied_at: str) -> None:
    """In each numbering one row that is over, a thousand after the newest, and says why."""
    why = (
        f"numbers up to here may have been given after {copied_at}, when the copy was made that drbot's"
        " memory was brought back from"
    )
    _runs(tx, why)
    _walks(tx, why)
    _drills(tx, why)
    _incidents(tx, why)


def _next(tx: Tx, table: str) -> int:
    row = tx.one(f"SELECT COALESCE(MAX(id), 0) FROM {table}")  # noqa: S608 - our own names
    return (int(row[0]) if row else 0) + NUMBERS_LEFT_OUT


def _runs(tx: Tx, why: str) -> None:
    mark = Run(
        id=_next(tx, "runs"),
        action=NAME,
        title=TITLE,
        risk=LOOK,
        target="",
        environment="",
        params={},
        facts={},
        plan=PlanText((), (), (), ()),
        digest="",
        state=RunState.CANCELLED,
        requested_by="drbot",
        requested_at=tx.now,
        expires_at=tx.now,
        ended_at=tx.now,
        outcome=f"no run: {why}",
    )
    runs.insert_as(tx, mark)


def _walks(tx: Tx, why: str) -> None:
    number = _next(tx, "walks")
    said = f"no runbook: {why}"
    mark = Walk(0, NAME, TITLE, "", "drbot", tx.now, (), WalkState.STOPPED, ended_at=tx.now, said=said)
    made = walks.insert(tx, mark)
    tx.run("UPDATE walks SET id = ? WHERE id = ?", (number, made.id))


def _drills(tx: Tx, why: str) -> None:
    number = _next(tx, "drills")
    mark = Drill(0, NAME, TITLE, DrillState.FAILED, "drbot", tx.now, tx.now, said=f"no drill: {why}")
    made = drills.insert(tx, mark)
    tx.run("UPDATE drills SET id = ? WHERE id = ?", (number, made.id))


def _incidents(tx: Tx, why: str) -> None:
    mark = Incident(
        id=_next(tx, "incidents"),
        title=TITLE,
        severity=Severity.SEV4,
        state=IncidentState.RESOLVED,
        component="",
        environment="",
        correlation=NAME,
        opened_at=tx.now,
        impact=f"no incident: {why}",
        resolved_at=tx.now,
        resolved_by="drbot",
        updated_at=tx.now,
    )
    incidents.save(tx, mark, tx.now)
