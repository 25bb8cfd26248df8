"""Run rows, and the locks that runs hold: the present state that the journal's entries add up to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from bot.domain.glass import Glass
from bot.domain.run import Measured, PlanText, Run, RunState
from bot.domain.target import overlap
from bot.store.database import Row, Store, Tx

_NAMES = (
    "id",
    "action",
    "title",
    "risk",
    "target",
    "environment",
    "params",
    "facts",
    "plan",
    "digest",
    "state",
    "incident",
    "requested_by",
    "requested_at",
    "expires_at",
    "approved_by",
    "approved_at",
    "started_at",
    "ended_at",
    "position",
    "current",
    "outcome",
    "undo_of",
    "undone_by",
    "undo_until",
    "evidence",
)
_SELECT = f"SELECT {', '.join(_NAMES)} FROM runs"  # noqa: S608 - constants
_INSERT = f"INSERT INTO runs ({', '.join(_NAMES)}, request_key) VALUES ({', '.join('?' * (len(_NAMES) + 1))})"  # noqa: S608
_UPDATE = f"UPDATE runs SET {', '.join(f'{name} = ?' for name in _NAMES[1:])} WHERE id = ?"  # noqa: S608


@dataclass(frozen=True)
class Lock:
    """A target that a run holds, since when (ISO 8601 UTC)."""

    target: str
    run: int
    since: str


def insert(tx: Tx, run: Run, request_key: str = "") -> Run:
    """Store a new run; the result carries its number."""
    row = tx.one("SELECT COALESCE(MAX(id), 0) + 1 FROM runs")
    numbered = replace(run, id=int(row[0]) if row else 1)
    tx.run(_INSERT, (*_values(numbered), request_key))
    return numbered


def insert_as(tx: Tx, run: Run) -> None:
    """Store a new run under the number that it brings."""
    tx.run(_INSERT, (*_values(run), ""))


def save(tx: Tx, run: Run) -> None:
    """Write every column of a stored run."""
    values = _values(run)
    tx.run(_UPDATE, (*values[1:], run.id))


def find(tx: Tx, run: int) -> Run | None:
    """The run inside a transaction, or None."""
    row = tx.one(f"{_SELECT} WHERE id = ?", (run,))
    return _run(row) if row else None


def find_request(tx: Tx, request_key: str) -> Run | None:
    """The run that this request already made, or None."""
    row = tx.one(f"{_SELECT} WHERE request_key = ?", (request_key,)) if request_key else None
    return _run(row) if row else None


def find_undos(tx: Tx, run: int) -> Sequence[Run]:
    """Every run that was asked for to take this one back."""
    return [_run(row) for row in tx.all(f"{_SELECT} WHERE undo_of = ? ORDER BY id", (run,))]


def find_expired(tx: Tx) -> Sequence[Run]:
    """Proposals whose time is over."""
    rows = tx.all(f"{_SELECT} WHERE state = 'proposed' AND expires_at <= ? ORDER BY id LIMIT 500", (tx.now,))
    return [_run(row) for row in rows]


def any_expired(store: Store, now: str) -> bool:
    """Whether a proposal's time is over: a look, so that nothing is written every second."""
    return bool(store.read("SELECT 1 FROM runs WHERE state = 'proposed' AND expires_at <= ? LIMIT 1", (now,)))


def get(store: Store, run: int) -> Run | None:
    """The committed run, or None."""
    rows = store.read(f"{_SELECT} WHERE id = ?", (run,))
    return _run(rows[0]) if rows else None


def of_request(store: Store, request_key: str) -> Run | None:
    """The committed run that this request already made, or None."""
    rows = store.read(f"{_SELECT} WHERE request_key = ?", (request_key,)) if request_key else []
    return _run(rows[0]) if rows else None


def recent(store: Store, limit: int) -> Sequence[Run]:
    """The newest runs."""
    return [_run(row) for row in store.read(f"{_SELECT} ORDER BY id DESC LIMIT ?", (limit,))]


def of_incident(store: Store, incident: int, limit: int = 100) -> Sequence[Run]:
    """The incident's runs, the newest first."""
    rows = store.read(f"{_SELECT} WHERE incident = ? ORDER BY id DESC LIMIT ?", (incident, limit))
    return [_run(row) for row in rows]


def in_states(store: Store, *states: RunState) -> Sequence[Run]:
    """Every run in one of these states, oldest first."""
    marks = ", ".join("?" * len(states))
    rows = store.read(
        f"{_SELECT} WHERE state IN ({marks}) ORDER BY id LIMIT 500", [state.value for state in states]
    )
    return [_run(row) for row in rows]


