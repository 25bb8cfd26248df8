"""One button, five people, ten presses each, all at once, through the console: one run, 49 clear answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.commands.console import Where
from bot.commands.desk import Desk
from bot.commands.switchboard import Switchboard
from bot.domain.answer import Answer, Exit
from bot.domain.run import RunState
from bot.incidents import Incidents
from tests.policy.conftest import PEOPLE, World

FIVE = ("ana", "rui", "eva", "leo", "ivo")
TEAM = {
    **PEOPLE,
    "leo": {"name": "Leo Dias", "roles": ["on-call"]},
    "ivo": {"name": "Ivo Melo", "roles": ["on-call"]},
    "eva": {"name": "Eva Reis", "roles": ["on-call", "approver"]},
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, {"people": TEAM})
    yield made
    made.close()


def console(world: World) -> Switchboard:
    tools = world.shelf.toolbox()
    told = Incidents(world.store, world.plan, lambda tx, incident: None)
    return Switchboard(Desk(world.plan, world.root, world.store, told, world.runs, world.actions, tools))


def press(world: World, line: str, *, one_request: bool = False) -> list[Answer]:
    """Everybody at once; a key for each press, as Slack gives it, unless it is one delivered anew."""
    board, gate = console(world), threading.Barrier(50)

    def once(number: int) -> Answer:
        person = world.person(FIVE[number % 5])
        gate.wait(30)
        key = "slack:1" if one_request else f"slack:{number}"
        return board.execute(line, person, Where("slack", request_key=key))

    with ThreadPoolExecutor(50) as hands:
        return list(hands.map(once, range(50)))


def test_an_offered_action_pressed_by_all_is_one_proposal_and_49_are_told_whose(world: World) -> None:
    world.declare(7)
    answers = press(world, "run low-shelve place=hall incident=INC-7")
    assert len(world.runs.recent(200)) == 1
    made = world.runs.get(1)
    first = [answer for answer in answers if answer.title.startswith("RUN-1 waits for approval by")]
    asker = world.person(made.requested_by).name
    told = [
        answer for answer in answers if f"was already asked for by {asker} at 12:00:00 UTC" in answer.title
    ]
    assert (len(first), len(told)) == (1, 49)
    assert {answer.run for answer in answers} == {1}
    assert world.kinds(made) == ["run-proposed"]


@pytest.mark.disaster(21)
def test_one_request_delivered_again_is_one_run_outside_an_incident_too(world: World) -> None:
    answers = press(world, "run low-shelve place=hall", one_request=True)
    assert len(world.runs.recent(200)) == 1
    assert sum("was already asked for by" in answer.title for answer in answers) == 49


def test_a_look_pressed_by_all_is_one_look(world: World) -> None:
    world.declare(7)
    answers = press(world, "run look-shelve place=hall incident=INC-7")
    assert len(world.runs.recent(200)) == 1
    assert sum("needed no approval and starts now" in answer.title for answer in answers) == 49


@pytest.mark.disaster(22)
def test_approve_pressed_by_all_is_one_approval_and_49_are_told_by_whom(world: World) -> None:
    run = world.ask()
    answers = press(world, f"approve {run.ref} digest={run.digest[:16]}")
    won = [answer for answer in answers if answer.exit is Exit.DONE]
    approver = world.person(world.runs.get(run.id).approved_by).name
    assert [answer.title for answer in won] == [f"RUN-1 is approved by {approver} and starts now."]
    lost = [answer for answer in answers if answer.exit is Exit.REFUSED]
    assert len(lost) == 49
    assert all(f"was already approved by {approver} at 12:00:00 UTC" in answer.title for answer in lost)
    assert world.kinds(run).count("run-approved") == 1


def test_presses_on_the_offer_after_the_approval_make_no_second_run(world: World) -> None:
    world.declare(7)
    run = world.ask("low", incident=7)
    world.approve(run)
    answers = press(world, "run low-shelve place=hall incident=INC-7")
    assert all("was already approved by Eva Reis" in answer.title for answer in answers)
    world.end(run, RunState.VERIFIED)
    assert len(world.runs.recent(200)) == 1
    assert (
        console(world)
        .execute("run low-shelve place=hall incident=INC-7", world.person("ana"), Where("slack"))
        .title.startswith("RUN-2 waits")
    )


def test_a_world_that_moved_is_asked_for_anew(world: World) -> None:
    world.declare(7)
    world.ask("low", incident=7)
    (world.shelf.root / "item@hall@1").touch()
    answers = press(world, "run low-shelve place=hall incident=INC-7")
    assert {answer.run for answer in answers} == {2}


def test_who_can_approve_this_run_is_told_and_not_who_asked_for_it(world: World) -> None:
    asked = console(world).execute("run destructive-shelve place=hall", world.person("rui"), Where("shell"))
    assert asked.title == "RUN-1 waits for approval by Eva Reis."
