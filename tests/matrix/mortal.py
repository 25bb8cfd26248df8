"""The life of one process: the real engine over a store of its own, killed or held where its job says."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import msgspec

from actions.plan import AnyAction, Context, Evidence, Plan, Step
from actions.registry import all_actions
from actions.tools.toolbox import Toolbox
from bot.domain.answer import Refusal
from bot.domain.person import Person
from bot.domain.run import Run, RunState
from bot.engine import Engine, system_url
from bot.plan.models import DrPlan
from bot.runs import Runs
from bot.store.journal import of_run
from bot.store.sqlite import SqliteStore
from bot.toolbox import PlanToolbox
from tests.matrix.jobs import GO, HELD, TOLD, Job, Told
from tests.matrix.toys import TOYS
from tests.matrix.wire import watch

PEOPLE = {
    "ana": {"name": "Ana Lima", "roles": ["on-call"]},
    "rui": {"name": "Rui Costa", "roles": ["on-call", "approver"]},
}
RISKS = {
    "look": {"ask": [], "approve": []},
    "low": {"ask": ["on-call"], "approve": ["on-call"]},
    "high": {"ask": ["on-call"], "approve": ["on-call"]},
    "destructive": {"ask": ["on-call"], "approve": ["approver"], "second_person": True},
}


class Watch:
    """Counts the calls of each guard, step and check; dies or waits where the job says."""

    def __init__(self, job: Job) -> None:
        self.calls: Counter[str] = Counter()
        self._job = job
        self._place = ""
        self._hold_at = job.hold
        watch(self._leaves, self._returned)

    def around(self, place: str, do: Callable[[Context], Evidence], context: Context) -> Evidence:
        """One phase of the plan: the tries of one phase count together."""
        self.calls[place] += 0
        self._place = place
        self._die_if(place, "begins")
        done = do(context)
        self._place = ""
        kill = self._job.kill
        if kill and kill.place == place and kill.moment != "begins":
            die()  # unrecorded, or this time it needed fewer calls: then behind the last of them
        self._leaves_of(place)
        return done

    def hold(self, home: str) -> None:
        """Say that we are there, and wait until we may go on."""
        (Path(home) / HELD).touch()
        while not (Path(home) / GO).exists():
            time.sleep(0.01)

    def _leaves(self) -> None:
        if self._place:
            self._leaves_of(self._place)

    def _leaves_of(self, place: str) -> None:
        if place == self._hold_at:
            self._hold_at = ""
            self.hold(self._job.home)

    def _returned(self) -> None:
        place = self._place
        if not place:
            return
        self.calls[place] += 1
        kill = self._job.kill
        if kill and kill.place == place and kill.call and self.calls[place] == kill.call:
            die()

    def _die_if(self, place: str, moment: str) -> None:
        kill = self._job.kill
        if kill and (kill.place, kill.moment) == (place, moment):
            die()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class HastyToolbox:
    """The same tools with shorter time limits of their own."""

    def __init__(self, toolbox: Toolbox, hurry: float) -> None:
        self._toolbox = toolbox
        self._hurry = hurry

    def __getattr__(self, name: str) -> Callable[..., object]:
        find = getattr(self._toolbox, name)
        return lambda *named: _hastened(find(*named), self._hurry)


def _hastened(tool: Any, hurry: float) -> Any:
    """A copy whose every `…timeout_s` is divided; whole seconds stay whole, at least one."""
    changed: dict[str, object] = {}
    for one in fields(tool):
        value = getattr(tool, one.name)
        if one.name.endswith("timeout_s"):
            changed[one.name] = max(1, round(value / hurry)) if isinstance(value, int) else value / hurry
        elif is_dataclass(value) and not isinstance(value, type):
            changed[one.name] = _hastened(value, hurry)
    return replace(tool, **changed) if changed else tool


def _watched(action: AnyAction, watch: Watch, hurry: float) -> AnyAction:
    """The same action, its plan's phases watched: titles and digest stay what they are."""

    def wrapped(phase: str, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        return tuple(
            replace(
                step, do=partial(watch.around, f"{phase}-{at}", step.do), timeout_s=step.timeout_s / hurry
            )
            for at, step in enumerate(steps)
        )

    def plan(params: Any, facts: Any) -> Plan:
        made = action.plan(params, facts)
        return replace(
            made,
            before=wrapped("before", made.before),
            steps=wrapped("steps", made.steps),
            after=wrapped("after", made.after),
            undo=wrapped("undo", made.undo),
        )

    return replace(action, plan=plan)


class Life:
    """Store, runs and engine of one process."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.watch = Watch(job)
        os.environ.update(job.variables)
        plan = DrPlan.model_validate({"people": PEOPLE, "risks": RISKS, **job.sections})
        self.people = {name: _person(plan, name) for name in PEOPLE}
        toolbox: Toolbox = PlanToolbox(plan, job.variables)
        if job.hurry != 1:
            toolbox = cast("Toolbox", HastyToolbox(toolbox, job.hurry))
        actions: Mapping[str, AnyAction] = {
            name: _watched(action, self.watch, job.hurry)
            for name, action in {**all_actions(), **TOYS}.items()
        }
        self.store = SqliteStore(Path(job.home) / "drbot.db")
        self.runs = Runs(self.store, plan, toolbox, actions)
        url = system_url(f"sqlite:///{job.home}/drbot.db")
        self.engine = Engine(self.store, self.runs, toolbox, actions, url, poll_s=0.05, backoff_s=0.05)

    def live(self) -> str:
        """Do the job; what a proposal was refused with, if it was."""
        if self.job.task == "resume":
            self._execute()
            return ""
        try:
            run = self._approved(self.runs.propose(self.people["ana"], self.job.action, self.job.params))
        except Refusal as refusal:
            return str(refusal)
        if self.job.task == "ask":
            return ""
        if self.job.hold == "approved":
            self.watch.hold(self.job.home)
        self._execute()
        if self.job.task == "back" and self.runs.get(run.id).state is RunState.VERIFIED:
            back = self._approved(self.runs.undo(self.people["ana"], run.id))
            self._ended(back)
        return ""

    def _approved(self, run: Run) -> Run:
        if run.state is not RunState.PROPOSED or self.job.task == "ask":
            return run
        return self.runs.approve(self.people["rui"], run.id, typed=self.runs.confirm_word(run))

    def _execute(self) -> None:
        if not self.engine.start(standby=True):
            raise RuntimeError(f"another process holds the engine: {self.engine.status()}")
        for run in self.runs.open():
            self._ended(run)
        self._until(lambda: not self.engine.status().locks, 5.0)

    def _ended(self, run: Run) -> None:
        self.runs.wait(run.id, self.job.limit_s)

    def _until(self, done: Callable[[], bool], timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while not done() and time.monotonic() < deadline:
            time.sleep(0.02)

    def told(self, refusal: str) -> Told:
        """What is in the store now."""
        seen = self.runs.recent(2)
        if not seen:
            return Told(refusal=refusal, calls=self.watch.calls)
        newest, first = seen[0], seen[-1]
        phases: Counter[str] = Counter()
        for run in seen:
            for entry in of_run(self.store, run.id):
                phases[f"{run.ref} {entry.kind} {entry.data.get('phase')}-{entry.data.get('index')}"] += 1
        notes = self.store.read("SELECT payload FROM outbox WHERE key = ?", (f"run:{newest.id}:stopped",))
        stopped = any(entry.kind == "run-stopped" for entry in of_run(self.store, newest.id))
        return Told(
            newest.state.value,
            newest.outcome,
            dict(self.watch.calls),
            tuple(name for name, times in phases.items() if times > 1),
            tuple(lock.target for lock in self.engine.status().locks),
            str(notes[0][0]) if notes and stopped else "",
            refusal,
            len(first.plan.undo),
            bool(first.undo_until) or first.undone_by is not None,
            first.state.value,
        )


def _person(plan: DrPlan, name: str) -> Person:
    found = plan.person(name)
    assert found is not None
    return found


def live(job: Job) -> None:
    """One life; whoever survives writes what it saw and ends at once, whatever still works in it."""
    signal.alarm(int(job.limit_s) + 30)
    life = Life(job)
    refusal = life.live()
    told = life.told(refusal)
    (Path(job.home) / TOLD).write_bytes(msgspec.json.encode(told))
