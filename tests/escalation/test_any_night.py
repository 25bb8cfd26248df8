"""Any night: time passes, clocks are set, the bot is started anew, people answer and change their minds."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.response import Via
from bot.domain.severity import Severity
from bot.escalation import clock as minding
from bot.escalation.lines import steps_for
from tests.escalation.conftest import Clocks, World, plan_of

PLAN = plan_of()
LEVELS = [level for level in Severity if level is not Severity.NONE]
Event: TypeAlias = "tuple[str, float] | Severity | str"
EVENTS = st.one_of(
    st.tuples(st.just("forward"), st.sampled_from([1, 7, 15, 16, 31, 130, 800])),
    st.tuples(st.just("jump"), st.sampled_from([-26, -1, -0.3, 0.3, 1, 26])),
    st.sampled_from(LEVELS),
    st.sampled_from(["restart", "acknowledge", "resolve", "reopen", "look again"]),
)


@dataclass
class Expected:
    """What the plan promises, by nothing but the time that really passed (minutes)."""

    now: float = 0.0
    severity: Severity = Severity.SEV2
    began: float = 0.0
    runs: bool = True
    open: bool = True
    round: int = 1
    carried: set[int] = field(default_factory=set)
    told: list[tuple[int, int]] = field(default_factory=list)

    def begin(self, carry: bool) -> None:
        done = {step for number, step in self.told if number == self.round} | self.carried
        self.carried = done if carry else set()
        self.began, self.runs, self.round = self.now, True, self.round + 1

    def change(self, severity: Severity) -> None:
        before, self.severity = self.severity, severity
        if self.runs and severity is not before:
            self.begin(carry=before.worse_than(severity))
        elif not self.runs and severity.worse_than(before):
            self.begin(carry=False)

    def look(self) -> None:
        """Whatever is due by now is told, in its order."""
        for step in steps_for(PLAN, self.severity) if self.runs else ():
            done = (self.round, step.number) in self.told or step.number in self.carried
            is_due = step.after_s <= (self.now - self.began) * 60
            if step.ways != (Via.CHANNEL,) and is_due and not done:
                self.told.append((self.round, step.number))


@settings(max_examples=40, deadline=None)
@given(st.lists(EVENTS, max_size=14))
def test_each_line_is_told_once_when_it_is_due_by_the_time_that_passed(events: list[Event]) -> None:
    clocks = Clocks()
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(minding, "steady_now", clocks.steady)
        world = World(f"sqlite:///{folder}/drbot.db", PLAN, clocks)
        try:
            world.declare(Severity.SEV2)
            expected = Expected()
            for event in ["look again", *events]:
                happen(world, expected, event)
                world.turn()
                expected.look()
            told = [
                (one.data["round"], one.data["step"])
                for one in world.journal("escalated", "seat-vacant")
                if one.data["ways"] != ["channel"]
            ]
            assert told == expected.told
            assert len(world.jobs()) == sum(2 if step == 1 else 1 for _, step in told)
        finally:
            world.close()


def happen(world: World, expected: Expected, event: Event) -> None:
    """To both alike."""
    if isinstance(event, tuple):
        kind, amount = event
        if kind == "forward":
            world.clocks.forward(minutes=amount)
            expected.now += amount
        else:
            world.clocks.jump(hours=amount)
    elif event == "restart":
        world.begin_anew()
    elif event == "reopen" and not expected.open:
        world.reopen()
        expected.open = True
        expected.begin(carry=False)
    elif expected.open:
        change(world, expected, event)


def change(world: World, expected: Expected, event: Severity | str) -> None:
    """What people do to an open incident."""
    ana = world.person("ana")
    if isinstance(event, Severity) and event is not expected.severity:
        world.incidents.set_severity(ana, 1, event)
        expected.change(event)
    elif event == "acknowledge" and expected.runs:
        world.incidents.acknowledge(ana, 1)
        expected.runs = False
    elif event == "resolve":
        world.incidents.resolve(ana, 1)
        expected.runs = expected.open = False
