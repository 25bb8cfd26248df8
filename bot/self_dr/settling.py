"""A memory that is brought back must not act on what was true when it was copied."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from bot.domain.entry import Json, NewEntry
from bot.domain.policy import LOOK
from bot.domain.run import Run, RunState
from bot.runs.record import keep
from bot.runs.told import call_person
from bot.self_dr.manifest import Manifest
from bot.store import runs as rows
from bot.store.database import Store, Tx
from bot.store.journal import append
from bot.store.outbox import mark_unsure

NUMBERS_LEFT_OUT = 1_000
"""The lost days may have given these numbers to runs, and those to databases and containers."""
_OPEN = (RunState.PROPOSED, RunState.APPROVED, RunState.RUNNING)
_SINCE = "drbot's memory was brought back from a copy of {made_at}"


@dataclass(frozen=True)
class Settled:
    """The runs that may have been changing something when the memory was lost, and those only given up."""

    stopped: tuple[str, ...]
    given_up: tuple[str, ...]


def settle(store: Store, manifest: Manifest, channel: str, actor: str, source: str) -> Settled:
    """End every open run, forget locks and leases, draw a new name, and leave a gap in the numbers of runs.

    Under the new name the engine's old workflows are nobody's: none is resumed. What was approved may have
    been done, half or whole, after the copy was made: a person is called for each that changes something.
    Raises StoreDown; nothing is changed then.
    """

    def work(tx: Tx) -> Settled:
        mark_unsure(tx)  # before anything that is only wanted now
        stopped: list[str] = []
        given_up: list[str] = []
        for run in _open(tx):
            ended = _ended(run, manifest, tx.now)
            keep(tx, channel, ended, f"run-{ended.state.value}", actor, {"outcome": ended.outcome})
            if ended.state is RunState.STOPPED:
                call_person(tx, channel, ended, f"{ended.ref} {ended.outcome}")
            (stopped if ended.state is RunState.STOPPED else given_up).append(ended.ref)
        tx.run("DELETE FROM locks")
        tx.run("DELETE FROM leases")
        tx.run(
            "INSERT INTO settings (name, value) VALUES ('identity', ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (secrets.token_hex(4),),
        )
        _leave_gap(tx, manifest)
        told: dict[str, Json] = {
            "from": source,
            "copy_of": manifest.made_at,
            "head": str(manifest.head),
            "stopped": list(stopped),
            "given_up": list(given_up),
        }
        append(tx, NewEntry("memory-restored", actor, told))
        return Settled(tuple(stopped), tuple(given_up))

    return store.write(work)


def _open(tx: Tx) -> list[Run]:
    marks = ", ".join("?" * len(_OPEN))
    found = tx.all(
        f"SELECT id FROM runs WHERE state IN ({marks}) ORDER BY id",  # noqa: S608 - marks
        [state.value for state in _OPEN],
    )
    runs = (rows.find(tx, number) for (number,) in found)
    return [run for run in runs if run is not None]


def _ended(run: Run, manifest: Manifest, now: str) -> Run:
    since = _SINCE.format(made_at=manifest.made_at[:16])
    if run.risk == LOOK or run.state is RunState.PROPOSED:
        state = RunState.EXPIRED if run.state is RunState.PROPOSED else RunState.FAILED
        outcome = f"given up: {since}; ask again"
    else:
        state = RunState.STOPPED
        was = "was running" if run.state is RunState.RUNNING else "was approved"
        outcome = (
            f"stopped half-way: it {was} then, {since}, and how far it came since is not known."
            " A person must look at the target."
        )
    return replace(run, state=state, ended_at=now, current="", outcome=outcome)


def _leave_gap(tx: Tx, manifest: Manifest) -> None:
    """The next run gets a number that no run of the lost time can have had.

    A restore names databases by its run's number (`staging__dr_12`): taken twice, one would meet the other's.
    """
    newest = tx.one("SELECT COALESCE(MAX(id), 0) FROM runs")
    last = rows.find(tx, int(newest[0])) if newest else None
    if last is None:
        return
    outcome = (
        f"no run: numbers up to here may have been given after {manifest.made_at[:16]}, when the copy was"
        " made that drbot's memory was brought back from"
    )
    mark = replace(
        last,
        id=last.id + NUMBERS_LEFT_OUT,
        action="self-restore",
        title="drbot's memory brought back",
        risk=LOOK,
        target="",
        params={},
        facts={},
        state=RunState.CANCELLED,
        incident=None,
        requested_by="drbot",
        requested_at=tx.now,
        approved_by="",
        approved_at="",
        started_at="",
        ended_at=tx.now,
        outcome=outcome,
        undo_of=None,
        undone_by=None,
        undo_until="",
        evidence=(),
    )
    rows.insert_as(tx, mark)
