"""How whole runs end on the engine when DNS or a target fails midway: in a state and a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

import actions.failover.record_moves as moves
from bot.domain.run import RunState
from tests.failover.house import room
from tests.real.places import FIRST, TwoPlaces


@pytest.mark.disaster("a change of DNS stays PENDING", "not verified; the record is put back and people told")
def test_pending_for_ever_is_put_back_and_a_person_is_called(
    places: TwoPlaces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even the way back is known to have arrived, so nobody is told that all is as before."""
    monkeypatch.setattr(moves, "SYNC_WITHIN_S", 1.0)
    with room(places, tmp_path) as here:
        here.say("failover api")
        with places.front.stuck():
            ended = here.approve(here.newest())
        assert ended.state is RunState.STOPPED
        assert "still PENDING" in ended.outcome
        assert "A person must look at the target" in ended.outcome
        assert places.live() == [places.at(FIRST)]


@pytest.mark.disaster("the new target dies after the name was moved", "not verified; the name is put back")
def test_a_target_that_dies_midway_gives_the_name_back(
    places: TwoPlaces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "PROBE_AGAIN_S", 0.05)
    places.front.sync_after_s = 0.5

    def dies(name: str, kind: str) -> object:
        places.second.healthy = not places.front.moves
        return places.front.served(name, kind)

    places.dns.answers = dies  # type: ignore[assignment]  # the same, and a side effect
    with room(places, tmp_path) as here:
        here.say("failover api")
        ended = here.approve(here.newest())
        assert ended.state is RunState.UNDONE, ended.outcome
        assert "through the name answered 503" in ended.outcome
        assert "Everything was taken back" in ended.outcome
        assert places.live() == [places.at(FIRST)]
