"""Walk rows: how far each runbook is that a person began."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from bot.domain.walk import Doing, StepState, Walk, WalkState, WalkStep
from bot.domain.walk_clock import Asking
from bot.store.database import Row, Store, Tx

_NAMES = "id, runbook, title, environment, incident, state, started_by, started_at, ended_at, said, steps"
_SELECT = f"SELECT {_NAMES} FROM walks"  # noqa: S608 - constants
_ACTIVE = "state = 'under way'"


def insert(tx: Tx, walk: Walk, request_key: str = "") -> Walk:
    """Store a new walk; the result carries its number."""
    row = tx.one("SELECT COALESCE(MAX(id), 0) + 1 FROM walks")
    numbered = replace(walk, id=int(row[0]) if row else 1)
    marks = ", ".join("?" * 13)
    tx.run(
        f"INSERT INTO walks ({_NAMES}, run, request_key) VALUES ({marks})",  # noqa: S608 - constants
        (*_values(numbered), request_key),
    )
    return numbered


def save(tx: Tx, walk: Walk) -> None:
    """Write every column of a stored walk."""
    sets = ", ".join(f"{name} = ?" for name in (*_NAMES.split(", ")[1:], "run"))
    tx.run(f"UPDATE walks SET {sets} WHERE id = ?", (*_values(walk)[1:], walk.id))  # noqa: S608 - constants


def find(tx: Tx, walk: int) -> Walk | None:
    """The walk inside a transaction, or None."""
    row = tx.one(f"{_SELECT} WHERE id = ?", (walk,))
    return _walk(row) if row else None


def find_request(tx: Tx, request_key: str) -> Walk | None:
    """The walk that this request already began, or None."""
    row = tx.one(f"{_SELECT} WHERE request_key = ?", (request_key,)) if request_key else None
    return _walk(row) if row else None


def find_active(tx: Tx, runbook: str, environment: str, incident: int | None) -> Walk | None:
    """The same runbook under way already, for the same trouble, or None."""
    for row in tx.all(f"{_SELECT} WHERE {_ACTIVE} AND runbook = ? ORDER BY id", (runbook,)):
        walk = _walk(row)
        if (walk.environment, walk.incident) == (environment, incident):
            return walk
    return None


def find_waiting_for(tx: Tx, run: int) -> Sequence[Walk]:
    """The walks that wait for this run."""
    return [_walk(row) for row in tx.all(f"{_SELECT} WHERE run = ?", (run,))]


def get(store: Store, walk: int) -> Walk | None:
    """The committed walk, or None."""
    rows = store.read(f"{_SELECT} WHERE id = ?", (walk,))
    return _walk(rows[0]) if rows else None


def active(store: Store, limit: int = 200) -> Sequence[Walk]:
    """Every walk that is under way, oldest first."""
    return [_walk(row) for row in store.read(f"{_SELECT} WHERE {_ACTIVE} ORDER BY id LIMIT ?", (limit,))]


def of_incident(store: Store, incident: int, limit: int = 20) -> Sequence[Walk]:
    """The incident's walks, the newest first."""
    rows = store.read(f"{_SELECT} WHERE incident = ? ORDER BY id DESC LIMIT ?", (incident, limit))
    return [_walk(row) for row in rows]


def recent(store: Store, limit: int = 20) -> Sequence[Walk]:
    """The newest walks."""
    return [_walk(row) for row in store.read(f"{_SELECT} ORDER BY id DESC LIMIT ?", (limit,))]


def proposals_of(tx: Tx, walk: int) -> Sequence[int]:
    """Runs that this walk asked for and that nobody has decided on."""
    found = tx.all(
        "SELECT id FROM runs WHERE state = 'proposed' AND request_key LIKE ? ORDER BY id", (f"walk:{walk}:%",)
    )
    return [int(row[0]) for row in found]


_ASKINGS = (
    "SELECT request_key, requested_at, approved_at, started_at, ended_at FROM runs"
    " WHERE request_key LIKE ? ORDER BY id"
)


def askings(store: Store, walk: int) -> Sequence[Asking]:
    """Since when and until when each run of this walk waited for its approval, of every attempt."""
    return [_asking(row) for row in store.read(_ASKINGS, (f"walk:{walk}:%",))]


def find_askings(tx: Tx, walk: int) -> Sequence[Asking]:
    """The same inside a transaction."""
    return [_asking(row) for row in tx.all(_ASKINGS, (f"walk:{walk}:%",))]


def _asking(row: Row) -> Asking:
    key, asked, approved, started, ended = map(str, row)
    return Asking(int(key.split(":")[2]), asked, approved or started or ended)


def left_behind(store: Store) -> Sequence[int]:
    """Walks that were stopped while a proposal of theirs came into being, which still waits."""
    found = store.read(
        "SELECT DISTINCT w.id FROM walks w JOIN runs r ON r.request_key LIKE 'walk:' || w.id || ':%'"
        " WHERE w.state = 'stopped' AND r.state = 'proposed'"
    )
    return [int(row[0]) for row in found]


def _values(walk: Walk) -> tuple[object, ...]:
    return (
        walk.id,
        walk.runbook,
        walk.title,
        walk.environment,
        walk.incident,
        walk.state.value,
        walk.started_by,
        walk.started_at,
        walk.ended_at,
        walk.said,
        json.dumps([{**asdict(step), "state": step.state.value} for step in walk.steps]),
        walk.run or 0,
    )


def _walk(row: Row) -> Walk:
    column = dict(zip(_NAMES.split(", "), row, strict=True))
    return Walk(
        **{
            **column,
            "state": WalkState(column["state"]),
            "steps": tuple(_step(one) for one in json.loads(column["steps"])),
        }
    )


def _step(stored: dict[str, Any]) -> WalkStep:
    return WalkStep(
        **{
            **stored,
            "state": StepState(stored["state"]),
            "does": tuple(Doing(**one) for one in stored["does"]),
            "runs": tuple(stored["runs"]),
        }
    )
