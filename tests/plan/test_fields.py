"""Durations, schedules and words, read as people write them."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.plan.cron import Cron
from bot.plan.fields import LONGEST_S, read_duration_s, read_matcher, read_seat, say_duration
from bot.plan.wording import normal, phrase_in


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("15m", 900),
        ("1h30m", 5400),
        ("7d", 604800),
        ("2w", 1209600),
        ("1.5h", 5400),
        ("30", 30),
        (30, 30),
    ],
)
def test_durations(text: object, seconds: float) -> None:
    assert read_duration_s(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "m", "5 minutes", "-5m", "1h 30m", "nan", "inf", "1e9", True, None, "٣m", "999999999w", "1h" * 40],
)
def test_what_is_no_duration(text: object) -> None:
    with pytest.raises(ValueError, match=r"duration|hundred years"):
        read_duration_s(text)


@settings(deadline=None)
@given(st.integers(0, int(LONGEST_S)))
@example(86400)
@example(119)
@example(60)
def test_a_duration_reads_back_as_it_is_said(seconds: int) -> None:
    assert read_duration_s(say_duration(seconds).replace(" ", "")) == seconds


@settings(deadline=None)
@given(st.text(max_size=80) | st.floats() | st.integers() | st.booleans())
def test_anything_is_a_duration_in_bounds_or_a_short_refusal(given_: object) -> None:
    try:
        seconds = read_duration_s(given_)
    except ValueError as error:
        said = str(error)
    else:
        said = ""
        assert 0 <= seconds <= LONGEST_S
    assert len(said) < 200


@pytest.mark.parametrize(
    ("schedule", "gap_s"),
    [
        ("0 2 * * *", 86400),
        ("*/30 * * * *", 1800),
        ("0 * * * *", 3600),
        ("0 2 * * 0", 7 * 86400),
        ("0 2 * * 7", 7 * 86400),
        ("0 0,6 * * *", 18 * 3600),
        ("0 9-17/4 * * 1-5", (24 - 8 + 48) * 3600),
        ("0 0 1 * *", 31 * 86400),
        ("0 0 1 * 1", 7 * 86400),
        ("0 0 30 2 *", float("inf")),
    ],
)
def test_the_longest_gap_of_a_schedule(schedule: str, gap_s: float) -> None:
    assert Cron.parse(schedule).longest_gap_s == gap_s


@pytest.mark.parametrize(
    "text", ["", "0 2 * *", "60 * * * *", "* 24 * * *", "*/0 * * * *", "5-1 * * * *", "@daily x y z w"]
)
def test_what_is_no_schedule(text: str) -> None:
    with pytest.raises(ValueError, match="five fields"):
        Cron.parse(text)


def test_matchers_that_cannot_be_used() -> None:
    for text in ("env", 'env=~"("', 'env=~"a{99999999999}"', 'env="' + "x" * 600 + '"'):
        with pytest.raises(ValueError, match=r"matcher|expression"):
            read_matcher(text)


def test_a_placeholder_is_a_vacant_seat() -> None:
    assert [read_seat(text) for text in ("[Name]", "", " ", None, "ana")] == [None, None, None, None, "ana"]


@pytest.mark.parametrize(
    ("text", "phrase", "found"),
    [
        ("ConnectionPoolExhausted on belezza-api-prod", "connection pool", True),
        ("JVMHeapNearMax", "jvm heap", True),
        ("the pool party", "connection pool", False),
        ("PostgresqlDown", "postgresql down", True),
        ("table corrupted", "corrupt*", True),
        ("table corrupted", "corrupt", False),
        ("a database está indisponível", "indisponivel", True),
        ("anything", "", False),
        ("anything", "*", False),
    ],
)
def test_phrases_are_found_as_whole_words(text: str, phrase: str, found: bool) -> None:
    assert phrase_in(normal(text), phrase) is found
