"""The rule by which backups expire, for any set of backups and any clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.backups.expiry import FRESH_WITHIN, Kept, Rule, expired, protected
from actions.plan import Refused

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
DAY_S = 86400.0


def kept(
    number: int, age_s: float, verified: bool = True, ours: bool = True, came_back: bool = False
) -> Kept:
    at = NOW - timedelta(seconds=age_s)
    return Kept(f"b{number}", f"k{number}", "e", 10, at, verified, ours, came_back)


backups = st.lists(
    st.tuples(st.floats(-2 * DAY_S, 400 * DAY_S), st.booleans(), st.booleans(), st.booleans()), max_size=40
).map(lambda rows: [kept(number, *row) for number, row in enumerate(rows)])


@pytest.mark.disaster(41, 40, 56)
@given(
    found=backups,
    keep_days=st.floats(0.0, 90.0),
    at_least=st.integers(-1, 6),
    at_most=st.integers(1, 30),
    leased=st.sets(st.integers(0, 40).map(lambda number: f"b{number}")),
)
def test_whatever_the_backups_are_the_last_verified_ones_stay(
    found: list[Kept], keep_days: float, at_least: int, at_most: int, leased: set[str]
) -> None:
    rule = Rule(keep_days * DAY_S, at_least)
    verified = [one for one in found if one.verified]
    try:
        gone = expired(found, rule, NOW, frozenset(leased), at_most)
    except Refused:
        newest = max((one.taken_at for one in verified), default=None)
        assert newest is None or NOW - newest > FRESH_WITHIN, "only where backups have stopped"
        return
    left = [one for one in verified if one not in gone]
    assert len(left) >= min(len(verified), max(1, at_least))
    assert all(one.ours for one in gone)
    assert all((NOW - one.taken_at).total_seconds() > rule.keep_s for one in gone)
    assert not {one.id for one in gone} & leased
    assert len(gone) <= at_most
    assert list(gone) == sorted(gone, key=lambda one: (one.taken_at, one.id)), "oldest first"
    newest_left = sorted(verified, key=lambda one: (one.taken_at, one.id))[-max(1, at_least) :]
    assert not set(newest_left) & set(gone)
    came_back = {one for one in found if one.came_back}
    assert not came_back & set(gone)
    assert protected(found, rule) == {one.id for one in {*newest_left, *came_back}}


@pytest.mark.disaster(41)
def test_nothing_goes_where_backups_have_stopped_or_the_clock_is_a_year_ahead() -> None:
    found = [kept(number, (40 + number) * DAY_S) for number in range(10)]
    with pytest.raises(Refused, match=r"the newest is 40 days old\): backups have stopped, or a clock is"):
        expired(found, Rule(30 * DAY_S, 3), NOW, frozenset(), 20)
    unverified = [kept(1, 40 * DAY_S, verified=False), kept(2, 50, verified=False)]
    with pytest.raises(Refused, match="there is no verified one"):
        expired(unverified, Rule(30 * DAY_S, 3), NOW, frozenset(), 20)


def test_the_days_of_the_plan() -> None:
    found = [kept(day, day * DAY_S + 60) for day in range(120)]
    for days in (7, 30, 90):
        gone = expired(found, Rule(days * DAY_S, 3), NOW, frozenset(), 500)
        assert [one.id for one in gone] == [f"b{day}" for day in range(119, days - 1, -1)]
