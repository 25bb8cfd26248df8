"""Brings each drill from one part to the next, in the process that is the engine.

Everything it does is safe to do twice: a run that it asks for carries the drill and the part as its
request, so whoever follows one that was killed in between finds the run that it made.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from bot.domain.answer import Refusal, UsageError
from bot.domain.drill import Drill, PartState
from bot.domain.person import Person
from bot.domain.policy import LOOK
from bot.domain.run import Run, RunState
from bot.domain.schedule import SCHEDULE
from bot.domain.target import overlap
from bot.drills.progress import Approve, Ask, End, Move, Rest, Settle, never_began, next_move
from bot.drills.record import end, keep
from bot.drills.words import between_s
from bot.plan.models import DrPlan
from bot.runs import Runs
from bot.runs.asking import HeldBack
from bot.runs.proposal import said_by
from bot.store import drills as rows
from bot.store import runs as run_rows
from bot.store.database import Store, StoreDown, Tx, iso, utc_now
from bot.store.journal import of_run

AT_ONCE = 2
ATTEMPTS = 5
MOVES_AT_MOST = 100
SAID_LIMIT = 500
HELD_BACK_AT_MOST_S = 1800.0
ASK_AGAIN_S = 15.0
_log = logging.getLogger(__name__)


class Drilling:
    """Advances drills when the conductor's turn comes; the work itself is done on threads of its own."""

    def __init__(self, store: Store, plan: DrPlan, runs: Runs) -> None:
        self._store = store
        self._plan = plan
        self._runs = runs
        self._pool = ThreadPoolExecutor(AT_ONCE, "drill")
        self._changed = threading.Lock()
        self._busy: set[int] = set()
        self._troubles: dict[int, str] = {}
        self._not_before: dict[int, float] = {}
        self._stopping = threading.Event()

    @property
    def trouble(self) -> str:
        """Why a drill does not go on, for `/readyz`; '' when all is well."""
        with self._changed:
            return next(iter(self._troubles.values()), "")

    @property
    def held_back(self) -> frozenset[int]:
        """Drills that wait before they ask again for what a rule or another run holds back."""
        now = time.monotonic()
        return frozenset(one for one, until in dict(self._not_before).items() if until > now)

    def turn(self) -> None:
        """Hand on what can go on. Quick; raises StoreDown."""
        active = rows.active(self._store)
        with self._changed:
            numbers = {drill.id for drill in active}
            self._troubles = {one: said for one, said in self._troubles.items() if one in numbers}
            self._not_before = {one: at for one, at in self._not_before.items() if one in numbers}
        for drill in active:
            if not isinstance(next_move(drill, self._runs_of(drill)), Rest):
                self._hand_on(drill.id)

    def stop(self) -> None:
        """Begin nothing more. Safe to call twice."""
        self._stopping.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _hand_on(self, drill: int) -> None:
        with self._changed:
            early = time.monotonic() < self._not_before.get(drill, 0.0)
            if early or drill in self._busy or self._stopping.is_set():
                return
            self._busy.add(drill)
        self._pool.submit(self._advance_safely, drill)

    def _advance_safely(self, drill: int) -> None:
        trouble = ""
        try:
            self._advance(drill)
        except StoreDown as error:
            trouble = f"drills wait until the store answers: {error}"
            _log.warning("%s", trouble)
        except Exception as error:  # noqa: BLE001 - logged and on `/readyz`; the next turn tries again
            trouble = f"DRILL-{drill} does not go on: {said_by(error)}"
            _log.exception("DRILL-%s does not go on", drill)
        with self._changed:
            self._busy.discard(drill)
            self._troubles.pop(drill, None)
            if trouble:
                self._troubles[drill] = trouble

    def _advance(self, number: int) -> None:
        """Move by move, until it waits for a run or is over."""
        for _ in range(MOVES_AT_MOST):
            drill = rows.get(self._store, number)
            if drill is None or self._stopping.is_set():
                return
            move = next_move(drill, self._runs_of(drill))
            if not self._do(drill, move):
                return

    def _do(self, drill: Drill, move: Move) -> bool:
        """Make one move; whether another may follow at once."""
        if isinstance(move, Ask):
            return self._ask(drill, move.index)
        if isinstance(move, Approve):
            return self._approve(drill, move)
        if isinstance(move, Settle):
            self._settle(drill, move)
        elif isinstance(move, End):
            self._end(drill)
        return not isinstance(move, Rest)

    def _runs_of(self, drill: Drill) -> dict[int, Run]:
        found = (run_rows.get(self._store, number) for number in drill.runs)
        return {run.id: run for run in found if run is not None}

    def _ask(self, drill: Drill, index: int) -> bool:
        """Ask for the part's run; a refusal is how the part ends, unless it may be asked for later."""
        part = drill.parts[index]
        try:
            run = self._asked(drill, index)
        except HeldBack as held:
            if between_s(drill.started_at, iso(utc_now())) < HELD_BACK_AT_MOST_S:
                self._not_before[drill.id] = time.monotonic() + ASK_AGAIN_S
                return False
            said = f"held back for {HELD_BACK_AT_MOST_S / 60:.0f} minutes: {_short(held)}"
            self._settle(drill, Settle(index, PartState.FAILED, said))
        except (Refusal, UsageError) as refusal:
            self._settle(drill, Settle(index, PartState.FAILED, _short(refusal)))
        else:
            self._keep(drill, drill.with_part(index, replace(part, state=PartState.DOING, run=run.id)))
        return True

    def _asked(self, drill: Drill, index: int) -> Run:
        doing, made = drill.parts[index].doing, None
        for attempt in range(1, ATTEMPTS + 1):
            key = f"drill:{drill.id}:{index}" + (f".{attempt}" if attempt > 1 else "")
            made = run_rows.of_request(self._store, key)
            if made is None or not never_began(made):
                break
        if made is not None:
            if never_began(made):
                raise Refusal(f"it was refused {ATTEMPTS} times before it began, last: {made.outcome}")
            return made
        try:
            if drill.started_by.startswith(SCHEDULE):
                name = drill.started_by.removeprefix(SCHEDULE)
                return self._runs.scheduled(name, doing.action, doing.params, key)
            return self._runs.propose(self._person(drill), doing.action, doing.params, None, key)
        except (Refusal, UsageError, StoreDown):
            raise
        except Exception as error:
            _log.exception("%s could not ask for %s", drill.ref, doing.action)
            raise Refusal(
                f"asking for {doing.action} failed ({said_by(error)}). Nothing was changed"
            ) from error

    def _person(self, drill: Drill) -> Person:
        """In whose name its runs are asked for. Raises Refusal where the plan no longer names them."""
        person = self._plan.person(drill.started_by)
        if person is None:
            raise Refusal(f"the plan no longer names {drill.started_by}, who began this drill: hold it anew")
        return person

    def _approve(self, drill: Drill, move: Approve) -> bool:
        """In the name of who began it, who confirmed it with the drill; whether the drill goes on at once.

        While another run works on the target it waits, as long as the proposal lives.
        """
        run = self._runs.get(move.run)
        if self._held(run):
            return False
        try:
            self._runs.approve(self._person(drill), run.id, digest=run.digest)
        except Refusal as refusal:
            if self._held(run):
                return False
            if self._runs.get(run.id).state is RunState.PROPOSED:
                self._take_back(drill, run, move.index, refusal)
        return True

    def _held(self, run: Run) -> bool:
        if run.risk == LOOK or self._runs.get(run.id).state is not RunState.PROPOSED:
            return False
        return any(overlap(lock.target, run.target) for lock in run_rows.locks(self._store))

    def _take_back(self, drill: Drill, run: Run, index: int, refusal: Refusal) -> None:
        """Nobody may approve it in this name: it is not left behind for somebody to press by mistake."""
        try:
            self._runs.cancel(self._person(drill), run.id)
        except Refusal as refused:
            _log.warning("%s of %s is left as it is: %s", run.ref, drill.ref, refused)
        self._settle(
            drill, Settle(index, PartState.FAILED, _short(Refusal(f"{run.ref} was not approved: {refusal}")))
        )

    def _settle(self, drill: Drill, move: Settle) -> None:
        part = replace(drill.parts[move.index], state=move.state, said=move.said[:SAID_LIMIT])
        self._keep(drill, drill.with_part(move.index, part))

    def _keep(self, seen: Drill, changed: Drill) -> None:
        """Unless it has changed since it was decided; then it is decided anew."""
        channel = self._plan.communication.channel

        def work(tx: Tx) -> None:
            if rows.find(tx, seen.id) == seen:
                keep(tx, channel, changed)

        self._store.write(work)

    def _end(self, drill: Drill) -> None:
        """The certificate, once: the journal of its runs is complete, for every one of them has ended."""
        runs = self._runs_of(drill)
        told = [(runs[number], of_run(self._store, number)) for number in drill.runs if number in runs]

        def work(tx: Tx) -> None:
            if rows.find(tx, drill.id) == drill:
                end(tx, self._plan, drill, told)

        self._store.write(work)


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:SAID_LIMIT]
