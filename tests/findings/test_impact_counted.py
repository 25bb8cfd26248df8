"""What customers felt is found by its form: counts of anything, money, shares, peaks and totals."""

from __future__ import annotations

import pytest

from bot.findings.figures import amount, counts_in, money_in
from tests.findings.conftest import Channel


def impact_of(channel: Channel) -> str:
    return " ".join(claim.text for claim in channel.report().impact)


def in_trouble(channel: Channel) -> None:
    channel.bot("09:00", "alert_fired", "PartsFailing fired", alert="PartsFailing")
    channel.say("09:02", "RAFA", "looking")


@pytest.mark.parametrize(
    "text",
    [
        "47 tractors stranded at the gates",
        "312 parcels were never delivered this morning",
        "in total 1.480 Rezepte nicht zugestellt",
        "perdemos 230 matrículas por isso",
        "se quedaron 95 turnos sin atender, rechazados",
        "of the 88 kiosks 61 were refused, about R$ 14.900 in all",
        "that cost us $61,400",
        "damit sind 3.940,50 € nicht verdient",
        "₹9,38,40,500 all in",
        "foram uns R$ 212,4 mil",
        "every label fails now",
        "about half of the deposits were rejected",
        "metade das consultas falharam",
        "alle Kassen sind ausgefallen",
        "lost turns peaked at 37%",
        "no pior momento 1.208 offline",
        "closing count 512 enquiries, all counted",
        "and 77 letters all in",
        "812 bookings went in instead of the usual 2,140 bookings",
    ],
)
def test_a_plain_statement_with_its_figure_is_impact(channel: Channel, text: str) -> None:
    in_trouble(channel)
    channel.say("09:20", "BIA", text)
    assert text in impact_of(channel)


@pytest.mark.parametrize(
    "text",
    [
        "3 of 6 pods done",
        "2 of 6. errs 24%",
        "errors 0 for 6 min now",
        "0 failures since 09:15",
        "we could have lost 500 parcels",
        "did we lose 500 parcels?",
        "maybe 500 parcels are lost, not sure",
        "the plan costs 9 bucks",
        "not the parcels. 4.1% of requests challenged, 4.3% in june",
        "9 brokers up, 40 connections each",
        "back in 10 minutes",
        "chats calming down",
    ],
)
def test_what_is_no_impact_is_not_told_as_one(channel: Channel, text: str) -> None:
    in_trouble(channel)
    channel.say("09:20", "BIA", text)
    assert text not in impact_of(channel)


def test_the_last_count_of_the_same_things_stands(channel: Channel) -> None:
    in_trouble(channel)
    channel.say("09:10", "BIA", "9 farms called in, machines refused")
    channel.say("09:30", "BIA", "31 farms called in by now")
    channel.say("10:30", "BIA", "64 farms called in, all counted")
    assert "64 farms" in impact_of(channel)
    assert "9 farms" not in impact_of(channel)
    assert "31 farms" not in impact_of(channel)


def test_a_count_of_something_else_does_not_outdo_it(channel: Channel) -> None:
    in_trouble(channel)
    channel.say("09:10", "BIA", "318 seats sold twice")
    channel.say("09:40", "HANS", "16 seats were sold again by hand, refused twice")
    assert "318 seats" in impact_of(channel)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("3,410 failed labels. ouch", "that counts retries. by order it's 1,262"),
        (
            "the finance desk says ballpark $85K lost",
            "Bianca's 85 includes a penalty they waived. it's $61,400",
        ),
        ("4.100 cartas perdidas", "com repetições. na verdade 1.950"),
        ("2.300 Briefe verloren", "mit den Wiederholungen. in Wahrheit 1.120"),
    ],
)
def test_a_figure_set_right_by_somebody_else_never_stands_alone(
    channel: Channel, first: str, second: str
) -> None:
    in_trouble(channel)
    channel.say("09:30", "BIA", first)
    channel.say("09:33", "HANS", second)
    assert second in impact_of(channel)


def test_what_somebody_contradicts_is_no_impact(channel: Channel) -> None:
    in_trouble(channel)
    channel.say("09:10", "BIA", "everything is down")
    channel.say("09:11", "HANS", "it's not down, payments work")
    assert "everything is down" not in impact_of(channel)


def test_a_list_of_things_to_do_is_no_impact(channel: Channel) -> None:
    in_trouble(channel)
    channel.say(
        "11:00", "BIA", "1. mail 40 shops that failed\n2. page on 5% errors\n3. fix the retries: Hans"
    )
    assert "mail 40 shops" not in impact_of(channel)


def test_what_is_said_of_another_incident_is_not_said_of_this_one(channel: Channel) -> None:
    channel.card("08:59", "*INC-20 · SEV-2 · Parts failing*")
    in_trouble(channel)
    channel.card("09:05", "*INC-21 · SEV-4 · Letters doubled*")
    channel.say("09:20", "BIA", "21: 48,300 readers got it twice")
    channel.say("09:25", "HANS", "20: 310 farms refused")
    assert "48,300" not in impact_of(channel)
    assert "310 farms" in impact_of(channel)


@pytest.mark.parametrize(
    ("text", "value"),
    [("36.240", 36240), ("36,240", 36240), ("9,38,40,500", 93840500), ("1.904,50", 1904.5), ("38,60", 38.6)],
)
def test_numbers_are_read_in_every_grouping(text: str, value: float) -> None:
    assert amount(text) == value


@pytest.mark.parametrize(
    "text", ["R$ 158,800", "36.240 €", "$85K", "EUR 4,976.50", "2.74M dollars", "£1,200"]
)
def test_money_is_seen_in_any_currency(text: str) -> None:
    assert money_in(f"it was {text} then") is not None


@pytest.mark.parametrize("text", ["9 bucks", "1,85 €", "120 € each", "R$ 38,60", "500 requests", "$HOME"])
def test_a_price_is_no_loss(text: str) -> None:
    assert money_in(f"it was {text} then") is None


@pytest.mark.parametrize(
    ("text", "nouns"),
    [
        ("1,872 shipments stuck", ["shipment"]),
        ("16,240 dark", [""]),
        ("412 support tickets", ["ticket"]),
        ("2.690 failed unlocks", ["unlock"]),
        ("9 of 9 brokers", []),
        ("6 minutes", []),
        ("v2.9 files", []),
    ],
)
def test_a_count_knows_what_it_counts(text: str, nouns: list[str]) -> None:
    assert [one.noun for one in counts_in(text)] == nouns
