"""Walks and drbot's own looks on both engines: kept whole, found again, counted."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.looked import Looked
from bot.domain.run import PlanText, Run, RunState
from bot.domain.walk import Doing, StepState, Walk, WalkState, WalkStep
from bot.store import looked as looked_rows
from bot.store import runs as run_rows
from bot.store import walks as rows
from bot.store.database import Store

STEPS = (
    WalkStep("Look “twice”", does=(Doing("look-shelve", "Look", {"place": "hall"}),), runs=(1,), held=1,
             state=StepState.HELD, said="RUN-1 verified"),
    WalkStep("If it fails", command="echo 100 %\n?", only_if_failed=True, attempt=2),
)  # fmt: skip
WALK = Walk(0, "shelves", "Shelves", "staging", "ana", "2026-11-23T03:00:00Z", STEPS, incident=7)
SINCE = "2026-01-01"


def proposed(number: int) -> Run:
    return Run(
        number, "low-shelve", "Furnish", "low", "staging/hall", "staging", {}, {}, PlanText((), (), (), ()),
        "d", RunState.PROPOSED, "ana", "", "",
    )  # fmt: skip


def test_a_walk_is_kept_whole(store: Store) -> None:
    kept = store.write(lambda tx: rows.insert(tx, WALK, "slack:1"))
    assert (kept.id, rows.get(store, 1)) == (1, kept)
    assert store.write(lambda tx: rows.find_request(tx, "slack:1")) == kept
    assert store.write(lambda tx: rows.find_request(tx, "")) is None
    assert store.write(lambda tx: rows.find_active(tx, "shelves", "staging", 7)) == kept
    assert store.write(lambda tx: rows.find_active(tx, "shelves", "staging", None)) is None
    doing = kept.with_step(1, replace(STEPS[1], state=StepState.DOING, runs=(5,)))
    store.write(lambda tx: rows.save(tx, doing))
    assert store.write(lambda tx: rows.find_waiting_for(tx, 5)) == [doing]
    assert rows.active(store) == rows.of_incident(store, 7) == rows.recent(store) == [doing]


def test_what_a_stopped_walk_left_behind_is_found(store: Store) -> None:
    for number in (1, 11):
        store.write(lambda tx: rows.insert(tx, WALK))
        store.write(lambda tx, key=f"walk:{number}:0:0:1": run_rows.insert(tx, proposed(0), key))  # type: ignore[misc]
    assert store.write(lambda tx: rows.proposals_of(tx, 1)) == [1], "not those of RB-11"
    assert rows.left_behind(store) == []
    store.write(lambda tx: rows.save(tx, replace(WALK, id=1, state=WalkState.STOPPED)))
    assert rows.left_behind(store) == [1]
    assert [one.id for one in rows.active(store)] == [2]


def test_looks_are_kept_once_and_counted(store: Store) -> None:
    own = Looked(7, "look {}", "Look", 3, "2026-11-23T03:00:00Z")
    shared = replace(own, incident=8, shared=True)
    refused = Looked(7, "look {2}", "Look", None, "2026-11-23T03:00:01Z", said="nothing there")
    for one in (own, replace(own, run=9), shared, refused):
        store.write(lambda tx, one=one: looked_rows.keep(tx, one))  # type: ignore[misc]
    assert looked_rows.of_incident(store, 7) == [own, refused]
    assert looked_rows.newest_of(store, "look {}", SINCE) == own
    assert looked_rows.newest_of(store, "look {}", "2027") is None
    assert looked_rows.count_since(store, SINCE) == (2, 3)
    assert sorted(store.write(lambda tx: looked_rows.find_incidents_of(tx, 3))) == [7, 8]
