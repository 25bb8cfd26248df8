"""People's words: kept only where an incident is talked about, followed through edits, gone once deleted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.incident import Incident, IncidentState
from bot.domain.severity import Severity
from bot.messages import Ears, of_incident
from bot.store import incidents, journal
from bot.store.database import Tx
from bot.store.outbox import Wanted, want
from bot.store.sqlite import SqliteStore

OWN, SHARED, CARD = "C0OWN", "C0ALERTS", "1790000000.000100"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "drbot.db")

    def work(tx: Tx) -> None:
        first = Incident(
            1, "api down", Severity.SEV1, IncidentState.OPEN, "api", "production", "a", tx.now, channel=OWN
        )
        second = Incident(2, "slow", Severity.SEV3, IncidentState.OPEN, "api", "production", "b", tx.now)
        incidents.save(tx, first, tx.now)
        incidents.save(tx, second, tx.now)
        want(tx, Wanted("incident:2:card", "incident-card", 2, "#belezza-alerts"))
        tx.run("UPDATE outbox SET ts = ? WHERE key = ?", (CARD, "incident:2:card"))

    opened.write(work)
    yield opened
    opened.close()


@pytest.fixture
def ears(store: SqliteStore) -> Ears:
    return Ears(store)


def kinds(store: SqliteStore, incident: int) -> list[str]:
    return [entry.kind for entry in journal.of_incident(store, incident)]


def test_words_in_the_incidents_own_channel_are_kept(ears: Ears, store: SqliteStore) -> None:
    assert ears.posted(OWN, "1790000001.000100", "", "bia", "Bianca Mourelle", "on it")
    assert [one.text for one in of_incident(store, 1)] == ["on it"]
    entry = journal.of_incident(store, 1)[-1]
    assert (entry.kind, entry.actor) == ("message-posted", "bia")
    assert "on it" not in str(entry.data)


def test_in_the_shared_channel_only_the_cards_thread_is_heard(ears: Ears, store: SqliteStore) -> None:
    assert ears.posted(SHARED, "1790000002.000100", CARD, "rafa", "Rafa", "p99 is 3 s")
    assert not ears.posted(SHARED, "1790000003.000100", "", "rafa", "Rafa", "lunch?")
    assert not ears.posted("C0OTHER", "1790000004.000100", "", "rafa", "Rafa", "hello")
    assert [one.text for one in of_incident(store, 2)] == ["p99 is 3 s"]


def test_the_same_event_twice_is_one_message(ears: Ears, store: SqliteStore) -> None:
    for _ in range(2):
        assert ears.posted(OWN, "1790000001.000100", "", "bia", "Bianca", "on it")
        assert ears.marked(OWN, "1790000001.000100", "pushpin", "livia", "")
    assert kinds(store, 1) == ["message-posted", "mark-added"]
    assert len(of_incident(store, 1)[0].marks) == 1


def test_an_edit_replaces_the_words_and_leaves_nothing_of_the_old_ones(
    ears: Ears, store: SqliteStore
) -> None:
    ears.posted(OWN, "1790000001.000100", "", "bia", "Bianca", "41 customers")
    ears.edited(OWN, "1790000001.000100", "14 customers")
    ears.edited(OWN, "1790000001.000100", "14 customers")
    message = of_incident(store, 1)[0]
    assert (message.text, message.edited) == ("14 customers", True)
    assert kinds(store, 1) == ["message-posted", "message-edited"]
    assert not store.read("SELECT 1 FROM messages WHERE text LIKE '%41%'")


def test_a_deleted_message_is_gone_and_does_not_come_back(ears: Ears, store: SqliteStore) -> None:
    ears.posted(OWN, "1790000001.000100", "", "bia", "Bianca", "wrong channel, sorry")
    ears.deleted(OWN, "1790000001.000100")
    ears.deleted(OWN, "1790000001.000100")
    ears.posted(OWN, "1790000001.000100", "", "bia", "Bianca", "wrong channel, sorry")
    ears.edited(OWN, "1790000001.000100", "still here")
    assert of_incident(store, 1) == []
    assert kinds(store, 1) == ["message-posted", "message-deleted"]
    everything = str(store.read("SELECT * FROM messages")) + str(store.read("SELECT * FROM journal"))
    assert "wrong channel" not in everything
    assert "still here" not in everything


def test_a_deletion_that_overtakes_its_message_wins(ears: Ears, store: SqliteStore) -> None:
    assert ears.deleted(OWN, "1790000001.000100")
    assert ears.posted(OWN, "1790000001.000100", "", "bia", "Bianca", "never mind")
    assert of_incident(store, 1) == []


def test_an_edit_of_a_message_never_heard_is_kept_as_new(ears: Ears, store: SqliteStore) -> None:
    assert ears.edited(OWN, "1790000001.000100", "found it", "", "bia", "Bianca")
    assert [one.text for one in of_incident(store, 1)] == ["found it"]


def test_marks_come_and_go(ears: Ears, store: SqliteStore) -> None:
    ears.posted(OWN, "1790000001.000100", "", "bia", "Bianca", "the hook reloads the old container")
    ears.marked(OWN, "1790000001.000100", "mag", "rafa", "2026-09-21T12:00:00.000000Z")
    ears.marked(OWN, "1790000001.000100", "mag", "livia", "")
    ears.unmarked(OWN, "1790000001.000100", "mag", "rafa")
    ears.unmarked(OWN, "1790000001.000100", "mag", "rafa")
    marks = of_incident(store, 1)[0].marks
    assert [(one.mark, one.by) for one in marks] == [("mag", "livia")]
    assert kinds(store, 1) == ["message-posted", "mark-added", "mark-added", "mark-removed"]
    assert not ears.marked(OWN, "1790000009.000100", "mag", "rafa", "")


def test_a_secret_is_not_stored_at_all(ears: Ears, store: SqliteStore) -> None:
    secret = "".join(("Zx9", "Kq2", "Lm7", "Vb4", "Nc8", "Rt5", "Hy3", "Wp6"))
    ears.posted(OWN, "1790000001.000100", "", "bia", "Bianca", f"use {secret} for now")
    assert of_incident(store, 1)[0].text == "use [redacted] for now"
    assert not store.read("SELECT 1 FROM messages WHERE text LIKE ?", (f"%{secret}%",))


def test_a_posted_report_is_shown_anew_when_words_are_changed_or_taken_back(
    ears: Ears, store: SqliteStore
) -> None:
    ts = "1790000009.000100"
    ears.posted(OWN, ts, "", "ana", "Ana", "the tenant Zeppelin")
    posted = Wanted("incident:1:report", "report", 1, "#alerts", parent="incident:1:card", rank=2)
    store.write(lambda tx: want(tx, posted))

    def wanted() -> int:
        return int(store.read("SELECT wanted FROM outbox WHERE key = 'incident:1:report'")[0][0])

    ears.edited(OWN, ts, "the tenant")
    assert wanted() == 2
    ears.deleted(OWN, ts)
    ears.deleted(OWN, ts)
    assert wanted() == 3
