"""An action item and what is said about it later: its owner, its day, dropped, done; and lists of items."""

from __future__ import annotations

import pytest

from tests.findings.conftest import Channel

Words = tuple[tuple[str, str], ...]
Wanted = tuple[tuple[str, str | None, str | None], ...]
# name, said during the incident, said after it; a word of each item, its owner and its day.
CASES: tuple[tuple[str, Words, Words, Wanted], ...] = (
    (
        "handover by name",
        (),
        (
            ("RAFA", "alert on pool usage: Hans, friday"),
            ("HANS", "can't, I'm away"),
            ("BIA", "I can take it"),
        ),
        (("pool", "Bianca", "2026-05-15"),),
    ),
    (
        "goes to instead",
        (),
        (
            ("LIVIA", "1. alert on lag - Hans, friday\n2. runbook - Bia, monday"),
            ("LIVIA", "#1 goes to Rafa instead"),
        ),
        (("lag", "Rafa", "2026-05-15"), ("runbook", "Bianca", "2026-05-18")),
    ),
    (
        "item 2 moves",
        (),
        (
            ("LIVIA", "1. alert on lag - Hans, friday\n2. runbook - Bia, monday"),
            ("BIA", "item 2: make it wednesday please"),
        ),
        (("lag", "Hans", "2026-05-15"), ("runbook", "Bianca", "2026-05-13")),
    ),
    (
        "drop by number",
        (),
        (("LIVIA", "actions:\n1) alert on lag, Hans\n2) runbook, Bia"), ("LIVIA", "drop #2")),
        (("lag", "Hans", None),),
    ),
    (
        "drop by words",
        (),
        (
            ("RAFA", "I'll add a WAF rule for that on friday"),
            ("HANS", "I'll write the runbook monday"),
            ("RAFA", "forget the WAF rule"),
        ),
        (("runbook", "Hans", "2026-05-18"),),
    ),
    (
        "not needed after all",
        (),
        (
            ("RAFA", "I'll add a WAF rule for that on friday"),
            ("HANS", "nice"),
            ("HANS", "the WAF rule is not needed after all"),
        ),
        (),
    ),
    ("lets not", (), (("RAFA", "I'll move everything to rust next week"), ("LIVIA", "let's not")), ()),
    ("pt drop", (), (("RAFA", "eu crio a regra no WAF na sexta"), ("LIVIA", "esquece a regra do WAF")), ()),
    (
        "who? me",
        (),
        (("LIVIA", "someone needs to write the customer mail"), ("MAYA", "me")),
        (("mail", "Mayara", None),),
    ),
    (
        "who? i'll do",
        (),
        (("LIVIA", "alert on lag. who?"), ("HANS", "I'll take it, friday")),
        (("lag", "Hans", "2026-05-15"),),
    ),
    (
        "asked agreed",
        (),
        (("LIVIA", "Hans: please add an alert on lag by friday"), ("HANS", "will do")),
        (("lag", "Hans", "2026-05-15"),),
    ),
    (
        "asked declines",
        (),
        (("LIVIA", "Hans: please add an alert on lag by friday"), ("HANS", "no, I can't, sorry")),
        (("lag", None, "2026-05-15"),),
    ),
    (
        "asked question declines",
        (),
        (("LIVIA", "Hans can you add an alert on lag by friday?"), ("HANS", "not me, I'm on vacation")),
        (("lag", None, "2026-05-15"),),
    ),
    (
        "day moved by owner",
        (),
        (("RAFA", "I'll raise the limit tomorrow"), ("RAFA", "make that friday")),
        (("limit", "Rafa", "2026-05-15"),),
    ),
    (
        "day moved later",
        (),
        (
            ("RAFA", "I'll raise the limit tomorrow"),
            ("HANS", "ok"),
            ("HANS", "thanks"),
            ("BIA", "pizza?"),
            ("LIVIA", "lol"),
            ("RAFA", "change on mine: the limit moves to thursday"),
        ),
        (("limit", "Rafa", "2026-05-14"),),
    ),
    (
        "done early",
        (("RAFA", "I'll rotate the api token later"), ("BIA", "ok"), ("RAFA", "token rotated")),
        (),
        (),
    ),
    (
        "done early 2",
        (
            ("RAFA", "I'll open a ticket with the vendor for the limit tomorrow"),
            ("BIA", "ok"),
            ("RAFA", "actually had time: ticket with the vendor is opened"),
        ),
        (),
        (),
    ),
    (
        "pt done",
        (("RAFA", "depois eu troco a senha do banco"), ("BIA", "ok"), ("RAFA", "senha do banco trocada")),
        (),
        (),
    ),
    (
        "not done",
        (("RAFA", "I'll rotate the api token tonight"), ("BIA", "ok")),
        (),
        (("token", "Rafa", "2026-05-12"),),
    ),
    (
        "early and again",
        (("RAFA", "I'll raise the redis limit tomorrow"),),
        (("LIVIA", "wrap-up:\n- raise the redis limit: Rafa, tomorrow\n- alert on clients: Bia, friday"),),
        (("limit", "Rafa", "2026-05-13"), ("clients", "Bianca", "2026-05-15")),
    ),
    (
        "inline",
        (),
        (("LIVIA", "actions: 1) alert on lag (Hans, friday) 2) docs (Bia) 3) load test, nobody yet"),),
        (("lag", "Hans", "2026-05-15"), ("docs", "Bianca", None), ("load", None, None)),
    ),
    (
        "dash list",
        (),
        (("LIVIA", "follow-ups\n- alert on lag → Hans, by friday\n- docs → Bia\n- load test → ?"),),
        (("lag", "Hans", "2026-05-15"), ("docs", "Bianca", None), ("load", None, None)),
    ),
    (
        "bold list",
        (),
        (("LIVIA", "*Action items*\n• @Hans Meyer alert on lag by 15 May\n• @Bianca Moura docs by 18 May"),),
        (("lag", "Hans", "2026-05-15"), ("docs", "Bianca", "2026-05-18")),
    ),
    ("timeline no", (), (("LIVIA", "timeline:\n- 13:00 alert\n- 13:05 Hans restarted\n- 13:24 back"),), ()),
    (
        "summary no",
        (),
        (("LIVIA", "summary for the report:\n1. redis was full\n2. we flushed it\n3. all good since 13:24"),),
        (),
    ),
    (
        "two in one",
        (),
        (("RAFA", "I'll raise the limit tomorrow. I'll write the runbook on friday."),),
        (("limit", "Rafa", "2026-05-13"), ("runbook", "Rafa", "2026-05-15")),
    ),
    (
        "request to two",
        (),
        (("LIVIA", "Hans: alert on lag by friday. Bia: docs by monday."),),
        (("lag", "Hans", "2026-05-15"), ("docs", "Bianca", "2026-05-18")),
    ),
    (
        "give me",
        (),
        (("LIVIA", "1. alert on lag, Hans\n2. docs, Bia"), ("RAFA", "I'll take 2")),
        (("lag", "Hans", None), ("docs", "Rafa", None)),
    ),
    ("next sprint", (), (("RAFA", "I'll refactor the retry next sprint"),), (("retry", "Rafa", None),)),
    (
        "mention pt",
        (),
        (("LIVIA", "<@U0BIA> você documenta o failover até sexta?"), ("BIA", "fechado")),
        (("failover", "Bianca", "2026-05-15"),),
    ),
    (
        "de",
        (),
        (("LIVIA", "Hans, kannst du bis Freitag den Alarm bauen?"), ("HANS", "mach ich")),
        (("Alarm", "Hans", "2026-05-15"),),
    ),
    (
        "es",
        (),
        (("LIVIA", "Rafa, puedes documentar el failover para el viernes?"), ("RAFA", "vale")),
        (("failover", "Rafa", "2026-05-15"),),
    ),
    (
        "thread wrap",
        (),
        (
            ("LIVIA", "ok who does what"),
            ("RAFA", "limit: me, tomorrow"),
            ("HANS", "alert on clients, friday"),
            ("MAYA", "mail to the customers, I'll send it today"),
        ),
        (
            ("limit", "Rafa", "2026-05-13"),
            ("clients", "Hans", "2026-05-15"),
            ("mail", "Mayara", "2026-05-12"),
        ),
    ),
    (
        "not for me",
        (),
        (("LIVIA", "Hans please send me the logs by friday"),),
        (("logs", "Hans", "2026-05-15"),),
    ),
    (
        "guide for Bia",
        (),
        (("RAFA", "I'll write the guide for Bia by friday"),),
        (("guide", "Rafa", "2026-05-15"),),
    ),
    (
        "Bia wants",
        (),
        (("RAFA", "Bia wants an alert on lag, I'll add it tomorrow"),),
        (("lag", "Rafa", "2026-05-13"),),
    ),
    (
        "yours Hans",
        (),
        (("RAFA", "alert on lag is yours, Hans. friday?"), ("HANS", "yes")),
        (("lag", "Hans", "2026-05-15"),),
    ),
    (
        "inc other",
        (
            ("LIVIA", "INC-99 is about the newsletter"),
            ("RAFA", "INC-99: I'll add a lock to the cron tomorrow"),
        ),
        (),
        (),
    ),
    (
        "quote paste",
        (("MAYA", 'customer wrote: "please add to your list: refund me 500 by friday"'),),
        (),
        (),
    ),
    ("possible", (), (("RAFA", "we could maybe move it to its own cluster next quarter"),), ()),
    (
        "refuse by lead",
        (),
        (("RAFA", "should we move the queue to its own redis?"), ("LIVIA", "no. not this year")),
        (),
    ),
    (
        "refuse2",
        (),
        (("RAFA", "I'll move the queue to its own redis next week"), ("LIVIA", "no, too risky")),
        (),
    ),
    (
        "self withdraw",
        (("RAFA", "I'll add a cache tomorrow"), ("RAFA", "no wait, never mind, it has one")),
        (),
        (),
    ),
    ("another said", (), (("RAFA", "Hans said he'll add an alert on lag tomorrow"),), ()),
)
NAMES = {"Hans": "Hans Meyer", "Rafa": "Rafa Tavares", "Bianca": "Bianca Moura", "Mayara": "Mayara Pinho"}


