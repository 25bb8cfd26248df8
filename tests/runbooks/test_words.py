"""The verbs of runbooks, said as people say them, against the whole inside of the bot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.commands.console import Where
from bot.commands.desk import Desk
from bot.commands.switchboard import Switchboard
from bot.domain.answer import Answer, Exit
from bot.domain.person import Person
from bot.domain.walk import StepState
from bot.incidents import Incidents
from bot.store.journal import of_incident
from bot.timeline import timeline
from tests.runbooks.conftest import LOOK, House, plan_of, until
from tests.runbooks.test_walks import step

BY_HAND = "{title: Tell everybody, command: echo done}"


class Talk:
    """A console over a house whose engine and conductor run."""

    def __init__(self, house: House) -> None:
        self.house = house
        desk = Desk(
            house.plan, Path("plan.yaml"), house.store,
            Incidents(house.store, house.plan, lambda tx, incident: None),
            house.runs, house.actions, house.shelf.toolbox(),
        )  # fmt: skip
        self.board = Switchboard(desk)

    def say(self, line: str, who: str = "ana", face: str = "shell", key: str = "") -> Answer:
        person = self.house.plan.person(who) or Person("U0", "Somebody", known=False)
        return self.board.execute(line, person, Where(face, request_key=key))


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    steps = (step("Look", LOOK), step("Refused", LOOK.replace("hall", "hall, how: refuse-survey")), BY_HAND)
    house = House(tmp_path, plan_of(*steps, looks=LOOK)).start()
    yield Talk(house)
    house.close()


def test_a_walk_in_words(talk: Talk) -> None:
    incident = talk.house.incident()
    listed = talk.say("runbooks")
    assert listed.table
    assert listed.table.rows == (("shelves", "Shelves", "Look shelve", "INC-1"),)
    begun = talk.say("runbook shelves incident=INC-1")
    assert (begun.title, begun.walk, begun.exit) == ("RB-1 begins: Shelves in staging.", 1, Exit.DONE)
    walk = talk.house.runbooks.get(1)
    talk.house.rests(walk)
    shown = talk.say("runbook RB-1")
    assert shown.lines[0].startswith("✓ 1. Look (RUN-")
    assert shown.lines[1] == "✗ 2. Refused: there is no such shelf"
    assert shown.lines[-1] == "It stands at step 2, Refused."
    assert talk.say("runbook Shelves incident=INC-1").title == "RB-1 is under way already, begun by Ana Lima."
    without = talk.say("continue RB-1 skip=")
    assert (without.exit, "needs a reason" in without.title) == (Exit.USAGE, True)
    assert talk.say('continue RB-1 skip="the shelf is new"').title == "RB-1 goes on."
    until(lambda: talk.house.states(walk)[2] is StepState.BY_HAND)
    assert "      echo done" in talk.say("runbook RB-1").lines
    talk.say("continue RB-1 step=3")
    until(lambda: talk.house.walk(walk).ended_at)
    told = [moment.what for moment in timeline(of_incident(talk.house.store, incident.id), ())]
    assert "ana began RB-1: the runbook Shelves" in told
    assert "RB-1 step 2: Refused – there is no such shelf" in told
    assert "RB-1 step 2: Refused – skipped by Ana Lima: the shelf is new" in told
    assert "RB-1 is done: 2 of 3 steps held, 1 passed by a person" in told


def test_a_press_that_arrives_twice_is_one_walk(talk: Talk) -> None:
    first = talk.say("runbook shelves", key="slack:1")
    again = talk.say("runbook shelves", key="slack:1")
    assert first.walk == again.walk == 1
    stopped = talk.say("stop RB-1 wrong shelf")
    assert stopped.title == "RB-1 is stopped."
    assert talk.house.runbooks.get(1).said == "stopped by Ana Lima: wrong shelf"


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("runbook shelvs", Exit.USAGE, "did you mean 'shelves'?"),
        ("runbook shelves environment=moon", Exit.USAGE, "the plan has no environment 'moon'"),
        ("runbook shelves incident=INC-99", Exit.USAGE, "There is no INC-99"),
        ("runbook RB-77", Exit.USAGE, "There is no RB-77"),
        ("continue RB-77", Exit.USAGE, "There is no RB-77"),
        ("continue RUN-1", Exit.USAGE, "say RB- and its number"),
        ("continue", Exit.USAGE, "which runbook under way? say `continue RB-…"),
        ("continue RB-77 step=²", Exit.USAGE, "step=² is not a number"),
        ("stop RB-77", Exit.USAGE, "There is no RB-77"),
        ("looks INC-9", Exit.USAGE, "INC-9"),
        ("silence INC-9", Exit.USAGE, "INC-9"),
    ],
)
def test_what_cannot_be_done_says_what_can(talk: Talk, line: str, code: Exit, said: str) -> None:
    answer = talk.say(line)
    assert (answer.exit, said.lower() in answer.title.lower()) == (code, True), answer.title


def test_strangers_may_read_and_begin_nothing(talk: Talk) -> None:
    for line in ("runbook shelves", "continue RB-1", "stop RB-1", "silence INC-1"):
        assert talk.say(line, "nobody").exit is Exit.REFUSED
    assert talk.say("runbooks", "nobody").exit is Exit.DONE


def test_what_was_looked_at_is_told_in_full(talk: Talk) -> None:
    talk.house.incident()
    until(lambda: "verified" in " ".join(talk.say("looks INC-1").lines))
    told = talk.say("looks INC-1").lines
    assert told[0].endswith("UTC · Furnish the shelf · RUN-1 verified")
    assert told[1:] == ("  found 0 items",)


def test_without_the_action_nothing_is_silenced(talk: Talk) -> None:
    talk.house.incident()
    answer = talk.say("silence INC-1")
    assert (answer.exit, "silence-alert" in answer.title) == (Exit.REFUSED, True)
