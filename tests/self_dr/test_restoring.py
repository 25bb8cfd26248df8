"""drbot's own memory brought back, on either engine and across them."""

from __future__ import annotations

import sys
from pathlib import Path

import psycopg
import pytest

from bot.domain.answer import Refusal
from bot.domain.entry import NewEntry
from bot.domain.run import RunState
from bot.engine.lease import Holder, Lease
from bot.self_dr import back_up, restore
from bot.self_dr.settling import NUMBERS_LEFT_OUT
from bot.store.database import StoreDown
from bot.store.identity import identity
from bot.store.journal import append, newest, verify
from bot.store.opening import open_store
from tests.self_dr.memories import CHANNEL, ENGINES, Memories, both, bring_back


@pytest.mark.parametrize("back", ENGINES)
@both
def test_what_was_remembered_is_remembered_on_either_engine(
    memories: Memories, tmp_path: Path, engine: str, back: str
) -> None:
    before = memories.open(memories.url(engine))
    run = before.verified()
    head = newest(before.store)
    copied = back_up(before.url, str(tmp_path / "copies"), {})
    where, manifest = copied.where, copied.manifest
    assert (manifest.head, manifest.counts["runs"]) == (head, 1)
    before.verified("attic")  # after the copy: lost

    url = memories.url(back)
    done = restore(url, where, {}, CHANNEL, "ana")
    after = memories.open(url)
    assert after.runs.get(run.id) == run
    assert verify(after.store) is None
    rows = after.store.read("SELECT hash FROM journal WHERE seq = ?", (head.seq,))
    assert rows == [(head.hash,)]
    kinds = [row[0] for row in after.store.read("SELECT kind FROM journal WHERE seq > ?", (head.seq,))]
    assert kinds == ["memory-restored"]
    assert (done.settled.stopped, done.kept) == ((), "")
    assert after.verified("roof").state is RunState.VERIFIED


@both
def test_what_was_under_way_is_not_taken_up_and_a_person_is_called(
    memories: Memories, tmp_path: Path, engine: str
) -> None:
    before = memories.open(memories.url(engine))
    done = before.verified("done")
    running = before.approve(before.ask("running"))
    assert before.ledger.begin(running.id)
    approved = before.approve(before.ask("approved"))
    proposed = before.ask("proposed")
    look = before.ask("look", "look")
    assert Lease(before.store, Holder.here()).take()
    name = identity(before.store)
    where = back_up(before.url, str(tmp_path / "copies"), {}).where

    url = memories.url(engine)
    bring_back(url, where)
    after = memories.open(url)
    left_out = after.runs.get(look.id + NUMBERS_LEFT_OUT)
    assert after.states() == {
        done.ref: RunState.VERIFIED,
        running.ref: RunState.STOPPED,
        approved.ref: RunState.STOPPED,
        proposed.ref: RunState.EXPIRED,
        look.ref: RunState.FAILED,
        left_out.ref: RunState.CANCELLED,
    }
    told = after.runs.get(running.id).outcome
    assert "drbot's memory was brought back from a copy of 20" in told
    assert "A person must look at the target" in told
    notes = [row[0] for row in after.store.read("SELECT payload FROM outbox WHERE kind = 'incident-note'")]
    assert sorted(note.split()[0] for note in notes) == [running.ref, approved.ref]
    unsure = after.store.read("SELECT key, sending FROM outbox WHERE kind <> 'incident-note' ORDER BY key")
    assert {sending for _, sending in unsure} == {1}  # looked for in Slack before it is posted
    assert after.store.read("SELECT 1 FROM locks UNION SELECT 1 FROM leases") == []
    assert identity(after.store) != name
    assert after.ask("new").id == left_out.id + 1
    assert verify(after.store) is None


@both
def test_a_memory_that_holds_something_is_replaced_only_when_told(
    memories: Memories, tmp_path: Path, engine: str
) -> None:
    before = memories.open(memories.url(engine))
    before.verified()
    where = back_up(before.url, str(tmp_path / "copies"), {}).where
    other = memories.open(memories.url(engine))
    other.verified("other")
    head = newest(other.store)
    other.store.close()
    with pytest.raises(
        Refusal, match=r"holds something already \(\d+ journal entries, 0 alerts\).*replace=yes"
    ):
        bring_back(other.url, where)
    again = memories.open(other.url)
    assert newest(again.store) == head
    again.store.close()

    done = restore(other.url, where, {}, CHANNEL, "ana", replace=True)
    after = memories.open(other.url)
    assert after.runs.get(1).params["place"] == "hall"
    if engine == "sqlite":
        kept = open_store(f"sqlite:///{done.kept}")
        assert newest(kept) == head
        kept.close()
    else:
        schema = done.kept.removeprefix("the schema ")
        with psycopg.connect(other.url) as session:
            row = session.execute(f"SELECT MAX(seq) FROM {schema}.journal".encode()).fetchone()
        assert row == (head.seq,)


@both
def test_no_memory_is_replaced_under_a_bot_that_works(
    memories: Memories, tmp_path: Path, engine: str
) -> None:
    before = memories.open(memories.url(engine))
    before.verified()
    where = back_up(before.url, str(tmp_path / "copies"), {}).where
    elsewhere = Holder("other-host", "1", 42, "abcd")
    assert Lease(before.store, elsewhere).take()
    with pytest.raises(Refusal, match=r"a bot works on this memory now \(other-host pid 42\): stop it first"):
        bring_back(before.url, where, replace=True)


def test_a_file_that_is_open_elsewhere_is_not_replaced(memories: Memories, tmp_path: Path) -> None:
    before = memories.open(memories.url("sqlite"))
    before.verified()
    where = back_up(before.url, str(tmp_path / "copies"), {}).where
    with pytest.raises(StoreDown, match="another process has"):
        bring_back(before.url, where, replace=True)
    assert before.states() == {"RUN-1": RunState.VERIFIED}
    assert before.verified("attic").state is RunState.VERIFIED


@pytest.mark.parametrize(
    ("between", "told"),
    [
        ("a bot began", "a bot began to work on this memory meanwhile: stop it first"),
        (
            "somebody wrote",
            r"the memory holds something now \(1 journal entries, 0 alerts\): add replace=yes",
        ),
    ],
)
def test_what_comes_between_on_a_server_is_seen_before_anything_is_moved(
    memories: Memories, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, between: str, told: str
) -> None:
    """The lease lasts seconds; loading a long memory over a slow line lasts longer."""
    before = memories.open(memories.url("sqlite"))
    where = back_up(before.url, str(tmp_path / "copies"), {}).where
    there = memories.open(memories.url("postgres"))
    restoring = sys.modules["bot.self_dr.restore"]
    settle = restoring.settle

    def slow(*given: object) -> object:
        if between == "a bot began":
            there.store.write(lambda tx: tx.run("DELETE FROM leases"))
            assert Lease(there.store, Holder("other-host", "1", 42, "abcd")).take()
        else:
            there.store.write(lambda tx: append(tx, NewEntry("noted", "ana", {})))
        return settle(*given)

    monkeypatch.setattr(restoring, "settle", slow)
    with pytest.raises(StoreDown, match=told):
        bring_back(there.url, where)
    with psycopg.connect(there.url) as session:
        kinds = session.execute("SELECT kind FROM journal").fetchall()
    assert kinds == ([] if between == "a bot began" else [("noted",)])
