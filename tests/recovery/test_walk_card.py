"""A walk's card: the times beside the steps, when the promise ends, and commands that ring nobody."""

from __future__ import annotations

import json

from bot.domain.walk import Doing, StepState, Walk, WalkStep
from bot.runbooks.view import WalkView
from bot.slack.cards.walk import walk_card
from tests.slack.test_cards_legal import accept

STEPS = (
    WalkStep("Look at the new host", does=(Doing("look-at-recovery"),), state=StepState.HELD),
    WalkStep("Clone", command="git clone 'a <!channel> & b' > /dev/null", state=StepState.BY_HAND),
)


def view(**more: object) -> WalkView:
    walk = Walk(3, "full", "Full System Recovery", "production", "ana", "2026-03-01T03:00:00+00:00", STEPS)
    return WalkView(walk, {}, "", **more)  # type: ignore[arg-type]


def test_steps_that_are_over_say_how_long_they_took() -> None:
    card = walk_card(
        view(
            took="12 min 40 s of 4 h RTO",
            steps=("40 s", "12 min, 12 min of it waiting"),
            due="2026-03-01T07:00:00+00:00",
        )
    )
    said = json.dumps(card.blocks, ensure_ascii=False)
    assert "1. Look at the new host  _(40 s)_" in said
    assert "12 min of it waiting" not in said, "what is under way says its time above"
    assert "12 min 40 s of 4 h RTO" in said
    assert "promised until <!date^" in said


def test_a_command_stands_as_it_is_and_rings_nobody() -> None:
    card = walk_card(view())
    accept(card)
    assert "&lt;!channel&gt; &amp; b' &gt; /dev/null" in json.dumps(card.blocks)
