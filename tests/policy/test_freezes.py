"""Freeze windows: by date and by week, in the wall's time, never for looks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.answer import Refusal
from bot.domain.freeze import WEEK_MIN, Freeze, Weekly, frozen
from bot.domain.restraint import Subject
from bot.domain.run import RunState
from tests.policy.conftest import Build

WEEKEND = {
    "title": "Weekend",
    "because": "nobody is there",
    "weekly": "fri 18:00 - mon 13:00",
    "contact": "eva",
}
LISBON = ZoneInfo("Europe/Lisbon")


@given(st.integers(0, WEEK_MIN - 1), st.integers(1, WEEK_MIN - 1), st.integers(0, 3 * WEEK_MIN))
def test_a_weekly_window_holds_from_its_begin_to_its_end(begins: int, length: int, at: int) -> None:
    monday = datetime(2026, 3, 2, tzinfo=UTC)
    now = monday + timedelta(minutes=at)
    end = Weekly(begins, (begins + length) % WEEK_MIN).end_of(now)
    assert (end is not None) == ((at - begins) % WEEK_MIN < length)
    if end is not None:
        assert now < end <= now + timedelta(minutes=length)
        assert int((end - monday).total_seconds() // 60) % WEEK_MIN == (begins + length) % WEEK_MIN


@given(st.integers(0, WEEK_MIN - 1), st.integers(1, WEEK_MIN - 1))
def test_a_weekly_window_is_read_as_it_is_said(begins: int, length: int) -> None:
    window = Weekly(begins, (begins + length) % WEEK_MIN)
    assert Weekly.parse(str(window)) == window


@given(st.text(max_size=40).filter(lambda text: "-" not in text and "–" not in text))
def test_what_is_no_window_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(ValueError, match="write fri 18:00 - mon 08:00"):
        Weekly.parse(text)


def test_summer_time_moves_no_window() -> None:
    freeze = Freeze("Nights", "sleep", zone=LISBON, weekly=Weekly.parse("sat 22:00 - sun 08:00"))
    # On 29 March 2026 Lisbon's clocks go from 01:00 to 02:00: 08:00 there is 07:00 UTC.
    assert freeze.end_of(datetime(2026, 3, 29, 6, 59, tzinfo=UTC)) == datetime(
        2026, 3, 29, 8, 0, tzinfo=LISBON
    )
    assert freeze.end_of(datetime(2026, 3, 29, 7, 0, tzinfo=UTC)) is None


def test_the_longest_of_two_windows_is_told_and_looks_pass_every_one() -> None:
    short = Freeze(
        "Short", "x", weekly=Weekly.parse("mon 00:00 - tue 00:00"), risks=frozenset({"low", "look"})
    )
    long = Freeze("Long", "x", weekly=Weekly.parse("mon 00:00 - wed 00:00"), risks=frozenset({"low"}))
    monday = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    block = frozen([short, long], Subject("low", "staging/api", "staging"), monday)
    assert block is not None
    assert "until Wed 25 Nov 00:00 (UTC) by “Long”" in block.said
    assert frozen([short, long], Subject("look", "staging/api", "staging"), monday) is None


def test_a_frozen_run_is_refused_with_the_rule_until_when_and_who_can(build: Build) -> None:
    world = build(freezes=[WEEKEND])
    with pytest.raises(Refusal) as raised:
        world.ask("high")
    said = str(raised.value)
    assert (
        "staging is frozen for high runs until Mon 23 Nov 13:00 (UTC) by “Weekend”: nobody is there." in said
    )
    assert "Eva Reis knows more." in said
    assert "Rui Costa, Eva Reis may override" in said
    assert world.shelf.calls == [], "the world was surveyed for a run that is frozen anyway"
    assert world.ask("look").state is RunState.APPROVED
    assert world.ask("low").state is RunState.PROPOSED
    world.clock.forward(hours=1)
    assert world.ask("high").state is RunState.PROPOSED


def test_a_freeze_that_began_after_the_proposal_stops_the_approval(build: Build) -> None:
    world = build(
        freezes=[{"title": "Sale", "because": "x", "from": "2026-11-23T12:05", "until": "2026-11-23T12:10"}]
    )
    run = world.ask("high")
    world.clock.forward(minutes=6)
    with pytest.raises(Refusal, match=r"frozen for high runs .*ask again with `run ACTION … break_glass"):
        world.approve(run)
    assert world.kinds(run) == ["run-proposed", "press-refused"]
    world.clock.forward(minutes=4)
    assert world.approve(run).state is RunState.APPROVED


def test_other_environments_and_the_way_back_are_not_frozen(build: Build) -> None:
    low = {**WEEKEND, "risks": ["low"]}
    elsewhere = build(
        freezes=[{**low, "environments": ["production"]}], environments={"staging": {}, "production": {}}
    )
    assert elsewhere.go(RunState.VERIFIED).state is RunState.VERIFIED
    here = build(freezes=[low])
    back = here.runs.undo(here.person("ana"), 1)
    assert here.approve(back).state is RunState.APPROVED
