"""A process that has imported everything and has one thread: each mortal is a copy of it, there in no time.

`python -m tests.matrix.zygote` reads one job a line and answers with the signal that ended it, or 0.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tests.matrix.jobs import HELD, TOLD, Job, Told

ROOT = Path(__file__).parents[2]


class Zygote:
    """Its parent's side: gives jobs and waits for their ends."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def begin(self, job: Job) -> None:
        """Let a mortal live this; `end` waits for it."""
        assert self._process.stdin is not None
        (Path(job.home) / TOLD).unlink(missing_ok=True)
        self._process.stdin.write(msgspec.json.encode(job) + b"\n")
        self._process.stdin.flush()

    def held(self, job: Job, timeout_s: float = 60.0) -> bool:
        """Wait until it is where it is to be held; False where it ended before."""
        assert self._process.stdout is not None
        deadline = time.monotonic() + timeout_s
        while not (Path(job.home) / HELD).exists():
            ended, _, _ = select.select([self._process.stdout], [], [], 0.01)
            if ended or time.monotonic() > deadline:
                return False
        return True

    def end(self) -> int:
        """The signal that ended it, 0 where it lived to its end, 1 where it failed (see its `errors`)."""
        assert self._process.stdout is not None
        return int(self._process.stdout.readline() or b"-1")

    def lived(self, job: Job) -> Told:
        """Live it to the end. Raises RuntimeError with what the process said, where it did not."""
        self.begin(job)
        return self.told(job)

    def told(self, job: Job) -> Told:
        """Wait for a mortal that is to live to its end; what it saw."""
        end = self.end()
        if end:
            raise RuntimeError(f"the process ended with {end}: {errors(job)}")
        return msgspec.json.decode((Path(job.home) / TOLD).read_bytes(), type=Told)

    def died(self, job: Job) -> bool:
        """Live it to the kill; False where the kill was never reached. Raises where it failed otherwise."""
        self.begin(job)
        end = self.end()
        if end not in (0, signal.SIGKILL):
            raise RuntimeError(f"the process was to be killed and ended with {end}: {errors(job)}")
        return end == signal.SIGKILL


def errors(job: Job) -> str:
    """The end of what the processes of a job wrote to stderr."""
    written = Path(job.home) / "errors"
    return written.read_text(errors="replace")[-3000:] if written.exists() else "it said nothing"


@contextlib.contextmanager
def zygote() -> Iterator[Zygote]:
    """One warm process, ended with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.matrix.zygote"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        yield Zygote(process)
    finally:
        process.communicate(timeout=200)


def _mortal(job: Job) -> None:
    """In the copy: never returns."""
    from tests.matrix.mortal import live

    code = 1
    with (Path(job.home) / "errors").open("ab") as written:
        os.dup2(written.fileno(), 1)
        os.dup2(written.fileno(), 2)
        try:
            live(job)
            code = 0
        except BaseException:  # noqa: BLE001 - written for the test to show
            traceback.print_exc()
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    import dbos._queue  # imported once here, not once a process

    import tests.matrix.mortal  # noqa: F401

    # What was broken off is looked for once a second; here a second for each case would be minutes.
    (dbos._queue.Queue.__init__.__kwdefaults__ or {})["polling_interval_sec"] = 0.05

    for line in sys.stdin.buffer:
        job = msgspec.json.decode(line, type=Job)
        pid = os.fork()
        if pid == 0:
            _mortal(job)
        status = os.waitpid(pid, 0)[1]
        end = os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        sys.stdout.write(f"{end}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
