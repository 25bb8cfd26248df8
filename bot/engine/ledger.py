"""What the engine writes down, each change one transaction and each safe to repeat after a crash."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal, TypeAlias, TypeVar

from actions.plan import Evidence
from bot.domain.entry import Json
from bot.domain.policy import LOOK
from bot.domain.run import Run, RunState
from bot.engine.durable import Halted
from bot.engine.lease import Lease
from bot.engine.phase import Done, How, Patience
from bot.runs.record import keep
from bot.runs.told import call_person, show_run
from bot.store import runs as rows
from bot.store.database import Store, StoreDown, Tx, from_iso, iso

T = TypeVar("T")
Phase: TypeAlias = Literal["before", "steps", "after", "undo"]
START_WITHIN_S = 900.0
STORE_PATIENCE_S = 60.0
SAID_LIMIT = 2_000
VALUES_LIMIT = 50
_KINDS: Mapping[Phase, str] = {
    "before": "guard-passed",
    "steps": "step-done",
    "after": "check-passed",
    "undo": "step-done",
}


@dataclass(frozen=True)
class Mark:
    """The place of a phase in its run. `number` counts changing steps from 1, 0 for what only looks."""

    phase: Phase
    index: int
    title: str
    number: int = 0


@dataclass(frozen=True)
class Opened:
    """`kept` is what the journal knows of an earlier life; `repeated` that a step was begun before."""

    kept: Done | None = None
    repeated: bool = False


class Ledger:
    """The rows, journal and cards of running runs. Raises Halted where the store stays away."""

    def __init__(
        self,
        store: Store,
        lease: Lease,
        channel: str,
        patience: Patience,
        on_end: Callable[[Tx, Run], None] | None = None,
    ) -> None:
        self._store = store
        self._lease = lease
        self._channel = channel
        self._patience = patience
        self._on_end = on_end

    def begin(self, run_id: int) -> Run | None:
        """Lock the target and start; the run as it is where it had started; None where it shall not."""

        def work(tx: Tx) -> Run | None:
            run = rows.find(tx, run_id)
            if run is None or run.state not in (RunState.APPROVED, RunState.RUNNING):
                return None
            if run.state is RunState.RUNNING:
                self._lock(tx, run)
                return run
            late = from_iso(tx.now) - from_iso(run.approved_at)
            if late > timedelta(seconds=START_WITHIN_S):
                self._end(tx, run, RunState.REFUSED, _stale(late))
                return None
            held = self._lock(tx, run)
            if held is not None:
                said = (
                    f"RUN-{held.run} works on {held.target} since {held.since[11:19]} UTC; one run at a time"
                )
                self._end(
                    tx, run, RunState.REFUSED, f"{said}. Nothing was changed; ask again when it has ended."
                )
                return None
            started = replace(run, state=RunState.RUNNING, started_at=tx.now)
            return keep(tx, self._channel, started, "run-started", "drbot", {"target": run.target})

        return self._write(work)

    def _lock(self, tx: Tx, run: Run) -> rows.Lock | None:
        """Looks change nothing, so any number of them may look at once."""
        return None if run.risk == LOOK else rows.take_lock(tx, run.target, run.id)

    def began(self, run_id: int) -> bool:
        """Whether any changing step of it was ever begun."""
        return self._write(lambda tx: rows.began(tx, run_id) > 0)

    def open(self, run_id: int, mark: Mark) -> Opened:
        """A phase begins, unless an earlier life finished it. Raises Halted where the lease is lost."""

        def work(tx: Tx) -> Opened | None:
            if not self._lease.ours(tx):
                return None
            run = _must(tx, run_id)
            kept = _kept(tx, run_id, mark)
            if kept is not None:
                return Opened(kept)
            rows.save(tx, replace(run, current=mark.title))
            show_run(tx, self._channel, run)
            return Opened(repeated=bool(mark.number) and rows.begin_step(tx, run_id, mark.number))

        opened = self._write(work)
        if opened is None:
            raise Halted
        return opened

    def close(self, run_id: int, mark: Mark, done: Done) -> None:
        """A phase ended, with its evidence or with what it said instead. Kept once."""

        def work(tx: Tx) -> None:
            run = _must(tx, run_id)
            if _kept(tx, run_id, mark) is not None:
                return
            data: dict[str, Json] = {
                "phase": mark.phase,
                "index": mark.index,
                "title": mark.title,
                "said": done.said[:SAID_LIMIT],
            }
            if done.how != "done":
                data |= {"how": done.how, "clean": done.clean}
                keep(tx, self._channel, run, "step-failed", "drbot", data)
                return
            light = done.evidence.light if done.evidence else ""
            data |= {"values": _values(done.evidence)} | ({"light": light} if light else {})
            grown = replace(
                run,
                current="",
                position=run.position + (mark.phase != "undo"),
                evidence=(*run.evidence, done.said[:SAID_LIMIT]),
                lights=(*(one for _, one in run.judged), light),
            )
            keep(tx, self._channel, grown, _KINDS[mark.phase], "drbot", data)

        self._write(work)

    def progress(self, run_id: int, said: str) -> None:
        """How far the present phase is. Not waited for: the next one says it anew."""

        def work(tx: Tx) -> None:
            run = rows.find(tx, run_id)
            if run is not None and run.state is RunState.RUNNING:
                rows.save(tx, replace(run, current=said))
                show_run(tx, self._channel, run)

        self._store.submit(work)

    def finish(
        self, run_id: int, state: RunState, outcome: str, undo_keep_s: float = 0.0, hold_target: bool = False
    ) -> None:
        """The end, its target let go unless something of it may still be working. The first end counts."""

        def work(tx: Tx) -> None:
            run = _must(tx, run_id)
            if run.state.ended:
                return
            if undo_keep_s > 0:
                run = replace(run, undo_until=iso(from_iso(tx.now) + timedelta(seconds=undo_keep_s)))
            self._end(tx, run, state, outcome, hold_target)

        self._write(work)

    def let_go(self, run_id: int, said: str) -> None:
        """What overran has ended after all: say so, and free the target."""

        def work(tx: Tx) -> None:
            if rows.release_lock(tx, run_id):
                run = _must(tx, run_id)
                data: dict[str, Json] = {"phase": "late", "index": 0, "title": run.current, "said": said}
                keep(tx, self._channel, run, "step-failed", "drbot", data)

        self._write(work)

    def free_targets_of_ended(self, spare: frozenset[int]) -> None:
        """At the start: no thread of an ended run is left in a new process, so nothing holds its target."""
        held = [lock for lock in rows.locks(self._store) if lock.run not in spare]
        for lock in held:
            run = rows.get(self._store, lock.run)
            if run is None or run.state.ended:
                self._write(lambda tx, number=lock.run: rows.release_lock(tx, number))  # type: ignore[misc]

    def _end(self, tx: Tx, run: Run, state: RunState, outcome: str, hold_target: bool = False) -> None:
        ended = replace(run, state=state, ended_at=tx.now, current="", outcome=outcome)
        keep(tx, self._channel, ended, f"run-{state.value}", "drbot", {"outcome": outcome})
        if not hold_target:
            rows.release_lock(tx, run.id)
        if state is RunState.STOPPED:
            call_person(tx, self._channel, ended, f"{run.ref} {outcome}")
        if run.undo_of is not None and state is RunState.VERIFIED:
            self._taken_back(tx, run.undo_of, run)
        if self._on_end is not None:
            self._on_end(tx, ended)

    def _taken_back(self, tx: Tx, original_id: int, by: Run) -> None:
        original = _must(tx, original_id)
        undone = replace(
            original, state=RunState.UNDONE, undone_by=by.id, undo_until="", outcome=f"taken back by {by.ref}"
        )
        keep(
            tx, self._channel, undone, "run-undone", by.requested_by, {"by": by.id, "outcome": undone.outcome}
        )

    def _write(self, work: Callable[[Tx], T]) -> T:
        end = time.monotonic() + STORE_PATIENCE_S
        attempt = 1
        while True:
            try:
                return self._store.write(work)
            except StoreDown:
                if time.monotonic() >= end:
                    raise Halted from None
                self._patience.pause(attempt)
                attempt = min(attempt + 1, 4)


def _must(tx: Tx, run_id: int) -> Run:
    run = rows.find(tx, run_id)
    if run is None:
        raise LookupError(f"RUN-{run_id} is gone from the store")
    return run


def _kept(tx: Tx, run_id: int, mark: Mark) -> Done | None:
    found = tx.all(
        "SELECT kind, data FROM journal WHERE run = ? AND kind IN (?, 'step-failed') ORDER BY seq",
        (run_id, _KINDS[mark.phase]),
    )
    for kind, text in found:
        data = json.loads(text)
        if (data.get("phase"), data.get("index")) == (mark.phase, mark.index):
            how: How = data["how"] if kind == "step-failed" else "done"
            return Done(how, data["said"], clean=bool(data.get("clean")))
    return None


def _values(evidence: Evidence | None) -> dict[str, Json]:
    values = evidence.values if evidence else {}
    return {name[:100]: str(value)[:500] for name, value in list(values.items())[:VALUES_LIMIT]}


def _stale(late: timedelta) -> str:
    minutes = int(late.total_seconds() // 60)
    return (
        f"no engine ran for {minutes} minutes after the approval, so the world may have changed."
        " Nothing was changed; ask again."
    )
