"""Whose an action item is: never somebody's who did not promise it and was not asked."""

from __future__ import annotations

import pytest

from tests.findings.conftest import Channel


@pytest.mark.parametrize(
    ("said", "owner", "due"),
    [
        ("Hans, I'll send you the numbers tomorrow", "Rafa Tavares", "2026-05-13"),
        ("Hans, ich schicke dir morgen die Zahlen", "Rafa Tavares", "2026-05-13"),
        ("Bia, vou te mandar o relatório amanhã", "Rafa Tavares", "2026-05-13"),
        ("Hans: I'll do the alert tomorrow", None, "2026-05-13"),
        ("Hans: can you add the alert by friday? I'll review it", "Hans Meyer", "2026-05-15"),
        ("Hans will add the alert by friday, I'll review it monday", "Hans Meyer", "2026-05-15"),
        ("Bia asked me to add an alert by friday", None, "2026-05-15"),
        ("Hans promised me the fix by friday", None, "2026-05-15"),
        ("thanks Hans! I'll write it up tomorrow", "Rafa Tavares", "2026-05-13"),
        ("I'll ask Hans to add the alert tomorrow", "Rafa Tavares", "2026-05-13"),
        ("Hans and Bia will write the runbook by friday", None, "2026-05-15"),
        ("Hans or Bia: alert by friday", None, "2026-05-15"),
        ("alert by friday (Hans?)", None, "2026-05-15"),
        ("Bia: writing the docs, friday", "Bianca Moura", "2026-05-15"),
        ("we'll move the cron off that box next week", None, "2026-05-22"),
    ],
)
def test_the_owner_is_who_promised_or_was_asked(
    channel: Channel, said: str, owner: str | None, due: str
) -> None:
    channel.zones = "Europe/Lisbon"
    channel.bot("13:00", "alert_fired", "PoolDown: down", alert="PoolDown")
    channel.say("13:02", "HANS", "on it")
    channel.say("13:03", "BIA", "here")
    channel.bot("13:30", "resolved", "resolved by Hans Meyer")
    channel.say("13:40", "RAFA", said)
    assert [(one.owner, f"{one.due}") for one in channel.report().follow_ups] == [(owner, due)]


def test_an_answer_with_a_day_makes_a_question_an_item_without_any_end(channel: Channel) -> None:
    channel.zones = "Europe/Lisbon"
    channel.bot("13:00", "alert_fired", "PoolDown: down", alert="PoolDown")
    channel.say("13:01", "RAFA", "here")
    channel.say("13:10", "LIVIA", "<@U0HANS> pode ver o custo da máquina maior?")
    channel.say("13:11", "HANS", "posso, até quinta")
    found = channel.report().follow_ups
    assert [(one.owner, f"{one.due}", one.evidence) for one in found] == [
        ("Hans Meyer", "2026-05-14", ("m2", "m3"))
    ]
