"""One run from its lock to its end: guards, steps, checks, and the way back where they did not hold."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass

from actions.plan import AnyAction, Context, Evidence, Plan, Step
from actions.tools.toolbox import Toolbox
from bot.domain.run import Run, RunState
from bot.engine.durable import Halted, Outcome
from bot.engine.ledger import Ledger, Mark, Phase
from bot.engine.phase import Abandoned, Done, How, Patience, perform
from bot.runs.proposal import plan_of, said_by

PROGRESS_EVERY_S = 0.5
CURRENT_LIMIT = 200
ASSURANCE = "Nothing was changed"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class End:
    """How a run ended, in one sentence."""

    state: RunState
    said: str
    hold_target: bool = False


class Lives:
    """Lives runs inside durable workflows; whatever is done twice here is safe to do twice."""

    def __init__(
        self,
        ledger: Ledger,
        toolbox: Toolbox,
        actions: Mapping[str, AnyAction],
        patience: Patience,
        durable_step: Callable[[str, Callable[[], Outcome]], Outcome],
    ) -> None:
        self._ledger = ledger
        self._toolbox = toolbox
        self._actions = actions
        self._patience = patience
        self._durable_step = durable_step
        self._changed = threading.Condition()
        self._living: set[int] = set()
        self._strays: dict[int, Future[Evidence]] = {}

    @property
    def living(self) -> frozenset[int]:
        """The runs that this process works on now."""
        with self._changed:
            return frozenset(self._living)

    @property
    def strays(self) -> frozenset[int]:
        """Ended runs of which a step that overran still works."""
        return frozenset(self._strays)

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until nothing is lived; whether that came true."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._living, timeout_s)

    def live(self, run_id: int) -> None:
        """Live it, from wherever an earlier life was broken off. Raises Halted only."""
        with self._changed:
            if run_id in self._living:  # recovered while it still lives: once is enough
                raise Halted
            self._living.add(run_id)
        try:
            run = self._ledger.begin(run_id)
            if run is not None:
                self._live(run)
        except Exception as error:  # noqa: BLE001 - ends the run, told on its card
            _log.exception("RUN-%s was lost by the engine", run_id)
            self.lose(run_id, said_by(error))
        finally:
            with self._changed:
                self._living.discard(run_id)
                self._changed.notify_all()

    def lose(self, run_id: int, why: str) -> None:
        """End a run that the engine cannot live any more: a fault of the engine, told to people."""
        if self._ledger.began(run_id):
            said = f"stopped half-way: the engine failed ({why}). A person must look at the target."
            self._ledger.finish(run_id, RunState.STOPPED, said)
        else:
            said = f"the engine failed before anything was changed ({why}); ask again."
            self._ledger.finish(run_id, RunState.FAILED, said)

    def _live(self, run: Run) -> None:
        plan, mismatch = self._plan(run)
        if plan is None:
            began = self._ledger.began(run.id)
            end = (
                End(RunState.STOPPED, f"stopped half-way: {mismatch}. A person must look at the target.")
                if began
                else End(RunState.REFUSED, f"{mismatch}. Nothing was changed; ask again.")
            )
            self._ledger.finish(run.id, end.state, end.said)
            return
        started = time.monotonic()
        end = self._go(run, plan)
        keep_s = plan.undo_keep_s if end.state is RunState.VERIFIED and plan.undo else 0.0
        self._ledger.finish(run.id, end.state, end.said, keep_s, end.hold_target)
        _log.info("%s ended %s after %.1f s", run.ref, end.state.value, time.monotonic() - started)
        if end.hold_target:
            self._watch_stray(run.id)

    def _plan(self, run: Run) -> tuple[Plan | None, str]:
        action = self._actions.get(run.action)
        if action is None:
            return None, f"the action {run.action} is no longer there"
        try:
            plan, digest = plan_of(action, run)
        except Exception as error:  # noqa: BLE001 - told as the run's outcome
            return None, f"the action {run.action} no longer understands this plan ({said_by(error)})"
        if digest != run.digest:
            return None, "the plan is no longer the one that was approved (its digest differs)"
        return plan, ""

    def _go(self, run: Run, plan: Plan) -> End:
        said = "done"
        for mark, step in _marks("before", plan.before):
            done = self._phase(run, mark, step)
            if done.how != "done":
                return _not_begun(mark, done)
            said = done.said
        for mark, step in _marks("steps", plan.steps, number=1):
            done = self._phase(run, mark, step)
            if done.how == "refused" and done.clean and mark.index == 0:
                return _not_begun(mark, done)
            if done.how != "done":
                return self._back(run, plan, mark, done)
            said = done.said
        for mark, step in _marks("after", plan.after):
            done = self._phase(run, mark, step)
            if done.how != "done":
                return self._back(run, plan, mark, done) if plan.steps else _not_begun(mark, done)
            said = done.said
        return End(RunState.VERIFIED, said)

    def _back(self, run: Run, plan: Plan, failed: Mark, done: Done) -> End:
        """Steps began and something did not hold: the way back, or a person."""
        why = f"“{failed.title}”: {_bare(done.said)}"
        if done.how == "overran" and failed.phase == "steps":
            return End(
                RunState.STOPPED,
                f"stopped half-way at {why}, and may still be working, so nothing was taken back."
                " A person must look at the target.",
                hold_target=True,
            )
        if not plan.undo:
            return End(
                RunState.STOPPED,
                f"stopped half-way at {why}. Its plan has no way back: a person must look at the target.",
            )
        for mark, step in _marks("undo", plan.undo, number=len(plan.steps) + 1):
            back = self._phase(run, mark, step)
            if back.how != "done":
                return End(
                    RunState.STOPPED,
                    f"stopped half-way at {why}; then taking it back failed at “{mark.title}”:"
                    f" {_bare(back.said)}. A person must look at the target.",
                    hold_target=back.how == "overran",
                )
        return End(RunState.UNDONE, f"it did not hold at {why}. Everything was taken back.")

    def _phase(self, run: Run, mark: Mark, step: Step) -> Done:
        def work() -> Outcome:
            return _to_outcome(self._do(run, mark, step))

        return _from_outcome(self._durable_step(f"{mark.phase}-{mark.index}", work))

    def _do(self, run: Run, mark: Mark, step: Step) -> Done:
        opened = self._ledger.open(run.id, mark)
        if opened.kept is not None:
            return opened.kept
        progress = _Progress(self._ledger, run.id, mark.title)
        context = Context(self._toolbox, run.undo_of or run.id, progress)
        try:
            done = perform(step, lambda: step.do(context), self._patience, opened.repeated)
        finally:
            progress.closed = True
        if done.stray is not None and mark.number:
            self._strays[run.id] = done.stray
        self._ledger.close(run.id, mark, done)
        return done

    def _watch_stray(self, run_id: int) -> None:
        """Keep the target locked until the step that overran has really ended in its thread."""

        def ended(stray: Future[Evidence]) -> None:
            error = stray.exception()
            said = said_by(error) if error else stray.result().said
            self._strays.pop(run_id, None)
            try:
                self._ledger.let_go(run_id, f"what overran has ended after all: {said}")
            except Halted:
                _log.warning("RUN-%s: the store is away; its target is freed at the next start", run_id)

        stray = self._strays.get(run_id)
        if stray is None:  # an earlier process was killed with it
            self._ledger.let_go(run_id, "what overran ended with the process that ran it")
        else:
            stray.add_done_callback(ended)


class _Progress:
    """Says how far a step is, at most twice a second; ends a step for which nobody waits any more."""

    def __init__(self, ledger: Ledger, run_id: int, title: str) -> None:
        self._ledger = ledger
        self._run_id = run_id
        self._title = title
        self._last = float("-inf")
        self.closed = False

    def __call__(self, said: str) -> None:
        if self.closed:
            raise Abandoned(f"“{self._title}” was given up; it must not go on")
        now = time.monotonic()
        if now - self._last >= PROGRESS_EVERY_S:
            self._last = now
            self._ledger.progress(self._run_id, f"{self._title}: {said}"[:CURRENT_LIMIT])


def _marks(phase: Phase, steps: tuple[Step, ...], number: int = 0) -> Iterator[tuple[Mark, Step]]:
    for index, step in enumerate(steps):
        yield Mark(phase, index, step.title, number + index if number else 0), step


def _not_begun(mark: Mark, done: Done) -> End:
    assured = "" if ASSURANCE.lower() in done.said.lower() else f" {ASSURANCE}."
    said = f"“{mark.title}”: {_bare(done.said)}.{assured}"
    return End(RunState.REFUSED if done.how == "refused" else RunState.FAILED, said)


def _bare(said: str) -> str:
    return said.rstrip(". ")


def _to_outcome(done: Done) -> Outcome:
    return {"how": done.how, "said": done.said, "clean": "yes" if done.clean else ""}


def _from_outcome(kept: Outcome) -> Done:
    hows: dict[str, How] = {"done": "done", "refused": "refused", "failed": "failed", "overran": "overran"}
    return Done(hows[kept["how"]], kept["said"], clean=bool(kept["clean"]))
