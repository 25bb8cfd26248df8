"""Drills on both engines: kept whole, found again, the newest and the newest that passed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.drill import Drill, DrillPart, DrillState, PartState
from bot.domain.walk import Doing
from bot.store import drills as rows
from bot.store import runs as run_rows
from bot.store.database import Store
from tests.store.test_walks import proposed

PARTS = (
    DrillPart(Doing("rehearse-restore", "Rehearse", {"environment": "staging"})),
    DrillPart(Doing("look-at-backups"), only_looks=True, state=PartState.FAILED, said="none there ?"),
)
DRILL = Drill(
    0, "restore", "Backup “restore” 100 %?", DrillState.UNDER_WAY, "ana", "2026-11-23T03:00:00Z", parts=PARTS
)


def test_a_drill_is_kept_whole(store: Store) -> None:
    kept = store.write(lambda tx: rows.insert(tx, DRILL, "slack:1"))
    assert (kept.id, rows.get(store, 1), rows.get(store, 2)) == (1, kept, None)
    assert (
        rows.of_request(store, "slack:1") == store.write(lambda tx: rows.find_request(tx, "slack:1")) == kept
    )
    assert rows.of_request(store, "") is None is store.write(lambda tx: rows.find_request(tx, ""))
    under_way = kept.with_part(0, replace(PARTS[0], state=PartState.DOING, run=15))
    store.write(lambda tx: rows.save(tx, under_way))
    assert under_way.runs == (15,)
    ended = replace(
        under_way,
        state=DrillState.FAILED,
        ended_at="2026-11-23T03:01:00Z",
        rto_s=61.25,
        said="RPO 1h promised, 9h measured",
        certificate='{"drill": "DRILL-1"}',
    )
    store.write(lambda tx: rows.save(tx, ended))
    assert store.write(lambda tx: rows.find(tx, 1)) == ended
    assert ended.rpo_s is None


def test_the_newest_and_the_newest_that_passed(store: Store) -> None:
    for name, state in (
        ("restore", DrillState.PASSED),
        ("failover", DrillState.PASSED),
        ("restore", DrillState.PASSED),
        ("restore", DrillState.FAILED),
        ("restore", DrillState.UNDER_WAY),
    ):
        one = replace(DRILL, name=name, state=state)
        store.write(lambda tx, one=one: rows.insert(tx, one))  # type: ignore[misc]
    assert number(rows.newest(store, "restore")) == 5
    assert number(rows.newest_passed(store, "restore")) == 3
    assert rows.newest(store, "full") is None is rows.newest_passed(store, "full")
    assert [one.id for one in rows.active(store)] == [5]
    assert [one.id for one in rows.recent(store, "restore", 2)] == [5, 4]
    assert [one.id for one in rows.recent(store)] == [5, 4, 3, 2, 1]
    assert number(store.write(lambda tx: rows.find_active(tx, "restore"))) == 5
    assert store.write(lambda tx: rows.find_active(tx, "failover")) is None


def test_a_run_knows_the_drill_that_asked_for_it(store: Store) -> None:
    store.write(lambda tx: rows.insert(tx, DRILL))
    for key in ("drill:1:0", "drill:1:0.2", "walk:1:0", "drill:9:0", ""):
        run = store.write(lambda tx, key=key: run_rows.insert(tx, proposed(0), key))  # type: ignore[misc]
        found = store.write(lambda tx, number=run.id: rows.find_of_run(tx, number))  # type: ignore[misc]
        assert (found is not None) == key.startswith("drill:1:0"), key
    assert store.write(lambda tx: rows.find_of_run(tx, 99)) is None


def test_one_request_is_one_drill(store: Store) -> None:
    store.write(lambda tx: rows.insert(tx, DRILL, "slack:1"))
    with pytest.raises(Exception, match=r"(?i)unique"):
        store.write(lambda tx: rows.insert(tx, DRILL, "slack:1"))
    for _ in range(2):
        store.write(lambda tx: rows.insert(tx, DRILL))


def number(drill: Drill | None) -> int:
    assert drill is not None
    return drill.id
