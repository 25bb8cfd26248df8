"""A time that cannot be had is refused with the window that can, before anything is touched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.clusters.moment import read_moment, said
from actions.clusters.restore import restore_to_time
from actions.plan import Refused
from tests.actions.running import planned
from tests.real.archived import Prepared, copied_cluster
from tests.real.backrest import RealCluster

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def still(prepared: Prepared) -> Iterator[RealCluster]:
    """One cluster for all: nobody changes it."""
    with copied_cluster(prepared) as made:
        yield made


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-11-22T21:55:00", "has no time zone, .* What can be had is from 20"),
        ("yesterday", "no point in time: write it as"),
        ("'; drop table usuarios; --", "no point in time"),
        ("", "say to which point in time"),
        ("2099-01-01T00:00:00Z", "still to come .* What can be had is from 20"),
        ("2020-01-01T00:00:00Z", "cannot be had: what can be had is from 20"),
    ],
)
@pytest.mark.disaster("a point in time that cannot be had", "refused with the window that can")
def test_it_is_refused_with_the_window(still: RealCluster, at: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        planned(restore_to_time, still.tools, environment="production", at=at)
    assert still.beside() == set()


def test_an_hour_before_the_first_backup_is_told(prepared: Prepared, still: RealCluster) -> None:
    early = prepared.at - timedelta(hours=1)
    with pytest.raises(Refused, match="Nothing was changed"):
        planned(restore_to_time, still.tools, environment="production", at=said(early))


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2026, 11, 22)),  # noqa: DTZ001 - the zone comes next
    st.integers(-14 * 60, 14 * 60),
)
def test_a_time_with_a_zone_is_read_as_that_moment(at: datetime, minutes: int) -> None:
    zoned = at.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert read_moment(zoned.isoformat(), NOW) == zoned


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_moment_or_a_sentence(text: str) -> None:
    try:
        assert read_moment(text, NOW) <= NOW
    except Refused as refused:
        told = str(refused)
        assert "Nothing was changed" in told
