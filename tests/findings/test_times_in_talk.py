"""The times of an incident as they are read from talk alone: no bot, no marks, in four languages."""

from __future__ import annotations

import pytest

from tests.findings.conftest import Channel


def trouble(channel: Channel) -> Channel:
    """A report and somebody who takes it, in a channel on UTC."""
    channel.zones = "UTC"
    channel.say("14:05", "MAYA", "3 salons say the booking page does not open")
    channel.say("14:06", "RAFA", "looking")
    return channel


@pytest.mark.parametrize(
    "text",
    [
        "2 shops say the label button errors. is it us?",
        "care: people get kicked out of checkout seconds after they log in",
        "9 drivers can't scan anything",
        "the app keeps loading for everyone in Porto",
        "gente, o app dos entregadores não passa da primeira tela",
        "o aplicativo tá caindo, 6 clientes já ligaram",
        "la app no carga para los clientes de Sevilla",
        "die Seite lädt nicht, 4 Kunden am Telefon",
        "Kunden melden, dass die Zahlung nicht durchgeht",
        "getting reports that riders can't start trips",
        "no se puede pagar, 7 clientes en la cola",
    ],
)
def test_a_plain_report_is_the_detection(channel: Channel, text: str) -> None:
    channel.say("14:00", "HANS", "who brings the cake on friday")
    channel.say("14:05", "MAYA", text)
    channel.say("14:07", "RAFA", "looking")
    noticed = channel.report().times.detected
    assert noticed is not None
    assert f"{noticed.at:%H:%M}" == "14:05"


@pytest.mark.parametrize(
    "text",
    [
        "is search always this slow or is it my hotel wifi",
        "app is slow, probably my vpn",
        "shout if the new labels page fails",
        "staging login is down, ignore",
        "minha internet caiu, o site tá lento?",
        "send the printer back, wrong size",
    ],
)
def test_what_may_be_ones_own_trouble_is_no_detection(channel: Channel, text: str) -> None:
    channel.say("14:00", "HANS", text)
    channel.say("14:05", "MAYA", "3 customers can't log in")
    channel.say("14:06", "RAFA", "on it")
    noticed = channel.report().times.detected
    assert noticed is not None
    assert f"{noticed.at:%H:%M}" == "14:05"


def test_a_question_counts_where_another_says_the_same(channel: Channel) -> None:
    channel.say("14:00", "HANS", "is the app down for anybody else?")
    channel.say("14:01", "BIA", "same here")
    channel.bot("14:10", "alert_fired", "ErrorsHigh: 40 %", alert="ErrorsHigh")
    noticed = channel.report().times.detected
    assert noticed is not None
    assert f"{noticed.at:%H:%M}" == "14:00"


@pytest.mark.parametrize(
    "text",
    [
        "looking",
        "on it",
        "I do, mine",
        "mine",
        "checking",
        "let me check",
        "have the page, opening laptop",
        "phone woke me up, the laptop is on, I have it",
        "no computador, eu pego",
        "acked",
        "deixa comigo",
        "vou dar uma olhada",
        "peguei",
        "lo reviso",
        "voy yo",
        "bin dran",
        "ich guck mal",
    ],
)
def test_who_says_so_takes_it(channel: Channel, text: str) -> None:
    channel.say("14:05", "MAYA", "3 customers can't log in")
    channel.say("14:06", "HANS", "hm")
    channel.say("14:07", "RAFA", text)
    taken = channel.report().times.acknowledged
    assert taken is not None
    assert f"{taken.at:%H:%M}" == "14:07"


@pytest.mark.parametrize(
    "text",
    [
        "318 went out 10:31. prob mine",
        "anyone looking",
        "who's on it",
        "looking good here",
        "vendor is investigating",
        "nobody is looking yet",
        "take a coffee first",
        "quem pega, alguém olhando?",
        "not mine",
        "are you looking?",
        "the second log, I have it in there too",
        "yesterday's dump, I have it on my disk",
    ],
)
def test_who_does_not_take_it(channel: Channel, text: str) -> None:
    channel.say("14:05", "MAYA", "3 customers can't log in")
    channel.say("14:07", "RAFA", text)
    assert channel.report().times.acknowledged is None


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("first 500 in the logs is 14:01:06", "14:01:06"),
        ("earliest NotEnoughReplicas in any broker log: 14:01:07", "14:01:07"),
        ("first double booking was written at 14:02", "14:02:00"),
        ("it started at 14:02", "14:02:00"),
        ("14:02 is when it started", "14:02:00"),
        ("fechei a janela 14:02 → 14:30: 2.976 pedidos", "14:02:00"),
        ("zwischen 14:02 und 14:30 waren 60 Kunden betroffen", "14:02:00"),
        ("primeiro erro no log às 14:01", "14:01:00"),
        ("el primer error fue a las 14:01", "14:01:00"),
        ("seit 14:02 keine Buchungen", "14:02:00"),
    ],
)
def test_the_beginning_as_it_is_told(channel: Channel, text: str, at: str) -> None:
    trouble(channel).say("14:40", "RAFA", text)
    started = channel.report().times.started
    assert started is not None
    assert f"{started.at:%H:%M:%S}" == at


