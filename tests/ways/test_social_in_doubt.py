"""A post whose answer was lost is never posted again by drbot itself; a person who looked may."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.outbound import JobState
from bot.store.outbound import ask_again, job_of
from bot.ways.social import Social
from tests.real.outside import Kind
from tests.real.social import Network
from tests.ways.jobs_at_hand import TEXT, a_post
from tests.ways.turning import Turning


def turning_to(url: str, tmp_path: Path) -> Turning:
    return Turning(f"sqlite:///{tmp_path}/drbot.db", Social({"DR_SOCIAL_URL": url}, read_s=0.4))


@pytest.mark.parametrize("after", [True, False], ids=["taken", "not taken"])
@pytest.mark.parametrize("kind", ["cut", "hang", "status"])
def test_a_lost_answer_is_a_persons_to_settle(
    network: Network, tmp_path: Path, kind: Kind, after: bool
) -> None:
    network.faults.next(kind, status=500, after=after)
    turning = turning_to(network.x_url, tmp_path)
    turning.ask(a_post())
    turning.turn_out()
    turning.turn_for(3600)
    job = job_of(turning.store.read, "outside:7:2")
    assert job is not None
    assert job.state is JobState.UNSURE
    assert "cannot read what the account shows" in job.said
    assert network.posts == ([TEXT] if after else [])

    turning.store.write(lambda tx: ask_again(tx, job))  # a person looked, or was not sure
    turning.turn_out()
    assert network.posts == [TEXT]  # X refuses a second one
    turning.store.close()
