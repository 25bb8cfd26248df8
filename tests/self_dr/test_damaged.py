"""The memory lost as hosts lose it: killed, its file damaged, cut or moved away, its log left behind."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.answer import Refusal
from bot.domain.run import RunState
from bot.self_dr import memory_file
from bot.self_dr.memory_file import Unconfirmed, damage
from bot.store import runs
from bot.store.copying import load_file
from bot.store.database import StoreDown
from bot.store.journal import examine
from bot.store.opening import open_store
from tests.self_dr.losing import AFTER, BEFORE
from tests.self_dr.memories import bring_back

ROOT = Path(__file__).parents[2]


@contextmanager
def bot(root: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A bot that lives until it is killed."""
    command = [sys.executable, "-m", "tests.self_dr.losing", str(root), *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a bot that was killed: `drbot.db`, a long `drbot.db-wal`, and `copies`."""
    root = tmp_path_factory.mktemp("lost")
    with bot(root) as process:
        assert process.wait(60) == -signal.SIGKILL
    assert (root / "drbot.db-wal").stat().st_size > 100_000
    return root


@pytest.fixture
def root(lost: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(lost, tmp_path / "host"))


def url_of(root: Path) -> str:
    return f"sqlite:///{root}/drbot.db"


def is_the_copy(root: Path, of: str) -> None:
    """What the bot will open is what was brought back, settled, and nothing else."""
    with closing(open_store(url_of(root))) as store:
        verdict = examine(store)
        assert verdict.broken is None
        kinds = [row[0] for row in store.read("SELECT kind FROM journal WHERE kind <> 'run-stopped'")]
        assert kinds == ["noted"] * BEFORE + ["memory-restored"], of
        run = runs.get(store, 1)
        assert run
        assert run.state is RunState.STOPPED, of


def gone(file: Path) -> None:
    file.rename(file.with_name("broken-by-hand"))


def random_bytes(file: Path) -> None:
    file.write_bytes(os.urandom(20_000))


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:9_000])


def a_page_of_another(file: Path) -> None:
    whole = bytearray(file.read_bytes())
    whole[4096:40960] = os.urandom(36864)
    file.write_bytes(whole)


def another_programs(file: Path) -> None:
    for one in file.parent.glob("drbot.db*"):
        one.unlink()
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE precious (name TEXT)")


@pytest.mark.parametrize("strike", [random_bytes, emptied, a_page_of_another, another_programs])
def test_a_damaged_memory_is_replaced_when_told_and_kept_whole(
    root: Path, strike: Callable[[Path], None]
) -> None:
    checkpoint(root)
    strike(root / "drbot.db")
    before = contents(root)
    with pytest.raises(Refusal, match=r"cannot be read \(.*\): add replace=yes to keep it beside"):
        bring_back(url_of(root), root / "copies")
    unchanged = {name: text for name, text in contents(root).items() if not name.endswith("-shm")}
    assert unchanged == {name: text for name, text in before.items() if not name.endswith("-shm")}
    done = bring_back(url_of(root), root / "copies", replace=True)
    kept = Path(done.kept)
    assert kept.read_bytes() == before["drbot.db"]
    assert beside(kept, "-wal") == before.get("drbot.db-wal")
    assert not list(root.glob("*.restoring*"))
    is_the_copy(root, strike.__name__)
    again = bring_back(url_of(root), root / "copies", replace=True)
    assert again.kept != done.kept
    is_the_copy(root, strike.__name__)


def test_the_log_of_a_memory_that_was_moved_away_is_not_played_into_the_new_one(root: Path) -> None:
    gone(root / "drbot.db")
    log = (root / "drbot.db-wal").read_bytes()
    done = bring_back(url_of(root), root / "copies")
    is_the_copy(root, "gone")
    assert done.kept.endswith("-wal")
    assert Path(done.kept).read_bytes() == log


def test_a_memory_that_was_only_killed_keeps_everything_of_its_log(root: Path) -> None:
    done = bring_back(url_of(root), root / "copies", replace=True)
    is_the_copy(root, "killed")
    with closing(open_store(f"sqlite:///{done.kept}")) as kept:
        assert examine(kept).head.seq == BEFORE + AFTER


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_however_it_is_damaged_the_copy_comes_back(lost: Path, tmp_path: Path, data: st.DataObject) -> None:
    root = Path(shutil.copytree(lost, tmp_path / f"host-{os.urandom(6).hex()}"))
    for suffix in ("", "-wal", "-shm"):
        file = root / f"drbot.db{suffix}"
        whole = bytearray(file.read_bytes())
        fate = data.draw(st.sampled_from(["whole", "gone", "cut", "spoilt"]), label=f"the file {suffix}")
        if fate == "gone":
            file.unlink()
        elif fate == "cut":
            file.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
        elif fate == "spoilt":
            at = data.draw(st.integers(0, max(0, len(whole) - 600)))
            whole[at : at + 600] = os.urandom(600)
            file.write_bytes(whole)
    bring_back(url_of(root), root / "copies", replace=True)
    is_the_copy(root, "any")
    shutil.rmtree(root)


@pytest.mark.parametrize("strike", [random_bytes, gone])
def test_no_log_is_taken_from_a_bot_that_still_lives(tmp_path: Path, strike: Callable[[Path], None]) -> None:
    """Somebody moves the file away at 03:00, and the bot goes on writing to it."""
    with bot(tmp_path, "wait") as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        strike(tmp_path / "drbot.db")
        with pytest.raises(Refusal, match=r"a process works on .*: stop it first, then restore"):
            bring_back(url_of(tmp_path), tmp_path / "copies", replace=True)
        assert (tmp_path / "drbot.db-wal").exists()
    bring_back(url_of(tmp_path), tmp_path / "copies", replace=True)
    is_the_copy(tmp_path, strike.__name__)


def test_one_restore_at_a_time(root: Path) -> None:
    at_work = pytest.raises(Refusal, match="another restore is at work in")
    with memory_file.alone(root / "drbot.db"), at_work:
        bring_back(url_of(root), root / "copies", replace=True)
    bring_back(url_of(root), root / "copies", replace=True)


def test_what_somebody_began_meanwhile_is_not_lost(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone(root / "drbot.db")
    (root / "drbot.db-wal").unlink()
    restoring = sys.modules["bot.self_dr.restore"]
    settle = restoring.settle

    def slow(*given: object) -> object:
        with closing(open_store(url_of(root))):
            return settle(*given)

    monkeypatch.setattr(restoring, "settle", slow)
    with pytest.raises(Refusal, match=r"somebody wrote to .* meanwhile: add replace=yes"):
        bring_back(url_of(root), root / "copies")
    assert damage(root / "drbot.db") == ""


def test_a_link_to_the_memory_stays_a_link(root: Path) -> None:
    (root / "disk").mkdir()
    for one in root.glob("drbot.db*"):
        one.rename(root / "disk" / one.name)
    (root / "drbot.db").symlink_to(root / "disk" / "drbot.db")
    bring_back(url_of(root), root / "copies", replace=True)
    assert (root / "drbot.db").is_symlink()
    is_the_copy(root, "link")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_root_leaves_the_memory_to_whoever_had_it(root: Path) -> None:
    os.chown(root / "drbot.db", 12345, 12345)
    bring_back(url_of(root), root / "copies", replace=True)
    assert (root / "drbot.db").stat().st_uid == 12345


def test_nothing_is_loaded_into_what_is_there(root: Path) -> None:
    half = root / "half"
    copy = next((root / "copies").iterdir()) / "memory.db"
    load_file(copy, half)
    with pytest.raises(FileExistsError):
        load_file(copy, half)


def test_a_disk_that_confirms_nothing_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def confirm(path: Path) -> None:
        asked.append(path)
        if len(asked) == 2:  # after the exchange
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(memory_file, "_to_disk", confirm)
    with pytest.raises(Unconfirmed, match=r"the memory is back, but the disk of .* does not confirm it"):
        bring_back(url_of(root), root / "copies", replace=True)
    is_the_copy(root, "unconfirmed")


def test_a_file_system_without_links_keeps_a_copy(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    done = bring_back(url_of(root), root / "copies", replace=True)
    with closing(open_store(f"sqlite:///{done.kept}")) as kept:
        assert examine(kept).head.seq == BEFORE + AFTER


def checkpoint(root: Path) -> None:
    """Everything in the file; beside it a log that is of no use, and is kept all the same."""
    log = (root / "drbot.db-wal").read_bytes()
    with closing(sqlite3.connect(root / "drbot.db")) as memory:
        memory.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (root / "drbot.db-wal").write_bytes(bytes(32) + log[32:])


def contents(root: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in root.glob("drbot.db*")}


def beside(file: Path, suffix: str) -> bytes | None:
    log = file.with_name(file.name + suffix)
    return log.read_bytes() if log.exists() else None


def test_a_memory_that_cannot_be_opened_for_another_reason_is_told(root: Path) -> None:
    (root / "drbot.db").unlink()
    (root / "drbot.db").mkdir()
    with pytest.raises((StoreDown, OSError)):
        bring_back(url_of(root), root / "copies")
