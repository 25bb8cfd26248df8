"""As fast as Slack answers, until it says otherwise."""

from __future__ import annotations

import pytest

from bot.slack.pace import CAREFUL_S, EDIT_PACE_S, POST_PACE_S, Pace

POST, UPDATE = "chat.postMessage", "chat.update"


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_nothing_waits_until_slack_says_so() -> None:
    pace = Pace(Clock())
    for _ in range(100):
        pace.called(POST, "C1")
        assert pace.wait_s(POST, "C1") == 0.0


def test_retry_after_holds_for_that_method_and_channel_only() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.limited(POST, "C1", 3.0)
    assert pace.wait_s(POST, "C1") == 3.0
    assert pace.wait_s(POST, "C2") == 0.0
    assert pace.wait_s(UPDATE, "C1") == 0.0
    assert pace.is_limited("C1")
    clock.now += 3.0
    assert pace.wait_s(POST, "C1") == 0.0


def test_after_a_429_it_goes_carefully_for_a_while() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.limited(POST, "C1", 1.0)
    clock.now += 1.0
    pace.called(POST, "C1")
    assert pace.wait_s(POST, "C1") == pytest.approx(POST_PACE_S)
    clock.now += CAREFUL_S + 1
    pace.called(POST, "C1")
    assert pace.wait_s(POST, "C1") == 0.0
    assert not pace.is_limited("C1")


def test_one_card_is_not_edited_without_pause() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.called(UPDATE, "C1", "incident:1:card")
    assert pace.wait_s(UPDATE, "C1", "incident:1:card") == EDIT_PACE_S
    assert pace.wait_s(UPDATE, "C1", "incident:2:card") == 0.0
    assert pace.wait_s(POST, "C1", "incident:1:card") == 0.0
