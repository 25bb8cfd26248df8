"""Limits an hour, counted from the rows of runs that began."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.answer import Refusal
from bot.domain.limits import Limits, Started, over_limit
from bot.domain.restraint import Subject
from bot.domain.run import RunState
from tests.policy.conftest import Build

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
STARTED = st.lists(
    st.builds(
        Started,
        st.sampled_from(["RUN-1", "RUN-2"]),
        st.sampled_from(["look", "low", "high"]),
        st.sampled_from(["staging/api", "staging/db", "staging/*", "production/api"]),
        st.integers(1, 7_200).map(lambda ago: NOW - timedelta(seconds=ago)),
    ),
    max_size=12,
)


@given(STARTED, st.integers(0, 4), st.integers(0, 4))
def test_what_is_counted_is_what_began_within_the_hour(started: list[Started], most: int, here: int) -> None:
    subject = Subject("low", "staging/api", "staging")
    recent = [one for one in started if one.at > NOW - timedelta(hours=1) and one.risk != "look"]
    low = [one for one in recent if one.risk == "low"]
    touching = [one for one in recent if one.target == "staging/api"]
    block = over_limit(Limits({"low": most}, here), subject, started, NOW)
    assert (block is not None) == (len(low) >= most or len(touching) >= here)
    assert (
        over_limit(Limits({}, 0), Subject("low", "staging/api", "staging", is_undo=True), started, NOW)
        is None
    )
    assert over_limit(Limits({"look": 0}, 0), Subject("look", "staging/api", "staging"), started, NOW) is None


def test_the_limit_of_a_risk_names_the_runs_and_when_the_next_may_begin(build: Build) -> None:
    world = build(limits={"per_hour": {"low": 2}})
    first = world.go(RunState.VERIFIED, place="attic")
    world.clock.forward(minutes=10)
    waiting = world.ask("low", place="cellar")
    world.go(RunState.VERIFIED, place="hall")
    with pytest.raises(Refusal) as raised:
        world.ask("low", place="porch")
    assert "the plan allows 2 low-risk runs an hour, and 2 began in the last one (RUN-1, RUN-3)" in str(
        raised.value
    )
    assert "The next may begin at 13:00 UTC" in str(raised.value)
    with pytest.raises(Refusal, match="2 low-risk runs an hour"):
        world.approve(waiting)
    assert world.ask("high", place="porch").state is RunState.PROPOSED
    world.forget(first)
    assert world.approve(waiting).state is RunState.APPROVED


def test_whoever_asks_at_the_minute_that_was_said_is_let_through() -> None:
    began = Started("RUN-1", "low", "staging/api", NOW - timedelta(minutes=59, seconds=15))
    subject = Subject("low", "staging/api", "staging")
    block = over_limit(Limits({"low": 1}), subject, [began], NOW)
    assert block
    assert "The next may begin at 12:01 UTC" in block.said
    assert over_limit(Limits({"low": 1}), subject, [began], NOW + timedelta(minutes=1)) is None


def test_what_is_approved_and_not_begun_counts_too(build: Build) -> None:
    world = build(limits={"per_hour": {"low": 1}})
    runs = [world.ask("low", place=place) for place in ("hall", "attic")]
    world.approve(runs[0])
    with pytest.raises(
        Refusal, match=r"allows 1 low-risk runs an hour, and 1 began in the last one \(RUN-1\)"
    ):
        world.approve(runs[1])


def test_what_a_guard_refused_changed_nothing_and_is_not_counted(build: Build) -> None:
    world = build(limits={"per_hour": {"low": 1}})
    refused = world.go(RunState.REFUSED)
    assert refused.started_at, "its guard refused it: it had begun"
    assert world.go(RunState.VERIFIED).state is RunState.VERIFIED
    with pytest.raises(Refusal, match=r"1 began in the last one \(RUN-2\)"):
        world.ask("low", place="attic")


def test_one_target_has_its_own_limit_and_looks_and_undos_are_free(build: Build) -> None:
    world = build(limits={"per_target_hour": 1})
    done = world.go(RunState.VERIFIED)
    with pytest.raises(Refusal, match="allows 1 runs on staging/hall an hour"):
        world.ask()
    assert world.ask("look").state is RunState.APPROVED
    back = world.runs.undo(world.person("ana"), done.id)
    world.approve(back)
    world.end(back, RunState.VERIFIED)
    assert world.go(RunState.VERIFIED, place="attic").state is RunState.VERIFIED
