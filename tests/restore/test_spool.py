"""A file without a name: programs read it, and nothing of it is left, even by a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from actions.plan import Transient
from actions.tools.dumps.spool import held, spooled
from tests.real.processes import wait_for


def test_a_program_reads_the_file_without_a_name() -> None:
    with spooled([b"abc", b"def"]) as file, held(b"x") as small:
        words = subprocess.check_output(
            ["cat", file.path, small.path, file.path], pass_fds=(*file.keep, *small.keep)
        )
    assert words == b"abcdefxabcdef"


def test_what_the_chunks_raise_goes_through() -> None:
    def broken() -> Iterator[bytes]:
        yield b"a"
        raise Transient("broke off")

    with pytest.raises(Transient, match="broke off"), spooled(broken()):
        pass


@pytest.mark.disaster(18)
def test_killed_nothing_of_the_file_is_left(tmp_path: Path) -> None:
    code = (
        "import sys, time\n"
        "from actions.tools.dumps.spool import spooled\n"
        "with spooled([b'x' * 1_000_000]) as file:\n"
        "    print(len(open(file.path, 'rb').read()), flush=True)\n"
        "    time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"1000000\n"
        process.send_signal(signal.SIGKILL)
    wait_for("the folder to be empty", lambda: not list(tmp_path.iterdir()))


@pytest.mark.disaster(16)
def test_a_full_disk_here_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no disk that is always full")
    full = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115 - what spools closes it
    monkeypatch.setattr("tempfile.TemporaryFile", lambda prefix: full)
    with pytest.raises(Transient, match=r"No space left on device.*set TMPDIR"), spooled([b"x"]):
        pass


@pytest.mark.disaster(16)
def test_it_stops_before_the_disk_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actions.tools.dumps.spool.spool_free_bytes", lambda: 10_000_000)
    asked: list[int] = []

    def endless() -> Iterator[bytes]:
        while True:
            asked.append(1)
            yield b"\0" * 1_000_000

    with pytest.raises(Transient, match="is nearly full"), spooled(endless()):
        pass
    assert len(asked) < 20
