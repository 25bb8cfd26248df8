"""Whose clock a stated time is on: zones named, clocks of people, and what people do not say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.findings.clock import Watch, stated_times
from bot.findings.spans import duration_s

SAID = datetime(2026, 7, 7, 16, 30, tzinfo=UTC)
FIRST_SIGN = datetime(2026, 7, 7, 16, 12, tzinfo=UTC)


def read(text: str, *zones: str, said: datetime = SAID, local: bool = False) -> list[str]:
    watch = Watch(FIRST_SIGN, zones, local=local)
    return [f"{one.at:%H:%M:%S}"[: 8 if one.exact else 5] for one in stated_times(text, said, watch)]


@pytest.mark.parametrize(
    ("text", "zones", "utc"),
    [
        ("first refusal 21:40 IST", ("Asia/Kolkata", "Europe/London"), ["16:10"]),
        ("first refusal 17:10 IST", ("Europe/Dublin", "Asia/Kolkata"), ["16:10"]),
        ("first refusal 19:10 IDT", ("Asia/Jerusalem",), ["16:10"]),
        ("since 17:10 BST", ("Europe/London",), ["16:10"]),
        ("since 13:10 ADT", ("America/Halifax",), ["16:10"]),
        ("since 13:10 AST", ("America/Halifax",), ["16:10"]),  # as people say in summer, too
        ("since 12:10 ET", ("America/New_York",), ["16:10"]),
        ("since 12:10 pm, eastern", (), ["16:10"]),
        ("earliest in any log: 9:10:07 am, pacific", (), ["16:10:07"]),
        ("first one 17:10:10 Irish time", ("America/Sao_Paulo",), ["16:10:10"]),
        ("it is 21:40 Indian time", ("Europe/Berlin",), ["16:10"]),
        ("paid at 18:10:12, last one 18:12:55, both on the berlin clock", (), ["16:10:12", "16:12:55"]),
        ("first 500 is 16:10:06 (logs are utc). it was 12:09", ("America/Manaus",), ["16:10:06", "16:09"]),
        ("12:10 here", ("America/Manaus", "America/Sao_Paulo"), ["16:10"]),
        ("13h10 daqui", ("America/Sao_Paulo", "Europe/Lisbon"), ["16:10"]),
        ("18:10 bei mir", ("Europe/Berlin", "Europe/London"), ["16:10"]),
        ("back at 18:20 your time", ("America/New_York", "Europe/Berlin"), ["16:20"]),
        ("UTC 16:10, that is", ("Europe/Berlin",), ["16:10"]),
        ("Berlin time 18:10", ("America/New_York",), ["16:10"]),
        ("from 18:10 to 18:15 MESZ", ("Europe/Berlin",), ["16:10", "16:15"]),
    ],
)  # fmt: skip
def test_the_zone_that_is_named_counts(text: str, zones: tuple[str, ...], utc: list[str]) -> None:
    assert read(text, *zones) == utc


@pytest.mark.parametrize(
    ("text", "zones", "utc"),
    [
        ("since 16:10 the berlin cluster hangs", (), ["16:10"]),
        ("um 16:10 ist alles rot", ("Asia/Kolkata",), ["16:10"]),
        ("16:10 est tombé", ("Europe/Paris", "America/New_York"), ["16:10"]),
        ("at 16:10. London is not affected", ("America/New_York",), ["16:10"]),
        ("16:10 UTC, 13:10 in São Paulo", ("Europe/Berlin",), ["16:10", "16:10"]),
    ],
)
def test_a_word_that_looks_like_a_zone_is_none(text: str, zones: tuple[str, ...], utc: list[str]) -> None:
    assert read(text, *zones) == utc


@pytest.mark.parametrize(
    ("text", "zones", "utc"),
    [
        ("first ones dropped at 12:14", ("America/New_York",), ["16:14"]),
        ("between 9:14 and 9:28", ("America/Los_Angeles",), ["16:14", "16:28"]),
        ("the first at 6:14", ("Europe/Berlin",), ["16:14"]),
        ("since 9:44 it hangs", ("Asia/Kolkata",), ["16:14"]),
    ],
)
def test_an_hour_without_am_or_pm_may_be_the_afternoons(
    text: str, zones: tuple[str, ...], utc: list[str]
) -> None:
    assert read(text, *zones) == utc


def test_times_of_one_message_are_on_one_clock() -> None:
    """16:05 alone would fit UTC, but not together with 18:25."""
    assert read("between 18:05 and 18:25", "Europe/Berlin") == ["16:05", "16:25"]
    late = datetime(2026, 7, 7, 18, 30, tzinfo=UTC)
    assert read("16:15 and 19:25", "Europe/London", said=late) == ["15:15", "18:25"]


def test_a_person_known_for_local_times_is_read_so() -> None:
    late = datetime(2026, 7, 7, 18, 30, tzinfo=UTC)
    assert read("since 18:15", "Europe/Berlin", said=late) == ["18:15"]
    assert read("since 18:15", "Europe/Berlin", said=late, local=True) == ["16:15"]


def test_yesterday_belongs_to_its_own_time() -> None:
    said = datetime(2026, 5, 15, 4, 9, tzinfo=UTC)
    watch = Watch(datetime(2026, 5, 14, 23, 50, tzinfo=UTC), ("America/Sao_Paulo",), local=True)
    found = [one.at for one in stated_times("20h41 de ontem → 0h14", said, watch)]
    assert found == [datetime(2026, 5, 14, 23, 41, tzinfo=UTC), datetime(2026, 5, 15, 3, 14, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("errors 0 for 6 min now", 360),
        ("quiet for half an hour", 1800),
        ("more than an hour without one", 3600),
        ("há dez minutos", 600),
        ("seit zwanzig Minuten", 1200),
        ("in 3 s", 3),
        ("300 messages", None),
        ("v2.3 h264", None),
    ],
)
def test_a_span_in_words(text: str, seconds: float | None) -> None:
    assert duration_s(text) == seconds
