"""Times and days as people say them, in their languages and time zones."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.findings.clock import Watch, ago, stated_times
from bot.findings.dates import due_date

SAID = datetime(2026, 7, 7, 16, 30, tzinfo=UTC)
FIRST_SIGN = datetime(2026, 7, 7, 16, 12, tzinfo=UTC)
WATCH = Watch(FIRST_SIGN, ("America/Sao_Paulo", "Europe/Lisbon"))


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("gone. 16:09 to 16:13, p99 3.8 s", ["16:09:00", "16:13:00"]),
        ("it began at 16:09:41", ["16:09:41"]),
        ("since 13:09 the queue stands", ["16:09:00"]),
        ("desde as 13h09 de Brasília", ["16:09:00"]),
        ("parou às 13h", ["16:00:00"]),
        ("from 17:09 to 17:13 Lisbon time", ["16:09:00", "16:13:00"]),
        ("at 1:09 pm here", ["16:09:00"]),
        ("13:09 UTC-3", ["16:09:00"]),
        ("16:20 UTC (13:20 in São Paulo)", ["16:20:00", "16:20:00"]),
        ("steht seit 18:09 MESZ", ["16:09:00"]),
        ("notAfter=Jul  7 16:05:07 2026 GMT", ["16:05:07"]),
        ("curl localhost:8080, 1:1, v2.13:04x, 1,361 of 12:345", []),
        ("72h of logs, 3.8 s, 10-20 s", []),
    ],
)
def test_a_stated_time_is_read_as_utc(text: str, utc: list[str]) -> None:
    assert [f"{one.at:%H:%M:%S}" for one in stated_times(text, SAID, WATCH)] == utc


def test_a_time_before_midnight_told_after_it_is_of_the_day_before() -> None:
    said = datetime(2026, 7, 8, 0, 20, tzinfo=UTC)
    watch = Watch(datetime(2026, 7, 7, 23, 55, tzinfo=UTC))
    assert stated_times("since 23:50", said, watch)[0].at == datetime(2026, 7, 7, 23, 50, tzinfo=UTC)


def test_where_no_zone_is_known_the_nearest_whole_hour_zone_is_taken() -> None:
    assert f"{stated_times('primeiro erro 13:09', SAID, Watch(FIRST_SIGN))[0].at:%H:%M}" == "16:09"


@pytest.mark.parametrize(
    "text", ["expired 7 minutes ago", "caiu há 7 min", "hace 7 minutos", "vor 7 Minuten"]
)
def test_minutes_ago(text: str) -> None:
    told = ago(text, SAID)
    assert told is not None
    assert f"{told.at:%H:%M}" == "16:23"


def test_a_duration_is_not_a_time_ago() -> None:
    assert ago("it takes 7 minutes", SAID) is None


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("mine, today", "2026-09-30"),
        ("tomorrow", "2026-10-01"),
        ("by the 14th", "2026-10-14"),
        ("me, oct 9", "2026-10-09"),
        ("mine, end of next week", "2026-10-09"),
        ("by friday", "2026-10-02"),
        ("next monday", "2026-10-05"),
        ("in two weeks", "2026-10-14"),
        ("by 2026-11-03", "2026-11-03"),
        ("até sexta", "2026-10-02"),
        ("até dia 14", "2026-10-14"),
        ("9 de outubro", "2026-10-09"),
        ("para mañana", "2026-10-01"),
        ("el viernes", "2026-10-02"),
        ("bis Freitag", "2026-10-02"),
        ("bis 14.10.", "2026-10-14"),
        ("by the 31st of february", None),
        ("no date", None),
        ("no promise when", None),
        ("sem prazo", None),
        ("14 days ahead, 3.4 s, 2 of 9", None),
    ],
)
def test_a_day_as_people_say_it(text: str, due: str | None) -> None:
    found, _ = due_date(text, date(2026, 9, 30))
    assert (found.isoformat() if found else None) == due
