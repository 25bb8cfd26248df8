"""Words that promise another time than the one that people are reminded of."""

from __future__ import annotations

import pytest

from bot.domain.publication import Stage
from bot.outside.promised import promised_otherwise
from tests.outside.conftest import Room
from tests.outside.test_cards import a_text


def test_an_edit_that_leaves_another_promise_in_the_words_is_warned_of(room: Room) -> None:
    room.open()
    room.say("draft INC-1 status")
    room.say("edit PUB-1 next=1h Bookings fail. We write the next update within 1 hour.")
    assert not [line for line in room.say("outside PUB-1").lines if line.startswith("!")]
    edited = room.say("edit PUB-1 next=30m")
    assert (
        "! Its words promise an update within 1 hour, and the next update is after 30 minutes: change one."
        in edited.lines
    )


@pytest.mark.parametrize(
    ("text", "next_s", "warned"),
    [
        ("The next update follows within 30 minutes.", 1800, False),
        ("The next update follows within 1 hour 30 minutes.", 5400, False),
        ("The next update follows within half an hour.", 3600, True),
        ("We tell you again in 45 min.", 1800, True),
        ("The next update follows within an hour.", 0, True),
        ("Bookings made within 1 hour may be lost. The next update follows soon.", 1800, False),
        ("Since 03:00 UTC it fails.", 1800, False),
    ],
)
def test_only_the_next_updates_time_is_read(text: str, next_s: int, warned: bool) -> None:
    assert bool(promised_otherwise(a_text(text=text, next_update_s=next_s))) is warned
    assert not promised_otherwise(a_text(text=text, next_update_s=0, stage=Stage.RESOLVED))