def find_same(tx: Tx, like: Run) -> Sequence[Run]:
    """Runs of the incident that wait or work on the very same request, the newest first."""
    rows = tx.all(
        f"{_SELECT} WHERE incident = ? AND action = ? AND params = ? AND undo_of IS NULL"
        " AND (state IN ('approved', 'running') OR (state = 'proposed' AND expires_at > ?))"
        " ORDER BY id DESC LIMIT 5",
        (like.incident, like.action, json.dumps(like.params), tx.now),
    )
    return [_run(row) for row in rows]


def find_lock(tx: Tx, target: str, but: int = 0) -> Lock | None:
    """Who holds a target or something that overlaps it, or None; `but` is a run that does not count.

    `production/*` overlaps every target of production.
    """
    for row in tx.all("SELECT target, run, since FROM locks WHERE run <> ? ORDER BY since", (but,)):
        held = Lock(*row)
        if overlap(held.target, target):
            return held
    return None


def take_lock(tx: Tx, target: str, run: int) -> Lock | None:
    """Take a target for a run; the lock of another run where it is held. Safe to repeat."""
    held = find_lock(tx, target, but=run)
    if held is None and tx.one("SELECT 1 FROM locks WHERE run = ?", (run,)) is None:
        tx.run("INSERT INTO locks (target, run, since) VALUES (?, ?, ?)", (target, run, tx.now))
    return held


def release_lock(tx: Tx, run: int) -> int:
    """Let go of what a run holds. Safe to repeat."""
    return tx.run("DELETE FROM locks WHERE run = ?", (run,))


def locks(store: Store) -> Sequence[Lock]:
    """Every target that is held."""
    return [Lock(*row) for row in store.read("SELECT target, run, since FROM locks ORDER BY since")]


def begin_step(tx: Tx, run: int, number: int) -> bool:
    """Note that the run's changing step `number` (from 1) begins; whether it had begun before."""
    before = began(tx, run)
    if before < number:
        tx.run("UPDATE runs SET began = ? WHERE id = ?", (number, run))
    return before >= number


def began(tx: Tx, run: int) -> int:
    """How many changing steps of the run were ever begun."""
    row = tx.one("SELECT began FROM runs WHERE id = ?", (run,))
    return int(row[0]) if row else 0


def _values(run: Run) -> tuple[object, ...]:
    return (
        run.id,
        run.action,
        run.title,
        run.risk,
        run.target,
        run.environment,
        json.dumps(run.params),
        json.dumps(run.facts),
        json.dumps(asdict(run.plan)),
        run.digest,
        run.state.value,
        run.incident,
        run.requested_by,
        run.requested_at,
        run.expires_at,
        run.approved_by,
        run.approved_at,
        run.started_at,
        run.ended_at,
        run.position,
        run.current,
        run.outcome,
        run.undo_of,
        run.undone_by,
        run.undo_until,
        json.dumps([{"said": said, "light": light} if light else said for said, light in run.judged]),
    )


def _run(row: Row) -> Run:
    column = dict(zip(_NAMES, row, strict=True))
    for name in ("params", "facts"):
        column[name] = json.loads(column[name])
    evidence = [_evidence(one) for one in json.loads(column["evidence"])]
    return Run(
        **{
            **column,
            "plan": _plan_text(column["plan"]),
            "state": RunState(column["state"]),
            "evidence": tuple(said for said, _ in evidence),
            "lights": tuple(light for _, light in evidence) if any(light for _, light in evidence) else (),
        }
    )


def _evidence(stored: str | Mapping[str, str]) -> tuple[str, str]:
    """A sentence and its light, which is kept only where there is one."""
    return (stored, "") if isinstance(stored, str) else (stored["said"], stored["light"])


def _plan_text(stored: str) -> PlanText:
    plan = json.loads(stored)
    return PlanText(
        before=tuple(plan["before"]),
        steps=tuple(plan["steps"]),
        after=tuple(plan["after"]),
        undo=tuple(plan["undo"]),
        facts=tuple((name, value) for name, value in plan["facts"]),
        warnings=tuple(plan["warnings"]),
        forecast_s=plan["forecast_s"],
        forecast_runs=plan.get("forecast_runs", 0),
        amount=plan.get("amount", 1.0),
        glass=_glass(plan.get("glass")),
        watch=Measured(**plan["watch"]) if plan.get("watch") else None,
        objections=tuple(plan.get("objections", ())),
    )


def _glass(stored: Mapping[str, Any] | None) -> Glass | None:
    return Glass(stored["by"], stored["reason"], tuple(stored["overrode"])) if stored else None
