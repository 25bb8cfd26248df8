"""An incident that came back: each round is told for itself, and the first end was none."""

from __future__ import annotations

import pytest

from tests.findings.conftest import Channel


@pytest.fixture
def came_back(channel: Channel) -> Channel:
    channel.bot("14:00", "alert_fired", "PoolExhausted: no connection is free")
    channel.bot("14:01", "acknowledged", "acknowledged by Rafa Tavares")
    channel.bot("14:02", "run_verified", "RUN-2 Look at the application verified: DOWN", run="RUN-2")
    channel.say("14:03", "RAFA", "root cause: the monthly report joined without an index", "mag")
    channel.bot("14:05", "run_verified", "RUN-4 End long-running queries verified: 9 of 57", run="RUN-4")
    channel.bot("14:06", "alert_resolved", "PoolExhausted resolved")
    channel.bot("14:06", "resolved", "resolved by drbot: every alert is resolved")
    channel.bot("14:20", "reopened", "reopened: PoolExhausted came back")
    channel.bot("14:20", "alert_fired", "PoolExhausted: no connection is free")
    channel.bot("14:40", "acknowledged", "acknowledged by Bianca Moura")
    channel.say("14:41", "BIA", "root cause: the nightly export opened 50 connections")
    channel.bot("14:50", "resolved", "resolved by Bianca Moura")
    return channel


def test_the_answer_to_the_second_round_is_measured_for_itself(came_back: Channel) -> None:
    told = came_back.markdown().split("## Times against objectives")[1].split("##")[0]
    assert "MTTA, from its opening to its acknowledgement: 1 min" in told
    assert "- Answer after it reopened at 14:20: 20 min" in told


def test_the_first_end_restored_nothing(came_back: Channel) -> None:
    times = came_back.report().times
    assert times.mitigated is None
    assert times.resolved is not None
    assert f"{times.resolved.at:%H:%M}" == "14:50"


def test_what_was_found_after_it_came_back_stands_beside_the_first_cause(came_back: Channel) -> None:
    cause = came_back.markdown().split("## Root Cause")[1].split("##")[0]
    assert "the monthly report joined without an index" in cause
    assert "the nightly export opened 50 connections" in cause


def test_that_it_could_look_is_no_success(came_back: Channel) -> None:
    well = came_back.markdown().split("## What went well")[1].split("##")[0]
    assert "RUN-4" in well
    assert "RUN-2" not in well