@pytest.mark.parametrize(
    "text",
    [
        "the notice said 13:00 - 14:00 for their maintenance",
        "standup is 13:30 to 13:45, somebody has errors to show?",
        "first ones? no idea, the deploy was 13:31",
        "staging log: first crash 13:22:07",
        "maybe since 13:50, not sure?",
    ],
)
def test_times_of_other_things_are_no_beginning(channel: Channel, text: str) -> None:
    trouble(channel).say("14:40", "RAFA", text)
    started = channel.report().times.started
    assert started is None


def test_a_beginning_that_was_read_in_another_system_is_none(channel: Channel) -> None:
    trouble(channel).say("14:20", "HANS", "found something! it began at 13:41")
    channel.say("14:22", "BIA", "which cluster is that")
    channel.say("14:23", "HANS", "oh. wrong tab, sorry")
    assert channel.report().times.started is None


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("errors 0 for 6 min now", "14:34"),
        ("0 errors since 14:31", "14:31"),
        ("no more timeouts since 14:31", "14:31"),
        ("all quiet since 14:31", "14:31"),
        ("last 502 was 14:31. nothing after", "14:31"),
        ("error rate at 0.0% for five minutes", "14:35"),
        ("so 14:31 is when it stopped hurting", "14:31"),
        ("works for me again", "14:40"),
        ("ya funciona", "14:40"),
        ("error rate below 0.1% since 14:31", "14:31"),
        ("orders per minute 41, usual for a monday", "14:40"),
        ("now really. p95 1.9 s and falling, errors 0", "14:40"),
        ("all test locks open", "14:40"),
        ("it works now, booked one myself", "14:40"),
        ("tiles are loading again", "14:40"),
        ("12 of 12 pods green again", "14:40"),
        ("back to the usual 40 connections", "14:40"),
        ("pedidos voltando ao normal", "14:40"),
        ("sem erros desde 14:31", "14:31"),
        ("sin errores desde las 14:31", "14:31"),
        ("keine Fehler mehr seit 14:31", "14:31"),
        ("die Seite geht wieder", "14:40"),
    ],
)
def test_the_end_as_figures_and_people_show_it(channel: Channel, text: str, at: str) -> None:
    trouble(channel).say("14:40", "RAFA", text)
    mitigated = channel.report().times.mitigated
    assert mitigated is not None
    assert f"{mitigated.at:%H:%M}" == at


@pytest.mark.parametrize(
    "text",
    [
        "works for me",
        "now opening a ticket with them",
        "what is usual for this hour?",
        "no meu abre de boa, 4g",
        "still errors here",
        "0 bookings since 14:31",
        "not back to normal yet",
        "errors are not at 0 yet",
        "is it working now?",
        "maybe it works now",
        "9 of 9 brokers up, disks fine",
        "20 of 20 verify. the signer is clean",
        "6 of 9 pods green again",
        "the shops have to click again",
        "once it works again we tell them",
        "last deploy was 13:31, nothing after",
        "the database is fine",
        "ainda sem pedidos",
        "immer noch Fehler",
    ],
)
def test_what_shows_no_end(channel: Channel, text: str) -> None:
    trouble(channel).say("14:40", "RAFA", text)
    assert channel.report().times.mitigated is None


@pytest.mark.parametrize(
    "text",
    [
        "still errors here",
        "dead again",
        "no difference",
        "down again",
        "still SERVFAIL on mine",
        "a third failing like before",
        "didn't help",
        "não mexeu nada",
        "caiu de novo",
        "sigue igual",
        "hat nichts gebracht",
    ],
)
def test_a_first_end_that_did_not_last_is_not_the_end(channel: Channel, text: str) -> None:
    trouble(channel).say("14:20", "RAFA", "rolled back, it works now")
    channel.say("14:22", "MAYA", text)
    channel.say("14:40", "RAFA", "errors 0 for 6 min now")
    mitigated = channel.report().times.mitigated
    assert mitigated is not None
    assert f"{mitigated.at:%H:%M}" == "14:34"


