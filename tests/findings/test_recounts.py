"""A number that its author counts again in the next breath."""

from __future__ import annotations

import pytest

from tests.findings.conftest import Channel


@pytest.mark.parametrize(
    "text",
    [
        "56, two were the same chap twice over",
        "56, I counted two twice",
        "56, wrong row",
        "56 - dois duplicados",
        "56, zwei waren doppelt",
    ],
)
def test_a_recount_takes_the_place_of_the_first_count(channel: Channel, text: str) -> None:
    channel.bot("14:00", "alert_fired", "Errors: 5 %")
    channel.say("14:05", "RAFA", "58 customers cannot pay")
    channel.say("14:07", "RAFA", text)
    assert "56 customers cannot pay" in channel.markdown()


@pytest.mark.parametrize("text", ["56, still falling", "56, and that is fine", "56 of them twice a day"])
def test_a_later_count_is_no_recount(channel: Channel, text: str) -> None:
    channel.bot("14:00", "alert_fired", "Errors: 5 %")
    channel.say("14:05", "RAFA", "58 customers cannot pay")
    channel.say("14:07", "RAFA", text)
    assert "56 customers" not in channel.markdown()


def test_who_first_named_the_severity_is_its_evidence() -> None:
    channel = Channel(severity="SEV-2")
    channel.say("14:05", "RAFA", "checkout is down, 58 customers cannot pay")
    channel.say("14:07", "BIA", "is this a sev1?")
    channel.say("14:08", "LIVIA", "sev2, cards still work")
    said = channel.report().severity
    assert said is not None
    assert said.text == 'SEV-2 (Lívia Brandão: "sev2, cards still work")'
    assert said.evidence == ("m3",)