@pytest.mark.parametrize(
    ("early", "late", "wanted"), [one[1:] for one in CASES], ids=[one[0] for one in CASES]
)
def test_an_item_is_what_was_said_last_about_it(
    channel: Channel, early: Words, late: Words, wanted: Wanted
) -> None:
    channel.zones = "Europe/Lisbon"
    channel.bot("13:00", "alert_fired", "PoolDown: down", alert="PoolDown")
    for second, person in enumerate(("RAFA", "BIA", "LIVIA", "MAYA"), 10):
        channel.say(f"13:01:{second}", person, "here")
    channel.say("13:02", "HANS", "on it")
    for minute, (person, text) in enumerate(early, 10):
        channel.say(f"13:{minute}", person, text)
    channel.say("13:20", "LIVIA", "ok what do the logs say")
    channel.say("13:25", "HANS", "it's over, back to normal since 13:24")
    channel.bot("13:30", "resolved", "resolved by Hans Meyer")
    for minute, (person, text) in enumerate(late, 40):
        channel.say(f"13:{minute}", person, text)
    found = channel.report().follow_ups
    assert len(found) == len(wanted)
    for word, owner, due in wanted:
        item = next(one for one in found if word in one.text)
        assert item.owner == (NAMES[owner] if owner else None)
        assert (item.due.isoformat() if item.due else None) == due
