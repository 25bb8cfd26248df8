"""The circuit breaker: opened by the third bad end, told once, closed by a person; looks and undos pass."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.answer import Refusal, UsageError
from bot.domain.breaker import BreakerRule, Ended, opening
from bot.domain.run import RunState
from bot.store.journal import verify
from tests.policy.conftest import Build, World

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FREE = {"per_target_hour": 100}


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3_000)), max_size=6), st.integers(1, 4))
def test_it_opens_where_the_last_ones_all_failed_close_together(
    ends: list[tuple[bool, int]], failures: int
) -> None:
    at = START
    newest_first: list[Ended] = []
    for held, pause_s in ends:
        at += timedelta(seconds=pause_s)
        newest_first.insert(0, Ended("RUN-1", held, "verified" if held else "failed", at))
    last = newest_first[:failures]
    should = len(last) == failures and not any(one.held for one in last)
    should = should and (last[0].at - last[-1].at).total_seconds() <= 3_600
    assert bool(opening(BreakerRule(failures), newest_first)) == should


def fail(world: World, times: int = 3) -> None:
    for state in (RunState.FAILED, RunState.STOPPED, RunState.UNDONE)[:times]:
        world.go(state)


def test_the_third_bad_end_opens_it_and_everybody_is_told_once(build: Build) -> None:
    world = build(limits=FREE)
    waiting = world.ask()
    fail(world)
    with pytest.raises(Refusal) as raised:
        world.ask()
    said = str(raised.value)
    assert "breaker of staging/hall is open since 2026-11-23 12:00:03 UTC" in said
    assert "RUN-2 (failed) and RUN-3 (stopped) and RUN-4 (undone) ended badly" in said
    assert "Ana Lima, Rui Costa, Eva Reis can say `breaker close staging/hall" in said
    with pytest.raises(Refusal, match="circuit breaker of staging/hall is open"):
        world.approve(waiting)
    told = [note for note in world.notes() if "circuit breaker" in note]
    assert len(told) == 1
    assert world.store.read("SELECT COUNT(*) FROM journal WHERE kind = 'breaker-opened'") == [(1,)]
    assert world.ask("look").state is RunState.APPROVED
    assert world.ask(place="attic").state is RunState.PROPOSED


def test_it_survives_a_restart_and_is_closed_by_a_person_with_a_reason(build: Build) -> None:
    world = build(limits=FREE)
    fail(world)
    world.close()
    again = build(limits=FREE)
    again.clock.forward(days=3)
    assert [one.target for one in again.runs.breakers()] == ["staging/hall"]
    with pytest.raises(Refusal, match=r"closed by approver or on-call only\. Ask Ana Lima"):
        again.runs.close_breaker(again.person("leo"), "staging/hall", "it is fine")
    with pytest.raises(UsageError, match="say why"):
        again.runs.close_breaker(again.person("eva"), "staging/hall", "  ")
    again.runs.close_breaker(again.person("eva"), "staging/hall", "the disk was full")
    with pytest.raises(UsageError, match="open now: none is"):
        again.runs.close_breaker(again.person("eva"), "staging/hall", "the disk was full")
    assert again.runs.breakers() == []
    fail(again, 2)
    assert again.runs.breakers() == [], "ends before it was closed were counted"
    again.go(RunState.FAILED)
    assert len(again.runs.breakers()) == 1
    kinds = [
        row[0]
        for row in again.store.read("SELECT kind FROM journal WHERE kind LIKE 'breaker-%' ORDER BY seq")
    ]
    assert kinds == ["breaker-opened", "breaker-closed", "breaker-opened"]
    assert verify(again.store) is None


def test_what_does_not_count_does_not_open_it(build: Build) -> None:
    world = build(limits=FREE)
    fail(world, 2)
    refused = world.ask()
    world.approve(refused)
    world.end(refused, RunState.REFUSED)
    held = world.go(RunState.VERIFIED)
    world.go(RunState.FAILED)
    back = world.runs.undo(world.person("ana"), held.id)
    world.approve(back)
    world.end(back, RunState.VERIFIED)
    assert world.runs.get(held.id).state is RunState.UNDONE
    assert world.runs.breakers() == []


def test_taking_back_passes_an_open_breaker(build: Build) -> None:
    world = build(limits=FREE)
    held = world.go(RunState.VERIFIED)
    fail(world)
    back = world.runs.undo(world.person("ana"), held.id)
    assert world.approve(back).state is RunState.APPROVED


def test_failures_far_apart_do_not_open_it(build: Build) -> None:
    world = build(limits={**FREE, "breaker": {"failures": 2, "within": "10m"}})
    world.go(RunState.FAILED)
    world.clock.forward(minutes=11)
    world.go(RunState.FAILED)
    assert world.runs.breakers() == []
    world.go(RunState.FAILED)
    assert len(world.runs.breakers()) == 1
