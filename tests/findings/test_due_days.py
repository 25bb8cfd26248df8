"""The day that an item is due, by the calendar and the custom of who speaks."""

from __future__ import annotations

from datetime import date

import pytest

from bot.findings.dates import due_date
from tests.findings.conftest import Channel


@pytest.mark.parametrize(
    ("text", "month_first", "due"),
    [
        ("Priyanka, 1/22", False, "2027-01-22"),
        ("Delphine, 2/5", True, "2027-02-05"),
        ("Delphine, 2/5", False, "2027-05-02"),
        ("moves to the replica, 04.12.", True, "2026-12-04"),
        ("Wen-Li, end of March", False, "2027-03-31"),
        ("até o fim de outubro", False, "2026-10-31"),
        ("Ende November", False, "2026-11-30"),
        ("by the end of the week", False, "2026-10-02"),
        ("eow", False, "2026-10-02"),
        ("thursday next week", False, "2026-10-08"),
        ("quinta da semana que vem", False, "2026-10-08"),
        ("depois de amanhã", False, "2026-10-02"),
        ("übermorgen", False, "2026-10-02"),
        ("not today, tomorrow first thing", False, "2026-10-01"),
        ("this afternoon", False, "2026-09-30"),
        ("el lunes que viene", False, "2026-10-05"),
        ("el día 24", False, "2026-10-24"),
        ("semana que vem, dia a combinar", False, None),
        ("can't give a date", False, None),
        ("a segunda tentativa", False, None),
        ("the 2nd gateway", False, None),
        ("kitchen 3rd floor", False, None),
        ("upgrade to 2.4", False, None),
        ("ratio 1.5, 2.3", False, None),
        ("5/8 nodes up, 3/9 done", True, None),
        ("node 1 may be down", False, None),
        ("guten Morgen", False, None),
        ("esta mañana", False, None),
        ("black friday", False, None),
    ],
)
def test_a_day_by_custom(text: str, month_first: bool, due: str | None) -> None:
    found, _ = due_date(text, date(2026, 9, 30), month_first)
    assert (found.isoformat() if found else None) == due


@pytest.mark.parametrize(
    ("clock", "zone", "due"),
    [
        ("01:30", "America/Sao_Paulo", "2026-05-12"),
        ("12:00", "America/Sao_Paulo", "2026-05-13"),
        ("23:30", "Asia/Kolkata", "2026-05-14"),
    ],
)
def test_tomorrow_is_counted_from_the_day_of_who_speaks(
    channel: Channel, clock: str, zone: str, due: str
) -> None:
    channel.zones = zone
    channel.say(clock, "RAFA", "I'll raise the limit tomorrow")
    assert [f"{one.due}" for one in channel.report().follow_ups] == [due]
