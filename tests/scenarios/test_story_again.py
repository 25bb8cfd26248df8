"""The demo on kept state, and with somebody at the page who is quicker than the story."""

from __future__ import annotations

import pytest

from bot.demo.story import Cast, open_card, play_story
from bot.demo.world import World

pytestmark = [pytest.mark.xdist_group("world"), pytest.mark.timeout(240)]


def test_the_story_plays_again_though_its_cards_of_the_last_time_are_there(world: World, cast: Cast) -> None:
    """Found at first: it took the restore's card of the last time for this one's, and the demo ended."""
    play_story(world, cast, print, pause_s=0.0)
    before = _restores(cast)
    play_story(world, cast, print, pause_s=0.0)
    assert _restores(cast) == before + 1


def test_a_person_may_press_before_the_story_does(world: World, cast: Cast) -> None:
    def interrupt(line: str) -> None:
        if "the card is up" in line:
            card = open_card(cast)
            assert card is not None
            assert cast.bruno.press(card, "Acknowledge").ok
            cast.bruno.wait_for(lambda: "Acknowledge" not in _buttons(cast) or None, 30)

    play_story(world, cast, interrupt, pause_s=0.0)


def _restores(cast: Cast) -> int:
    words = [one.words for one in cast.ana.channel(cast.home) if not one.private]
    return sum("Restore a database" in said and "verified" in said for said in words)


def _buttons(cast: Cast) -> list[str]:
    card = open_card(cast)
    return card.buttons if card else []
