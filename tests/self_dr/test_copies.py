"""drbot's own memory copied while it works and brought back, on either engine and across them."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from bot.domain.answer import Refusal, UsageError
from bot.domain.entry import NewEntry
from bot.domain.run import Run, RunState
from bot.engine.lease import Holder, Lease
from bot.engine.ledger import Ledger
from bot.engine.phase import Patience
from bot.runs import Runs
from bot.self_dr import back_up, restore
from bot.self_dr.settling import NUMBERS_LEFT_OUT
from bot.store.database import Store, StoreDown, Tx
from bot.store.identity import identity
from bot.store.journal import append, newest, verify
from bot.store.opening import open_store
from tests.engine.toys import ACTIONS, Shelf
from tests.policy.conftest import plan_of
from tests.real.postgres import embedded_programs, real_postgres
from tests.real.s3 import BUCKET, KEYS, RealS3, moto

_numbers = itertools.count(1)
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
CHANNEL = "#alerts"


class Memory:
    """A store with some life in it."""

    def __init__(self, url: str, root: Path) -> None:
        self.url = url
        self.store: Store = open_store(url)
        shelf = Shelf(root / "shelf")
        shelf.root.mkdir(exist_ok=True)
        self.plan = plan_of({"communication": {"channel": CHANNEL}})
        self.runs = Runs(self.store, self.plan, shelf.toolbox(), ACTIONS)
        lease = Lease(self.store, Holder.here(), 60.0)
        self.ledger = Ledger(self.store, lease, CHANNEL, Patience(0.01))

    def ask(self, place: str = "hall", risk: str = "low") -> Run:
        ana = self.plan.person("ana")
        assert ana
        return self.runs.propose(ana, f"{risk}-shelve", {"place": place})

    def approve(self, run: Run) -> Run:
        rui = self.plan.person("rui")
        assert rui
        return self.runs.approve(rui, run.id, typed="hall")

    def verified(self, place: str = "hall") -> Run:
        run = self.approve(self.ask(place))
        assert self.ledger.begin(run.id)
        self.ledger.finish(run.id, RunState.VERIFIED, "done")
        return self.runs.get(run.id)

    def states(self) -> dict[str, RunState]:
        return {run.ref: run.state for run in self.runs.recent(50)}


class Memories:
    """Makes them, of one engine or the other, and closes them."""

    def __init__(self, root: Path, server: Callable[[], str]) -> None:
        self._root = root
        self._server = server
        self._open: list[Memory] = []

    def url(self, engine: str) -> str:
        number = next(_numbers)
        if engine == "sqlite":
            return f"sqlite:///{self._root}/memory-{number}/drbot.db"
        name = f"memory_{os.getpid()}_{number}"
        with psycopg.connect(self._server(), autocommit=True) as session:
            session.execute(f"CREATE DATABASE {name}".encode())
        return self._server().rsplit("/", 1)[0] + f"/{name}"

    def open(self, url: str) -> Memory:
        self._open.append(Memory(url, self._root))
        return self._open[-1]

    def close(self) -> None:
        for one in self._open:
            one.store.close()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with real_postgres(embedded_programs()) as server:
        yield server.url()


@pytest.fixture
def memories(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Memories]:
    made = Memories(tmp_path, lambda: str(request.getfixturevalue("postgres_url")))
    yield made
    made.close()


@pytest.fixture(scope="module")
def s3() -> Iterator[RealS3]:
    with moto() as server:
        yield server


ENGINES = ("sqlite", "postgres")
both = pytest.mark.parametrize("engine", ENGINES)


def bring_back(
    url: str, source: object, replace: bool = False, environment: Mapping[str, str] | None = None
) -> None:
    restore(url, str(source), environment or {}, CHANNEL, "ana", replace)


@pytest.mark.parametrize("back", ENGINES)
@both
def test_what_was_remembered_is_remembered_on_either_engine(
    memories: Memories, tmp_path: Path, engine: str, back: str
) -> None:
    before = memories.open(memories.url(engine))
    run = before.verified()
    head = newest(before.store)
    where, manifest = back_up(before.url, str(tmp_path / "copies"), {})
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
    where, _ = back_up(before.url, str(tmp_path / "copies"), {})

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
def test_a_copy_is_one_moment_while_the_bot_writes(memories: Memories, tmp_path: Path, engine: str) -> None:
    """Ten writers at it: the chain of every copy holds, and two rows of one transaction are both there."""
    before = memories.open(memories.url(engine))
    stop = threading.Event()

    def work(tx: Tx) -> None:
        append(tx, NewEntry("noted", "ana", {}), NewEntry("noted", "ana", {}))

    def write() -> None:
        while not stop.is_set():
            before.store.write(work)

    writers = [threading.Thread(target=write) for _ in range(4)]
    for one in writers:
        one.start()
    try:
        heads = [back_up(before.url, str(tmp_path / "copies"), {})[1].head.seq for _ in range(5)]
    finally:
        stop.set()
        for one in writers:
            one.join()
    assert heads == sorted(heads)
    assert heads[-1] > heads[0]
    assert all(head % 2 == 0 for head in heads)


@both
def test_a_memory_that_holds_something_is_replaced_only_when_told(
    memories: Memories, tmp_path: Path, engine: str
) -> None:
    before = memories.open(memories.url(engine))
    before.verified()
    where, _ = back_up(before.url, str(tmp_path / "copies"), {})
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
    where, _ = back_up(before.url, str(tmp_path / "copies"), {})
    elsewhere = Holder("other-host", "1", 42, "abcd")
    assert Lease(before.store, elsewhere).take()
    with pytest.raises(Refusal, match=r"a bot works on this memory now \(other-host pid 42\): stop it first"):
        bring_back(before.url, where, replace=True)


def test_a_file_that_is_open_elsewhere_is_not_replaced(memories: Memories, tmp_path: Path) -> None:
    before = memories.open(memories.url("sqlite"))
    before.verified()
    where, _ = back_up(before.url, str(tmp_path / "copies"), {})
    with pytest.raises(StoreDown, match="another process has"):
        bring_back(before.url, where, replace=True)
    assert before.states() == {"RUN-1": RunState.VERIFIED}
    assert before.verified("attic").state is RunState.VERIFIED


def spoil_byte(copy: Path) -> None:
    whole = bytearray((copy / "memory.db").read_bytes())
    whole[len(whole) // 2] ^= 1
    (copy / "memory.db").write_bytes(whole)


def cut_short(copy: Path) -> None:
    whole = (copy / "memory.db").read_bytes()
    (copy / "memory.db").write_bytes(whole[: len(whole) // 2])


def forge(copy: Path) -> None:
    """Somebody edits the journal and writes the right sum beside it: the chain tells."""
    import hashlib
    import sqlite3

    with sqlite3.connect(copy / "memory.db") as memory:
        memory.execute("UPDATE journal SET actor = 'nobody' WHERE seq = 2")
    memory.close()
    whole = (copy / "memory.db").read_bytes()
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest |= {"sha256": hashlib.sha256(whole).hexdigest(), "size_bytes": len(whole)}
    (copy / "manifest.json").write_text(json.dumps(manifest))


def other_head(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps(manifest | {"journal_seq": 1}))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (spoil_byte, "is not what was written"),
        (cut_short, "is not what was written"),
        (forge, "The journal is broken at entry 2"),
        (other_head, "does not hold what its manifest says"),
    ],
)
def test_a_copy_that_is_not_whole_brings_nothing_back(
    memories: Memories, tmp_path: Path, spoil: Callable[[Path], None], told: str
) -> None:
    before = memories.open(memories.url("sqlite"))
    before.verified()
    where, _ = back_up(before.url, str(tmp_path / "copies"), {})
    spoil(Path(where))
    url = memories.url("sqlite")
    with pytest.raises(Refusal, match=told):
        bring_back(url, where)
    assert not Path(url.removeprefix("sqlite:///")).exists()


def test_what_is_no_copy_is_said(memories: Memories, tmp_path: Path) -> None:
    url = memories.url("sqlite")
    with pytest.raises(UsageError, match="there is no copy of drbot's memory at"):
        bring_back(url, tmp_path)
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(UsageError, match="is no manifest of a copy"):
        bring_back(url, tmp_path)
    with pytest.raises(UsageError, match="names no bucket"):
        bring_back(url, "s3://")
    with pytest.raises(StoreDown, match="there is no memory at"):
        back_up(url, str(tmp_path), {})


def test_a_copy_of_a_newer_drbot_is_left_to_it(memories: Memories, tmp_path: Path) -> None:
    before = memories.open(memories.url("sqlite"))
    where, _ = back_up(before.url, str(tmp_path / "copies"), {})
    manifest = json.loads((Path(where) / "manifest.json").read_text())
    (Path(where) / "manifest.json").write_text(json.dumps(manifest | {"format": 2, "version": "9.0"}))
    with pytest.raises(UsageError, match=r"written by a newer drbot \(9.0\)"):
        bring_back(memories.url("sqlite"), where)


def test_of_a_place_the_newest_copy_is_taken_and_the_oldest_are_dropped(
    memories: Memories, tmp_path: Path
) -> None:
    before = memories.open(memories.url("sqlite"))
    identity(before.store)
    place = tmp_path / "copies"
    foreign = place / "drbot-20200101T000000Z-abcd"
    other = memories.open(memories.url("sqlite"))
    identity(other.store)
    theirs, _ = back_up(other.url, str(place), {}, clock=lambda: NOW - timedelta(days=9))
    foreign.mkdir()
    (foreign / "notes.txt").write_text("somebody's")
    made = []
    for day in range(4):
        before.verified()
        moment = NOW + timedelta(days=day)
        made.append(back_up(before.url, str(place), {}, keep=2, clock=lambda at=moment: at)[0])  # type: ignore[misc]
    assert [Path(one).exists() for one in made] == [False, False, True, True]
    assert Path(theirs).exists()
    assert (foreign / "notes.txt").exists()
    # a clock that went back a week: the newest copy is not taken for the oldest
    late, _ = back_up(before.url, str(place), {}, keep=2, clock=lambda: NOW - timedelta(days=7))
    assert Path(late).exists()
    shutil.rmtree(late)
    url = memories.url("sqlite")
    bring_back(url, place)
    assert memories.open(url).states()["RUN-4"] is RunState.VERIFIED


def test_a_copy_lets_nobody_else_read(memories: Memories, tmp_path: Path) -> None:
    before = memories.open(memories.url("sqlite"))
    where, _ = back_up(before.url, str(tmp_path / "copies"), {})
    assert Path(where).stat().st_mode & 0o077 == 0
    assert [one.name for one in (tmp_path / "copies").iterdir()] == [Path(where).name]


def test_s3_keeps_copies_too(memories: Memories, s3: RealS3, tmp_path: Path) -> None:
    s3.bucket().client.create_bucket(Bucket=BUCKET)
    environment = {
        "AWS_ENDPOINT_URL": s3.endpoint_url,
        "AWS_ACCESS_KEY_ID": KEYS["accessKey"],
        "AWS_SECRET_ACCESS_KEY": KEYS["secretKey"],
    }
    before = memories.open(memories.url("sqlite"))
    identity(before.store)
    place = f"s3://{BUCKET}/own/{tmp_path.name}/"
    made = []
    for day in range(3):
        before.verified()
        moment = NOW + timedelta(days=day)
        made.append(back_up(before.url, place, environment, 2, lambda at=moment: at)[0])  # type: ignore[misc]
    assert made[-1].startswith(place)
    url = memories.url("sqlite")
    bring_back(url, place.rstrip("/"), environment=environment)
    assert len(memories.open(url).states()) == 4
    with pytest.raises(UsageError, match="there is no copy"):
        bring_back(memories.url("sqlite"), made[0], environment=environment)
    bring_back(memories.url("sqlite"), made[1], environment=environment)


def test_what_a_killed_copy_left_is_no_copy_and_is_swept_a_day_later(
    memories: Memories, tmp_path: Path
) -> None:
    before = memories.open(memories.url("sqlite"))
    place = tmp_path / "copies"
    old, new = place / ".drbot-20260101T000000Z-aaaa.part", place / ".drbot-20260102T000000Z-bbbb.part"
    for one in (old, new):
        one.mkdir(parents=True)
        (one / "memory.db").write_bytes(b"half")
        (one / "manifest.json").write_text("{")
    os.utime(old, (0, 0))
    where, _ = back_up(before.url, str(place), {})
    assert sorted(one.name for one in place.iterdir()) == [new.name, Path(where).name]
