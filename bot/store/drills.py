"""Drill rows: each time that a drill of the plan was held, with its certificate once it has ended."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from bot.domain.drill import Drill, DrillPart, DrillState, PartState
from bot.domain.walk import Doing
from bot.store.database import Row, Store, Tx

_NAMES = "id, name, title, state, started_by, started_at, ended_at, parts, rto_s, rpo_s, said, certificate"
_SELECT = f"SELECT {_NAMES} FROM drills"  # noqa: S608 - constants
_ACTIVE = "state = 'under way'"
_ASKED_BY_DRILL = re.compile(r"drill:([0-9]{1,9}):[0-9]{1,4}(?:\.[0-9])?")


def insert(tx: Tx, drill: Drill, request_key: str = "") -> Drill:
    """Store a new drill; the result carries its number."""
    row = tx.one("SELECT COALESCE(MAX(id), 0) + 1 FROM drills")
    numbered = replace(drill, id=int(row[0]) if row else 1)
    marks = ", ".join("?" * 13)
    tx.run(
        f"INSERT INTO drills ({_NAMES}, request_key) VALUES ({marks})",  # noqa: S608 - constants
        (*_values(numbered), request_key),
    )
    return numbered


def save(tx: Tx, drill: Drill) -> None:
    """Write every column of a stored drill."""
    sets = ", ".join(f"{name} = ?" for name in _NAMES.split(", ")[1:])
    tx.run(f"UPDATE drills SET {sets} WHERE id = ?", (*_values(drill)[1:], drill.id))  # noqa: S608 - constants


def find(tx: Tx, drill: int) -> Drill | None:
    """The drill inside a transaction, or None."""
    row = tx.one(f"{_SELECT} WHERE id = ?", (drill,))
    return _drill(row) if row else None


def find_request(tx: Tx, request_key: str) -> Drill | None:
    """The drill that this request already began, or None."""
    row = tx.one(f"{_SELECT} WHERE request_key = ?", (request_key,)) if request_key else None
    return _drill(row) if row else None


def find_active(tx: Tx, name: str) -> Drill | None:
    """The drill of this name that is under way, or None."""
    row = tx.one(f"{_SELECT} WHERE {_ACTIVE} AND name = ? ORDER BY id", (name,))
    return _drill(row) if row else None


def find_of_run(tx: Tx, run: int) -> Drill | None:
    """The drill that asked for this run, or None: the run's request says so from its first moment."""
    row = tx.one("SELECT request_key FROM runs WHERE id = ?", (run,))
    asked = _ASKED_BY_DRILL.fullmatch(str(row[0])) if row else None
    return find(tx, int(asked[1])) if asked else None


def get(store: Store, drill: int) -> Drill | None:
    """The committed drill, or None."""
    return _first(store.read(f"{_SELECT} WHERE id = ?", (drill,)))


def of_request(store: Store, request_key: str) -> Drill | None:
    """The committed drill that this request already began, or None."""
    found = store.read(f"{_SELECT} WHERE request_key = ?", (request_key,)) if request_key else []
    return _first(found)


def newest(store: Store, name: str) -> Drill | None:
    """The newest one of this name, under way or ended, or None."""
    return _first(store.read(f"{_SELECT} WHERE name = ? ORDER BY id DESC LIMIT 1", (name,)))


def newest_passed(store: Store, name: str) -> Drill | None:
    """The newest one of this name that passed, or None: from it the next one is reckoned."""
    found = store.read(f"{_SELECT} WHERE name = ? AND state = 'passed' ORDER BY id DESC LIMIT 1", (name,))
    return _first(found)


def active(store: Store, limit: int = 200) -> Sequence[Drill]:
    """Every drill that is under way, oldest first."""
    return [_drill(row) for row in store.read(f"{_SELECT} WHERE {_ACTIVE} ORDER BY id LIMIT ?", (limit,))]


def recent(store: Store, name: str = "", limit: int = 20) -> Sequence[Drill]:
    """The newest drills, of one name or of all."""
    where, given = ("WHERE name = ?", (name,)) if name else ("", ())
    rows = store.read(f"{_SELECT} {where} ORDER BY id DESC LIMIT ?", (*given, limit))
    return [_drill(row) for row in rows]


def _first(rows: Sequence[Row]) -> Drill | None:
    return _drill(rows[0]) if rows else None


def _values(drill: Drill) -> tuple[object, ...]:
    return (
        drill.id,
        drill.name,
        drill.title,
        drill.state.value,
        drill.started_by,
        drill.started_at,
        drill.ended_at,
        json.dumps([{**asdict(part), "state": part.state.value} for part in drill.parts]),
        drill.rto_s,
        drill.rpo_s,
        drill.said,
        drill.certificate,
    )


def _drill(row: Row) -> Drill:
    column = dict(zip(_NAMES.split(", "), row, strict=True))
    return Drill(
        **{
            **column,
            "state": DrillState(column["state"]),
            "parts": tuple(_part(one) for one in json.loads(column["parts"])),
        }
    )


def _part(stored: dict[str, Any]) -> DrillPart:
    return DrillPart(**{**stored, "state": PartState(stored["state"]), "doing": Doing(**stored["doing"])})
