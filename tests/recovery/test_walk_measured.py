"""A walk on the real engine says how long it took, beside what the plan promises, and journals it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.walk import WalkState
from bot.plan.load import read_plan
from bot.slack.cards.walk import walk_card
from bot.store.journal import of_incident
from tests.runbooks.conftest import DO, LOOK, PLAN_TEXT, House, until

PROMISED = "objectives: {rto: {title: RTO, target: 4h, priority: Critical}}\n"
SHELVES = "  shelves:\n    title: Shelves\n    words: [shelf]\n    component: shelf\n    objective: rto\n"
BY_HAND = "{title: Clone, command: git clone}"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    lines = "".join(f"      - {step}\n" for step in (f"{{title: Look, does: [{LOOK}, {DO}]}}", BY_HAND))
    made = House(tmp_path, read_plan(f"{PROMISED}{PLAN_TEXT}{SHELVES}    steps:\n{lines}")).start()
    yield made
    made.close()


def test_it_is_said_under_way_at_its_end_and_in_the_journal(house: House) -> None:
    walk = house.begin(incident=house.incident().id)
    house.waiting_run(walk)
    shown = house.runbooks.view(house.walk(walk))
    assert " of 4 h RTO" in shown.took
    assert "INC-1 is open for" in shown.took
    assert shown.due
    until(lambda: "of it waiting for people" in house.runbooks.view(house.walk(walk)).took)
    house.approve(walk)
    house.rests(walk)
    house.runbooks.go_on(house.person("rui"), walk.id)
    until(lambda: house.walk(walk).state is WalkState.DONE)

    ended = house.walk(walk)
    assert ended.said.startswith("Recovered in ")
    assert "; RTO 4 h; INC-1 was opened" in ended.said
    assert "waiting for people" in ended.said
    assert ended.said.endswith("2 of 2 steps held")
    entry = next(one for one in of_incident(house.store, 1) if one.kind == "runbook-done")
    times = entry.data["times"]
    assert isinstance(times, dict)
    assert 0 < times["waited_s"] <= times["total_s"]
    assert times["promised_s"] == 4 * 3600
    assert [one["title"] for one in times["steps"]] == ["Look", "Clone"]
    assert ended.said.split(". ")[0] == entry.data["took"]


def test_the_card_says_the_time_and_when_the_promise_ends(house: House) -> None:
    walk = house.begin()
    house.waiting_run(walk)
    card = walk_card(house.runbooks.view(house.walk(walk)))
    assert "of 4 h RTO" in str(card.blocks)
    assert "promised until" in str(card.blocks)


def test_a_stopped_walk_says_how_long_it_was_under_way(house: House) -> None:
    walk = house.begin(incident=house.incident().id)
    house.waiting_run(walk)
    house.runbooks.stop(house.person("ana"), walk.id, "another server is up")
    entry = next(one for one in of_incident(house.store, 1) if one.kind == "runbook-stopped")
    assert str(entry.data["took"]).startswith("Ended after ")
