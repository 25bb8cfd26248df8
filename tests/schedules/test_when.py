"""When something is due: by the clock, after another schedule, and while the clock jumps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.schedule import Answered, Call, by_clock, by_event
from bot.plan.cron import Cron

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # a Monday
TWO = Cron.parse("0 2 * * *")
DAY_S = 86_400.0


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "now", "latest", "following"),
    [
        ("0 2 * * *", "2026-11-23T12:00", "2026-11-23T02:00", "2026-11-24T02:00"),
        ("0 2 * * *", "2026-11-23T02:00", "2026-11-23T02:00", "2026-11-24T02:00"),
        ("0 2 * * *", "2026-11-23T01:59:59", "2026-11-22T02:00", "2026-11-23T02:00"),
        ("*/30 * * * *", "2026-11-23T00:10", "2026-11-23T00:00", "2026-11-23T00:30"),
        ("30 4 1 */3 *", "2026-11-23T12:00", "2026-10-01T04:30", "2027-01-01T04:30"),
        ("0 0 29 2 *", "2026-11-23T12:00", "2024-02-29T00:00", "2028-02-29T00:00"),
        ("0 9 * * 1", "2026-11-22T12:00", "2026-11-16T09:00", "2026-11-23T09:00"),
        ("15 6,18 * * *", "2026-12-31T23:59", "2026-12-31T18:15", "2027-01-01T06:15"),
    ],
)
def test_the_moments_before_and_after(cron: str, now: str, latest: str, following: str) -> None:
    read = Cron.parse(cron)
    assert read.latest(at(now)) == at(latest)
    assert read.following(at(now)) == at(following)


def test_a_day_that_never_comes_is_never_due() -> None:
    never = Cron.parse("0 0 30 2 *")
    assert (never.latest(NOON), never.following(NOON)) == (None, None)
    assert by_clock(NOON, None, Answered(None), DAY_S) is Call.REST


@given(st.integers(0, 5 * 366 * 86_400))
def test_latest_and_following_enclose_now(seconds: int) -> None:
    now = at("2024-01-01") + timedelta(seconds=seconds)
    for cron in map(Cron.parse, ("0 2 * * *", "*/7 1-5 * * *", "59 23 31 * *", "0 0 * 2 1")):
        latest, following = cron.latest(now), cron.following(now)
        assert latest is not None
        assert following is not None
        assert latest <= now < following
        assert cron.latest(following) == following
        assert cron.latest(following - timedelta(seconds=1)) == latest


def call(now: datetime, answered: datetime | None, catch_up_s: float = DAY_S) -> Call:
    return by_clock(now, TWO.latest(now), Answered(answered), catch_up_s)


def test_what_was_due_before_drbot_knew_of_it_is_not_caught_up() -> None:
    assert by_clock(NOON, TWO.latest(NOON), None, DAY_S) is Call.NOTE


def test_it_is_asked_for_once_a_moment() -> None:
    last_night, tonight = at("2026-11-22T02:00"), at("2026-11-23T02:00")
    assert call(tonight - timedelta(seconds=1), last_night) is Call.REST
    assert call(tonight, last_night) is Call.ASK
    assert call(tonight, tonight) is Call.REST
    assert call(tonight + timedelta(hours=23), tonight) is Call.REST


def test_what_was_missed_is_caught_up_until_it_is_too_old() -> None:
    tonight, last_night = at("2026-11-23T02:00"), at("2026-11-22T02:00")
    assert call(tonight + timedelta(hours=6), last_night, 6 * 3600) is Call.ASK
    assert call(tonight + timedelta(hours=6, seconds=1), last_night, 6 * 3600) is Call.MISS
    assert call(tonight + timedelta(seconds=3), last_night, 0) is Call.ASK  # it has only just come


@pytest.mark.disaster(56)
def test_a_clock_before_what_was_answered_is_not_trusted() -> None:
    answered = at("2026-11-23T02:00")
    assert call(answered - timedelta(minutes=5), answered) is Call.REST  # NTP steps a little
    assert call(answered - timedelta(minutes=6), answered) is Call.DISTRUST
    assert call(answered - timedelta(days=400), answered) is Call.DISTRUST


def play(times: Sequence[datetime], cron: Cron, catch_up_s: float = DAY_S) -> list[datetime]:
    """The moments that are asked for while the clock shows these times."""
    answered: datetime | None = cron.latest(times[0])
    asked = []
    for now in times:
        due = cron.latest(now)
        found = by_clock(now, due, Answered(answered), catch_up_s)
        if found in (Call.ASK, Call.MISS):
            assert due is not None
            answered = due
            asked += [due] if found is Call.ASK else []
    return asked


@pytest.mark.disaster(56)
@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(days=1)])
@pytest.mark.parametrize("back", [False, True])
def test_a_clock_that_jumps_and_comes_back_loses_none_and_doubles_none(jump: timedelta, back: bool) -> None:
    """Four days by the minute; for ten minutes of the second one the clock is wrong."""
    truth = [NOON + timedelta(minutes=count) for count in range(4 * 1440)]
    wrong = -jump if back else jump
    shown = [
        one + wrong if timedelta(hours=20) <= one - NOON < timedelta(hours=20, minutes=10) else one
        for one in truth
    ]
    nights = [at(f"2026-11-{day}T02:00") for day in (24, 25, 26, 27)]
    assert play(shown, TWO) == nights
    assert play(truth, TWO) == nights


@given(
    st.lists(st.integers(-3 * 1440, 3 * 1440), min_size=1, max_size=60),
    st.sampled_from(["0 2 * * *", "*/30 * * * *", "0 0 * * 1"]),
)
def test_however_the_clock_jumps_no_moment_is_asked_for_twice(steps: list[int], written: str) -> None:
    times = [NOON]
    for step in steps:
        times.append(times[-1] + timedelta(minutes=step))
    asked = play(times, Cron.parse(written))
    assert len(set(asked)) == len(asked)
    assert asked == sorted(asked)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=400))
def test_a_clock_that_only_goes_on_misses_nothing(steps: list[int]) -> None:
    """However irregularly the bot looks, as long as it looks more often than the schedule is due."""
    times = [NOON]
    for step in steps:
        times.append(times[-1] + timedelta(minutes=step))
    hourly = Cron.parse("0 * * * *")
    wanted = [moment for count in range(1, 400) if (moment := NOON + timedelta(hours=count)) <= times[-1]]
    assert play(times, hourly) == wanted


def test_after_another_one_each_success_is_answered_once() -> None:
    first, second = NOON, NOON + timedelta(days=1)
    assert by_event(NOON, None, None, DAY_S) is Call.NOTE
    assert by_event(NOON, None, Answered(None), DAY_S) is Call.REST
    assert by_event(NOON, first, Answered(None), DAY_S) is Call.ASK
    assert by_event(NOON, first, Answered(first), DAY_S) is Call.REST
    assert by_event(second, second, Answered(first), DAY_S) is Call.ASK
    assert by_event(second + timedelta(days=2), second, Answered(first), DAY_S) is Call.MISS


@pytest.mark.disaster(56)
def test_after_another_one_the_clock_does_not_matter() -> None:
    """What it follows ended before what was answered, by a clock that was put back: it is another success."""
    earlier, later = NOON - timedelta(days=1), NOON
    assert by_event(earlier, earlier, Answered(later), DAY_S) is Call.ASK
    assert by_event(earlier - timedelta(days=1), earlier, Answered(later), DAY_S) is Call.ASK
