"""The conductor: brings each walk from one step to the next, in the process that is the engine.

Everything it does is safe to do twice: a run that it asks for carries the walk, step and attempt as its
request, so a conductor that was killed in between finds the run that it made.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from bot.domain.answer import Refusal, UsageError
from bot.domain.run import Run
from bot.domain.walk import Finish, Propose, Rest, Settle, StepState, Walk, WalkState, next_step
from bot.domain.walk_clock import stamped
from bot.drills.advance import Drilling
from bot.plan.models import DrPlan
from bot.runbooks.looking import Looks
from bot.runbooks.promised import find_incident, promised
from bot.runbooks.record import finish, keep, settle, withdraw
from bot.runs import Runs
from bot.runs.proposal import Unsure, said_by
from bot.store import runs as run_rows
from bot.store import walks as rows
from bot.store.database import Store, StoreDown, Tx

POLL_S = 1.0
AT_ONCE = 4
MOVES_AT_MOST = 200
SAID_LIMIT = 500
_log = logging.getLogger(__name__)


class Conductor:
    """One a process; idle unless `ours` says that this process is the engine."""

    def __init__(
        self,
        store: Store,
        plan: DrPlan,
        runs: Runs,
        ours: Callable[[], bool],
        looks: Looks | None = None,
        poll_s: float = POLL_S,
        drilling: Drilling | None = None,
    ) -> None:
        self._store = store
        self._plan = plan
        self._runs = runs
        self._ours = ours
        self._looks = looks
        self._poll_s = poll_s
        self._drilling = drilling
        self._bell = threading.Event()
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(AT_ONCE, "walk")
        self._changed = threading.Lock()
        self._busy: set[int] = set()
        self._swept = False
        self._trouble = ""
        self._thread = threading.Thread(target=self._conduct, name="conductor", daemon=True)

    def start(self) -> None:
        """Go on where an earlier conductor was, then hear of what happens."""
        self._store.listen("walks", self._bell.set)
        self._store.listen("incidents", self._bell.set)
        self._bell.set()
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing new. Safe to call twice."""
        self._stopping.set()
        self._bell.set()
        if self._looks:
            self._looks.stop()
        if self._drilling:
            self._drilling.stop()
        if self._thread.is_alive():
            self._thread.join(timeout=30)
        self._pool.shutdown(wait=False, cancel_futures=True)

    @property
    def trouble(self) -> str:
        """Why runbooks or drills do not go on, for `/readyz`; '' when all is well."""
        return self._trouble or (self._drilling.trouble if self._drilling else "")

    def _conduct(self) -> None:
        while not self._stopping.is_set():
            self._bell.wait(self._poll_s)
            self._bell.clear()
            if self._stopping.is_set():
                return
            try:
                self._turn()
                self._trouble = ""
            except StoreDown as error:
                self._say_trouble(f"runbooks wait until the store answers: {error}")
            except Exception as error:  # noqa: BLE001 - logged and on `/readyz`; the next turn tries again
                self._say_trouble(f"runbooks do not go on: {said_by(error)}")

    def _turn(self) -> None:
        if not self._ours():
            return
        if not self._swept:
            self._sweep()
        for walk in rows.active(self._store):
            if not isinstance(next_step(walk, self._runs_of(walk)), Rest):
                self._hand_on(walk.id)
        if self._drilling:
            self._drilling.turn()
        if self._looks:
            self._looks.turn()

    def _sweep(self) -> None:
        """What a walk asked for at the moment it was stopped, in a process that was killed then."""
        for number in rows.left_behind(self._store):
            self._store.write(lambda tx, number=number: self._withdraw(tx, number))  # type: ignore[misc]
        self._swept = True

    def _withdraw(self, tx: Tx, number: int) -> None:
        walk = rows.find(tx, number)
        if walk is not None:
            proposals = rows.proposals_of(tx, number)
            withdraw(tx, self._runs.channel, proposals, "drbot", "a person", walk.ref)

    def _hand_on(self, walk: int) -> None:
        """Let a thread advance it: a survey may take its time, and no other walk waits for it."""
        with self._changed:
            if walk in self._busy:
                return
            self._busy.add(walk)
        self._pool.submit(self._advance_safely, walk)

    def _advance_safely(self, walk: int) -> None:
        try:
            self._advance(walk)
        except StoreDown as error:
            self._say_trouble(f"runbooks wait until the store answers: {error}")
        except Exception as error:  # noqa: BLE001 - logged and on `/readyz`; the next turn tries again
            _log.exception("RB-%s does not go on", walk)
            self._say_trouble(f"RB-{walk} does not go on: {said_by(error)}")
        finally:
            with self._changed:
                self._busy.discard(walk)

    def _advance(self, number: int) -> None:
        """Move by move, until it waits for a run or for a person, or is over."""
        for _ in range(MOVES_AT_MOST):
            walk = rows.get(self._store, number)
            if walk is None or self._stopping.is_set():
                return
            move = next_step(walk, self._runs_of(walk))
            if isinstance(move, Rest):
                return
            if isinstance(move, Propose):
                self._propose(walk, move)
            else:
                self._write(walk, move)

    def _runs_of(self, walk: Walk) -> dict[int, Run]:
        run = run_rows.get(self._store, walk.run) if walk.run else None
        return {run.id: run} if run else {}

    def _write(self, walk: Walk, move: Settle | Finish) -> None:
        """Do it unless the walk has changed since it was decided; then it is decided anew."""
        channel = self._runs.channel

        def work(tx: Tx) -> None:
            if rows.find(tx, walk.id) != walk:
                return
            if isinstance(move, Finish):
                finish(tx, channel, walk, promised(self._plan, walk, find_incident(tx, walk)))
            else:
                settle(tx, channel, walk, move)

        self._store.write(work)

    def _propose(self, walk: Walk, move: Propose) -> None:
        """Ask for the run as the person who began; a refusal is how the step ends."""
        step = walk.steps[move.step]
        try:
            run = self._asked(walk, move)
        except Unsure as unsure:
            self._write(walk, Settle(move.step, StepState.FAILED, _short(unsure), move.doing))
            return
        except (Refusal, UsageError) as refusal:
            self._write(walk, Settle(move.step, StepState.REFUSED, _short(refusal), move.doing))
            return
        doing = replace(step, state=StepState.DOING, runs=(*step.runs[: move.doing], run.id))

        def work(tx: Tx) -> None:
            found = rows.find(tx, walk.id)
            if found == walk:
                keep(tx, self._runs.channel, walk.with_step(move.step, stamped(doing, tx.now)))
            elif found is not None and found.state is WalkState.STOPPED:
                self._withdraw(tx, walk.id)

        self._store.write(work)

    def _asked(self, walk: Walk, move: Propose) -> Run:
        step = walk.steps[move.step]
        doing = step.does[move.doing]
        key = f"walk:{walk.id}:{move.step}:{move.doing}:{step.attempt}"
        made = run_rows.of_request(self._store, key)
        if made is not None:
            return made
        person = self._plan.person(walk.started_by)
        if person is None:
            raise Refusal(f"the plan no longer names {walk.started_by}, who began: stop it and begin it anew")
        try:
            self._runs.may_ask_for(person, doing.action)
        except Refusal as refusal:
            raise Refusal(
                f"{person.name} began, and may not ask now: stop it and begin it anew. {refusal}"
            ) from None
        try:
            return self._runs.propose(person, doing.action, doing.params, walk.incident, key)
        except (Refusal, UsageError, StoreDown):
            raise
        except Exception as error:
            _log.exception("%s could not ask for %s", walk.ref, doing.action)
            raise Unsure(
                f"asking for {doing.action} failed ({said_by(error)}). Nothing was changed"
            ) from error

    def _say_trouble(self, said: str) -> None:
        if said != self._trouble:
            _log.error("%s", said)
        self._trouble = said


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:SAID_LIMIT]
