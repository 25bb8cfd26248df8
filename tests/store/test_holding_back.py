"""The rows behind limits, breakers and the auditor's folder, the same on both engines."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.entry import NewEntry
from bot.domain.glass import Glass
from bot.domain.run import PlanText, Run, RunState
from bot.store import breakers, history, journal, runs
from bot.store.database import Params, Row, Store, iso
from bot.store.sqlite import SqliteStore
from tests.store.conftest import Opened

BLANK = Run(
    id=0,
    action="restart",
    title="Restart",
    risk="high",
    target="staging/api",
    environment="staging",
    params={"a": "b"},
    facts={},
    plan=PlanText((), (), (), (), glass=Glass("ana", "now", ("freeze",))),
    digest="d",
    state=RunState.PROPOSED,
    requested_by="ana",
    requested_at="",
    expires_at="9",
    incident=7,
)


def stored(store: Store, **changed: object) -> Run:
    run = replace(BLANK, **changed)  # type: ignore[arg-type]
    return store.write(lambda tx: runs.insert(tx, run))


def test_what_began_is_counted_from_rows(opened: Opened) -> None:
    now = iso(opened.clock())
    opened.clock.forward(minutes=-61)
    stored(opened.store, started_at=iso(opened.clock()), state=RunState.VERIFIED)
    opened.clock.forward(minutes=61)
    began = stored(opened.store, started_at=now, state=RunState.RUNNING)
    about_to = stored(opened.store, approved_at=now, state=RunState.APPROVED)
    stored(opened.store, started_at=now, risk="look")
    stored(opened.store, started_at=now, undo_of=1)
    stored(opened.store)
    counted = opened.store.write(lambda tx: history.started_since(tx.all, now))
    assert [one.ref for one in counted] == [about_to.ref, began.ref]
    assert history.started_since(opened.store.read, now) == counted


def test_counting_reads_indexes_only(store: Store) -> None:
    asked: list[str] = []

    def overheard(sql: str, params: Params) -> list[Row]:
        asked.append(sql)
        return store.read(sql, params)

    history.started_since(overheard, "2026")
    if isinstance(store, SqliteStore):
        steps = [row[3] for row in store.read(f"EXPLAIN QUERY PLAN {asked[0]}", ("2026",))]
        assert not [step for step in steps if "SCAN" in step], steps


def test_a_breaker_opens_closes_and_opens_again(opened: Opened) -> None:
    store = opened.store
    now = iso(opened.clock())
    for state in (RunState.FAILED, RunState.REFUSED, RunState.UNDONE):
        stored(store, ended_at=now, state=state)
    stored(store, ended_at=now, state=RunState.UNDONE, undone_by=9)
    ends = store.write(lambda tx: history.find_ends(tx, "staging/api", "", 3))
    assert [(one.ref, one.held) for one in ends] == [("RUN-4", True), ("RUN-3", False), ("RUN-1", False)]
    store.write(lambda tx: breakers.open_breaker(tx, "staging/api", ["RUN-1", "RUN-3"]))
    assert [one.runs for one in breakers.open_breakers(store.read)] == [("RUN-1", "RUN-3")]
    store.write(lambda tx: breakers.close_breaker(tx, "staging/api"))
    assert breakers.open_breakers(opened.again().read) == []
    assert store.write(lambda tx: breakers.last_closed(tx, "staging/api")) == now
    store.write(lambda tx: breakers.open_breaker(tx, "staging/api", ["RUN-9"]))
    found = store.write(lambda tx: breakers.find_open(tx, "staging/api"))
    assert found is not None
    assert found.runs == ("RUN-9",)


def test_the_same_request_of_an_incident_is_found_with_its_glass(opened: Opened) -> None:
    first = stored(opened.store, expires_at="2999")
    stored(opened.store, expires_at="2999", params={"a": "c"})
    stored(opened.store, expires_at="2000")
    stored(opened.store, incident=8, expires_at="2999")
    assert opened.store.write(lambda tx: runs.find_same(tx, BLANK)) == [first]


def test_an_incident_and_the_chain_are_read_alike(opened: Opened) -> None:
    run = stored(opened.store)
    entries = [
        NewEntry("note-added", "ana", {"text": "ç"}, 7),
        NewEntry("run-started", "drbot", {}, None, run.id),
    ]
    opened.store.write(lambda tx: journal.append(tx, *entries, NewEntry("note-added", "ana", {}, 8)))
    assert [one.seq for one in journal.written_of_incident(opened.store, 7, until=3, page=1)] == [1, 2]
    links = list(journal.chain(opened.store, until=3, page=2))
    assert [(one.seq, one.actor, one.data) for one in links] == [(1, "", ""), (2, "", ""), (3, "", "")]
    assert journal.newest(opened.store) == journal.Head(3, links[-1].hash)
