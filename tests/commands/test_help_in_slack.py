"""Help on a phone: all of it within what Slack shows, and what is told to be said can be pasted there."""

from __future__ import annotations

import json

import pytest

from bot.commands.console import Where
from bot.commands.pasted import slashed
from bot.commands.rooms import rooms
from bot.commands.verbs import all_verbs
from bot.domain.answer import Answer, Exit
from bot.slack.cards.answer import answer_card
from bot.slack.cards.items import items_card
from tests.commands.test_switchboard import Desk, desk  # noqa: F401 - a fixture

SLACK = Where("slack")


def say(desk: Desk, line: str) -> Answer:  # noqa: F811
    person = desk.house.plan.person("ana")
    assert person is not None
    return desk.house.console.execute(line, person, SLACK)


def test_every_verb_stands_in_one_room() -> None:
    found = [verb.name for room in rooms() for verb in room.verbs]
    assert sorted(found) == sorted(all_verbs())
    assert all(room.verbs for room in rooms())


@pytest.mark.parametrize("line", ["help", ""])
def test_help_names_every_verb_in_slack(desk: Desk, line: str) -> None:  # noqa: F811
    """Found at first: it ended at the fiftieth row with "ask in the shell", which a phone does not have."""
    answer = say(desk, line)
    drawn = json.dumps(items_card(answer).blocks, ensure_ascii=False)
    assert all(verb in drawn for verb in all_verbs()), drawn
    assert "shell." not in drawn
    assert "…" not in drawn
    assert [label for label, _ in answer.presses][:2] == ["Incidents", "Runs"]


def test_every_room_fits_a_message(desk: Desk) -> None:  # noqa: F811
    for room in rooms():
        answer = say(desk, f"help {room.name}")
        drawn = json.dumps(answer_card(answer).blocks, ensure_ascii=False)
        assert all(json.dumps(verb.usage, ensure_ascii=False)[1:-1] in drawn for verb in room.verbs), (
            room.name
        )
        assert "more rows" not in drawn


def test_a_verb_is_told_with_those_that_begin_like_it(desk: Desk) -> None:  # noqa: F811
    for name in ("item", "report", "outbound"):
        table = desk.say(f"help {name}").table
        assert table is not None
        named = {verb.usage for key, verb in all_verbs().items() if key.split()[0] == name}
        assert named <= {row[0] for row in table.rows}
    assert desk.say("help akc").title == "There is no verb 'akc': did you mean `help ack`?"


def test_what_is_told_to_be_said_can_be_pasted(desk: Desk) -> None:  # noqa: F811
    assert say(desk, "ack").title == "Which incident? Say `/dr ack INC-…`"
    assert say(desk, "ack INC-99").title == "There is no INC-99: `/dr incidents` lists the open ones."
    assert say(desk, "incidnets").title.endswith("did you mean `/dr incidents`?")
    assert say(desk, "item").exit is Exit.USAGE
    assert "`/dr item reopen`" in say(desk, "item").title


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("`ack INC-7`", "`/dr ack INC-7`"),
        ("`item drop AI-2 REASON`", "`/dr item drop AI-2 REASON`"),
        ("`dr report export INC-1`", "`dr report export INC-1`"),
        ("`/dr incidents`", "`/dr incidents`"),
        ("`people` and `restore-database`", "`people` and `restore-database`"),
    ],
)
def test_only_verbs_are_slashed(said: str, told: str) -> None:
    assert slashed(said) == told
