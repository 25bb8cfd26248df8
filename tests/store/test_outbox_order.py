"""The order in which Slack is shown what it should show, over both engines."""

from __future__ import annotations

from bot.store.database import Store, Tx, iso
from bot.store.outbox import Kind, Wanted, due, want
from tests.store.conftest import Opened


def ask(tx: Tx, key: str, kind: Kind, rank: int, parent: str = "") -> None:
    want(tx, Wanted(key, kind, 1, "#alerts", parent, rank))


def waiting(store: Store, now: str) -> list[str]:
    return [row.key for row in due(store, now)]


def test_the_worst_first_and_of_one_incident_in_the_order_in_which_it_was_said(opened: Opened) -> None:
    store, clock = opened.store, opened.clock
    cards = [f"incident:{number}:card" for number in (1, 2)]

    def open_both(tx: Tx) -> None:
        for card in cards:
            ask(tx, card, "incident-card", 3)

    store.write(open_both)
    assert waiting(store, iso(clock())) == cards, "a reply waits until its card is there"
    store.write(lambda tx: tx.run("UPDATE outbox SET shown = wanted, ts = '1.1', channel = 'C1'"))

    def said(tx: Tx) -> None:
        ask(tx, "incident:1:report", "report", 3, cards[0])
        for number in (9, 10, 11):
            ask(tx, f"incident:1:note:{number}", "incident-note", 3, cards[0])
        ask(tx, "incident:2:note:12", "incident-note", 3, cards[1])

    store.write(said)
    clock.forward(minutes=5)
    store.write(lambda tx: ask(tx, cards[1], "incident-card", 1))
    store.write(lambda tx: ask(tx, "incident:2:note:13", "incident-call", 1, cards[1]))
    assert waiting(store, iso(clock())) == [
        cards[1],
        "incident:2:note:12",  # said while it was SEV-3, and as grave now as what came after
        "incident:2:note:13",
        "incident:1:note:9",
        "incident:1:note:10",
        "incident:1:note:11",
        "incident:1:report",
    ]
