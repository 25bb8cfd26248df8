"""Rows of the plan's schedules: the moment that each answered last, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bot.domain.schedule import schedule_id
from bot.store.database import Row, Store, Tx

Outcome: TypeAlias = Literal["", "seen", "held", "missed", "refused", "done", "failed"]
_SELECT = "SELECT name, due_at, run, drill, said, outcome, attempt FROM schedules"


@dataclass(frozen=True)
class Answer:
    """What one schedule did last.

    `due_at` (ISO 8601 UTC, '' while nothing was due) is the moment that was answered. `outcome` says what
    came of it where neither `run` nor `drill` does: `seen` (noted when drbot first saw the schedule),
    `held` (a rule holds it back: it is tried again), `missed`, `refused`, `done`, `failed`. `attempt`
    counts the runs that were asked for in the name of this moment.
    """

    name: str
    due_at: str
    run: int | None = None
    drill: int | None = None
    said: str = ""
    outcome: Outcome = ""
    attempt: int = 1


def all_answers(store: Store) -> Mapping[str, Answer]:
    """Every schedule that was ever seen, by name."""
    return {row[0]: _answer(row) for row in store.read(f"{_SELECT} ORDER BY name")}


def find(tx: Tx, name: str) -> Answer | None:
    """What the schedule did last, inside a transaction, or None."""
    row = tx.one(f"{_SELECT} WHERE name = ?", (name,))
    return _answer(row) if row else None


def save(tx: Tx, answer: Answer) -> None:
    """Keep it. Safe to do twice."""
    tx.run(
        "INSERT INTO schedules (name, due_at, run, drill, said, outcome, attempt)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET due_at = excluded.due_at,"
        " run = excluded.run, drill = excluded.drill, said = excluded.said, outcome = excluded.outcome,"
        " attempt = excluded.attempt",
        (
            answer.name,
            answer.due_at,
            answer.run,
            answer.drill,
            answer.said,
            answer.outcome,
            answer.attempt,
        ),
    )


def newest_verified(store: Store, name: str, action: str) -> str:
    """When the newest run of this action that the schedule asked for ended verified, or ''."""
    rows = store.read(
        "SELECT ended_at FROM runs WHERE action = ? AND requested_by = ? AND undo_of IS NULL"
        " AND (state = 'verified' OR undone_by IS NOT NULL) ORDER BY id DESC LIMIT 1",
        (action, schedule_id(name)),
    )
    return str(rows[0][0]) if rows else ""


def newest_passed(store: Store, name: str, drill: str) -> str:
    """When the newest drill of this name that the schedule began ended passed, or ''."""
    rows = store.read(
        "SELECT ended_at FROM drills WHERE name = ? AND started_by = ? AND state = 'passed'"
        " ORDER BY id DESC LIMIT 1",
        (drill, schedule_id(name)),
    )
    return str(rows[0][0]) if rows else ""


def _answer(row: Row) -> Answer:
    return Answer(*row)
