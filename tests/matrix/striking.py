"""Letting a fault strike a run, before its first guard or in its first step, and judging how it ends."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from actions.plan import AnyAction, Ending, Fault, Risk
from tests.matrix.jobs import GO, Job, Told
from tests.matrix.killing import Killer
from tests.matrix.stage import Inject, Rig, Servers, Stage
from tests.matrix.verdict import Case
from tests.matrix.zygote import Zygote

HURRY = 10.0
LIMIT_S = 60.0
ANSWER_S = 30.0
ASKED = (Fault.GONE, Fault.TIMEOUT, Fault.DENIED)
UNCLEAR = ("Traceback", "the survey failed", 'File "')


class Striker:
    """Strikes runs of one action after the other."""

    def __init__(self, zygote: Zygote, servers: Servers, killer: Killer) -> None:
        self._zygote = zygote
        self._servers = servers
        self._killer = killer

    def case(self, action: AnyAction, rig: Rig, ending: Ending) -> Case:
        """Let it strike where the ending says; what is wrong with how it ended."""
        began = time.monotonic()
        with rig(self._servers) as stage:
            inject = stage.faults.get(ending.fault)
            if inject is None:
                wrong = f"the rig cannot make it: add {ending.fault.name} to the stage's faults"
                return Case(_name(ending), "not made", wrong, 0, 0, 0.0)
            job = self._job(action, stage, ending)
            told = self._struck(job, inject)
            effects = stage.effects()
            wrong = "; ".join(_wrong(action, ending, told, effects, stage.worse()))
        self._killer.forget(job)
        took_s = time.monotonic() - began
        return Case(_name(ending), told.state or "not asked", wrong, effects, len(told.locks), took_s)

    def asked(self, action: AnyAction, rig: Rig, fault: Fault) -> Case:
        """Ask for a run while the fault lasts: a proposal, or a sentence that says what is the matter."""
        began = time.monotonic()
        with rig(self._servers) as stage:
            job = replace(self._killer.job(action, stage, "ask"), hurry=HURRY, limit_s=LIMIT_S)
            with stage.faults[fault]():
                told = self._zygote.lived(job)
            effects = stage.effects()
        self._killer.forget(job)
        took_s = time.monotonic() - began
        wrong = "; ".join(_unclear(told, effects, took_s))
        state = "told" if told.refusal else told.state
        return Case(f"{fault.name} asked", state, wrong, effects, 0, took_s)

    def _job(self, action: AnyAction, stage: Stage, ending: Ending) -> Job:
        first = "after-0" if action.risk is Risk.LOOK else "steps-0"
        return replace(
            self._killer.job(action, stage, "live"),
            hold="approved" if ending.when == "before" else first,
            hurry=HURRY if ending.fault is Fault.TIMEOUT else 1.0,
            limit_s=LIMIT_S,
        )

    def _struck(self, job: Job, inject: Inject) -> Told:
        self._zygote.begin(job)
        if not self._zygote.held(job):
            told = self._zygote.told(job)
            return replace(told, state="", outcome=told.refusal or f"it ended {told.state}, never held")
        with inject():
            (Path(job.home) / GO).touch()
            return self._zygote.told(job)


def unpromised(action: AnyAction, stage: Stage) -> list[str]:
    """Faults that can strike and of which the action does not say how it ends."""
    promised = {ending.fault for ending in action.endings}
    return [fault.name for fault in stage.faults if fault not in promised]


def _name(ending: Ending) -> str:
    return f"{ending.fault.name} {ending.when}"


def _wrong(action: AnyAction, ending: Ending, told: Told, effects: int, worse: str) -> Iterator[str]:
    if told.state != ending.state:
        yield f"it is to end {ending.state} and ended {told.state or 'before it began'} ({told.outcome})"
    if worse:
        yield f"the service is worse off: {worse}"
    done = 0 if action.risk is Risk.LOOK else 1
    right = {"refused": 0, "failed": 0, "undone": 0, "verified": done}
    if effects != right.get(told.state, min(effects, 1)):
        yield f"it ended {told.state} and took effect {effects} times"
    if told.state == "stopped" and not told.called:
        yield "it stopped half-way and nobody was called"
    if told.locks and "may still be working" not in told.outcome:
        yield f"locks are left on {', '.join(told.locks)}"
    if any(word in told.outcome for word in UNCLEAR):
        yield f"the outcome is no sentence for a person: {told.outcome}"


def _unclear(told: Told, effects: int, took_s: float) -> Iterator[str]:
    if not told.refusal and not told.state:
        yield "neither a proposal nor an answer"
    if any(word in told.refusal for word in UNCLEAR):
        yield f"the answer is no sentence for a person: {told.refusal}"
    if effects:
        yield "asking alone took effect"
    if took_s > ANSWER_S:
        yield f"the answer took {took_s:.0f} s although every time limit was cut to a tenth"
