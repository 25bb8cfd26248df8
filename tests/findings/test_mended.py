"""What put it right: deeds, the words after which it stayed well, and no credit for the rest."""

from __future__ import annotations

import pytest

from bot.findings.deeds import stayed_well
from bot.findings.dossier import lay_out
from bot.findings.records import Times
from bot.findings.transcript import case_of, read_transcript
from tests.findings.conftest import Channel


def resolution_of(channel: Channel) -> str:
    return " ".join(claim.text for claim in channel.report().resolution)


def in_trouble(channel: Channel) -> None:
    channel.bot("09:00", "alert_fired", "PartsFailing fired", alert="PartsFailing")
    channel.say("09:02", "RAFA", "looking")


@pytest.mark.parametrize(
    "text",
    [
        "flag off",
        "switch is off now",
        "still 500 sessions. cycling the pods 2 at a time",
        "swinging traffic back to the old pair",
        "gw-a allowed on both proxies, by hand",
        "chave reenviada às 09h10 com o valor certo",
        "nodo apagado, tráfico en el otro",
        "Umleitung abgeschaltet, alles wieder direkt",
    ],
)
def test_a_deed_done_or_under_way_is_told(channel: Channel, text: str) -> None:
    in_trouble(channel)
    channel.say("09:20", "BIA", text)
    channel.say("10:00", "BIA", "resolved")
    assert text in resolution_of(channel)


@pytest.mark.parametrize(
    "text",
    [
        "vou reiniciar o proxy, vai que ajuda",
        "I'll restart the broker",
        "with checking disabled it answers",
        "the mirror stopped around 08:40, so they replay from there",
        "copy. crossing network off",
        "should we restart it?",
        "let me flip the switch off and on",
        "I opened the report at 08h50, my fault",
    ],
)
def test_a_plan_a_look_or_an_old_deed_mended_nothing(channel: Channel, text: str) -> None:
    in_trouble(channel)
    channel.say("09:20", "BIA", text)
    channel.say("10:00", "BIA", "resolved")
    assert text not in resolution_of(channel)


@pytest.mark.parametrize(
    "text",
    [
        "clients 44. errors 0 for 6 min now",
        "no more timeouts, queue normal",
        "last refusal was 09:41. nothing after",
        "85 min without one refusal",
        "0 erros faz 10 min",
        "sin errores desde hace rato, todo limpio",
        "seit 10 min keine Fehler",
    ],
)
def test_the_words_after_which_it_stayed_well_are_cited(channel: Channel, text: str) -> None:
    in_trouble(channel)
    channel.say("09:40", "BIA", text)
    channel.say("10:00", "HANS", "resolved")
    assert text in resolution_of(channel)


def test_it_was_not_well_where_it_came_back(channel: Channel) -> None:
    in_trouble(channel)
    channel.say("09:20", "BIA", "0 errors for 2 min")
    channel.say("09:25", "HANS", "errors are back, same as before")
    channel.say("09:50", "BIA", "no errors since 09:40")
    dossier = lay_out(case_of(read_transcript(channel.export())))
    assert [one.prose for one in stayed_well(dossier, Times())] == ["no errors since 09:40"]


def test_what_was_well_while_it_lasted_mended_nothing(channel: Channel) -> None:
    in_trouble(channel)
    channel.say("09:10", "BIA", "metrics all green, nothing new on the forum")
    channel.bot("09:20", "run_verified", "RUN-3 restart proxy verified: up", run="RUN-3")
    channel.say("10:00", "BIA", "resolved")
    assert "all green" not in resolution_of(channel)


@pytest.mark.parametrize(
    "said",
    [
        "17 orders a minute. the restart changed nothing",
        "não mexeu nada com o restart",
        "sigue igual con el reinicio",
        "der Neustart hat nichts gebracht",
        "still errors here",
    ],
)
def test_a_run_that_changed_nothing_is_told_so(channel: Channel, said: str) -> None:
    in_trouble(channel)
    channel.bot("09:20", "run_verified", "RUN-3 restart proxy verified: up", run="RUN-3")
    channel.say("09:23", "HANS", said)
    channel.say("10:00", "BIA", "resolved")
    assert f'afterwards Hans Meyer: "{said}"' in resolution_of(channel)


@pytest.mark.parametrize("said", ["orders are back", "we are NOT resolved", "is anything still failing?"])
def test_a_run_is_not_told_useless_without_such_words(channel: Channel, said: str) -> None:
    in_trouble(channel)
    channel.bot("09:20", "run_verified", "RUN-3 restart proxy verified: up", run="RUN-3")
    channel.say("09:23", "HANS", said)
    channel.say("10:00", "BIA", "resolved")
    assert "afterwards" not in resolution_of(channel)