@pytest.mark.parametrize(
    "text",
    [
        "we're not doing this again",
        "why did it need so long, I say again",
        "at the worst moment 1,312 were offline",
        "no pior momento 1.312 offline",
        "never off again, please",
        "are we still getting the box",
        "shall we look at this again tomorrow?",
    ],
)
def test_talk_afterwards_brings_nothing_back(channel: Channel, text: str) -> None:
    trouble(channel).say("14:30", "RAFA", "0 errors since 14:28, it works now")
    channel.say("14:40", "HANS", text)
    channel.say("14:50", "RAFA", "all quiet since 14:28")
    mitigated = channel.report().times.mitigated
    assert mitigated is not None
    assert f"{mitigated.at:%H:%M}" == "14:28"


@pytest.mark.parametrize(
    "text",
    [
        "INC-7 is closed for me",
        "calling it resolved",
        "all clear",
        "closing this",
        "closing 140. thanks everybody",
        "cluster verde, ninguém reclamou mais: encerrado. quem pega o quê?",
        "nobody complains any more, so: closed",
        "closed",
        "standing down",
        "we can't see any more of it, incident over",
        "telling shops we're good",
        "tudo certo agora",
        "fechando o incidente",
        "todo en orden, cerramos esto",
        "alles wieder gut",
        "Entwarnung",
    ],
)
def test_the_words_that_close_it(channel: Channel, text: str) -> None:
    trouble(channel).say("14:30", "RAFA", "0 errors since 14:28")
    channel.say("14:50", "BIA", text)
    ended = channel.report().times.resolved
    assert ended is not None
    assert f"{ended.at:%H:%M}" == "14:50"


@pytest.mark.parametrize(
    "text",
    [
        "the 2 others I closed by hand",
        "We are NOT resolved.",
        "can i tell them its over",
        "i'll close it in 20 min",
        "so solved?",
        "the PR is closed, will open another",
        "not all good yet",
        "can we call it resolved?",
        "don't close this",
        "ainda não está resolvido",
        "noch nicht erledigt",
        "tickets closed so far: 40",
        "closing 3 tabs, brb",
        "closing 140 connections by hand",
    ],
)
def test_what_closes_nothing(channel: Channel, text: str) -> None:
    trouble(channel).say("14:30", "RAFA", "0 errors since 14:28")
    channel.say("14:50", "BIA", text)
    assert channel.report().times.resolved is None


@pytest.mark.parametrize(
    "answer", ["no, the database is healthy since 14:15", "database is clean since 14:15"]
)
def test_what_answers_a_guess_shows_no_end(channel: Channel, answer: str) -> None:
    trouble(channel).say("14:18", "HANS", "maybe the database?")
    channel.say("14:19", "RAFA", answer)
    assert channel.report().times.mitigated is None


def test_no_end_is_told_where_it_came_back_for_good(channel: Channel) -> None:
    trouble(channel).say("14:20", "RAFA", "rolled back, it works now")
    channel.say("14:25", "MAYA", "dead again")
    channel.say("14:26", "HANS", "reading the code")
    assert channel.report().times.mitigated is None


def test_who_tells_later_that_it_was_quiet_denies_a_return(channel: Channel) -> None:
    trouble(channel).say("14:20", "RAFA", "rolled back, it works now")
    channel.say("14:25", "MAYA", "still errors on my old tab")
    channel.say("14:50", "RAFA", "0 errors since 14:21 on the server")
    mitigated = channel.report().times.mitigated
    assert mitigated is not None
    assert f"{mitigated.at:%H:%M}" == "14:20"


def test_a_cause_written_up_afterwards_was_known_when_it_was_first_said(channel: Channel) -> None:
    trouble(channel).say(
        "14:15", "RAFA", "found it: the rename script removed the search alias and nobody put it back"
    )
    channel.say("14:20", "RAFA", "put the alias back, it works now")
    channel.say(
        "14:50",
        "BIA",
        "for the record, root cause: the rename script removed the search alias without a check",
        "mag",
    )
    identified = channel.report().times.identified
    assert identified is not None
    assert f"{identified.at:%H:%M}" == "14:15"


def test_another_incidents_end_is_not_this_ones(channel: Channel) -> None:
    channel.card("14:00", "*INC-7 · SEV-2 · Bookings fail*")
    channel.bot("14:00", "alert_fired", "BookingsFail: 40 %", alert="BookingsFail")
    channel.card("14:10", "*INC-8 · SEV-4 · Newsletter sent twice*")
    channel.say("14:20", "BIA", "INC-8: began at 13:40, it was the cron")
    channel.say("14:30", "RAFA", "0 errors since 14:28")
    channel.say("14:40", "BIA", "8 is closed")
    channel.say("14:50", "RAFA", "and 7 is resolved")
    times = channel.report().times
    assert times.started is None
    assert times.resolved is not None
    assert f"{times.resolved.at:%H:%M}" == "14:50"
