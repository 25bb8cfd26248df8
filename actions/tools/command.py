"""Running a program: argument list only (never a shell), few variables, a time limit, bounded output."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from actions.failures import NotVerified, Refused, Transient

PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "DOCKER_HOST")
OUTPUT_LIMIT_BYTES = 64 * 1024
CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True)
class Finished:
    """What a program left: its exit code and the first part of what it wrote."""

    argv: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The last line it wrote to stderr, at most 300 characters."""
        lines = [line for line in self.err.splitlines() if line.strip()]
        return lines[-1].strip()[:300] if lines else "it said nothing"


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The few variables that a program gets: none of the bot's secrets unless given here."""
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ} | dict(extra or {})


def run(
    argv: Sequence[str | Path],
    timeout_s: float,
    env: Mapping[str, str] | None = None,
    limit_bytes: int = OUTPUT_LIMIT_BYTES,
    keep: Sequence[int] = (),
) -> Finished:
    """Run to the end and return what it left, whatever its exit code.

    Raises Refused where the program is not there, Transient where it took longer than `timeout_s`; its
    whole process group is killed then. Output beyond `limit_bytes` is read and dropped.
    """
    out = bytearray()
    with streaming(argv, timeout_s, env, keep) as (chunks, ended):
        for chunk in chunks:
            out += chunk[: max(0, limit_bytes - len(out))]
        code, err = ended()
    return Finished(tuple(map(str, argv)), code, bytes(out).decode(errors="replace"), err)


class _Process:
    """One program, its watchdog and the thread that drains stderr."""

    def __init__(
        self,
        argv: Sequence[str | Path],
        timeout_s: float,
        env: Mapping[str, str] | None,
        keep: Sequence[int] = (),
    ) -> None:
        self.name = Path(argv[0]).name
        self.timeout_s = timeout_s
        self.too_long = False
        self.err = bytearray()
        try:
            self.process = subprocess.Popen(  # noqa: S603  # an argument list of ours, no shell
                [str(word) for word in argv],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment(env),
                start_new_session=True,
                pass_fds=keep,
            )
        except OSError as error:
            raise Refused(f"{self.name} cannot be started: {error.strerror}. Nothing was changed.") from error
        self.watchdog = threading.Timer(timeout_s, self.expire)
        self.watchdog.daemon = True
        self.watchdog.start()
        self.drain = threading.Thread(target=self.read_err, daemon=True)
        self.drain.start()

    def expire(self) -> None:
        self.too_long = True
        self.kill()

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def read_err(self) -> None:
        if self.process.stderr is not None:
            while chunk := self.process.stderr.read(4096):
                self.err += chunk[: max(0, OUTPUT_LIMIT_BYTES - len(self.err))]

    def chunks(self) -> Iterator[bytes]:
        if self.process.stdout is not None:
            stdout = cast(io.BufferedReader, self.process.stdout)
            while chunk := stdout.read1(CHUNK_BYTES):  # what is there, without waiting for more
                yield chunk

    def ended(self) -> tuple[int, str]:
        code = self.process.wait()
        self.drain.join(5)
        if self.too_long:
            raise Transient(f"{self.name} took longer than {self.timeout_s:.0f} s and was ended")
        return code, bytes(self.err).decode(errors="replace")

    def close(self) -> None:
        self.watchdog.cancel()
        if self.process.poll() is None:
            self.kill()
            self.process.wait()
        self.drain.join(5)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()


class Ended:
    """Ask it after the last chunk: the exit code and stderr. Raises Transient after the time limit."""

    def __init__(self, process: _Process) -> None:
        self._process = process

    def __call__(self) -> tuple[int, str]:
        return self._process.ended()

    def kill(self) -> None:
        """End the program at once, from any thread: whoever waits for its output gets the end of it."""
        self._process.kill()


@contextlib.contextmanager
def streaming(
    argv: Sequence[str | Path],
    timeout_s: float,
    env: Mapping[str, str] | None = None,
    keep: Sequence[int] = (),
) -> Iterator[tuple[Iterator[bytes], Ended]]:
    """Run a program and read its output as it comes; it never outlives the block. Raises as `run` does.

    `keep` are open files that it may use, under the same numbers (`/dev/fd/N`).
    """
    process = _Process(argv, timeout_s, env, keep)
    try:
        yield process.chunks(), Ended(process)
    finally:
        process.close()


def attended(
    argv: Sequence[str | Path],
    timeout_s: float,
    look: Callable[[], None],
    env: Mapping[str, str] | None = None,
    keep: Sequence[int] = (),
    every_s: float = 1.0,
) -> Finished:
    """Run to the end and call `look` now and then meanwhile; whatever it raises ends the program.

    Its output is dropped; of what it complains, the first 64 KiB are kept. Raises as `run` does.
    """
    with streaming(argv, timeout_s, env, keep) as (chunks, ended):
        reader = threading.Thread(target=lambda: deque(chunks, maxlen=0), daemon=True)
        reader.start()
        while reader.is_alive():
            reader.join(every_s)
            if reader.is_alive():
                look()
        code, err = ended()
    return Finished(tuple(map(str, argv)), code, "", err)


def checked(finished: Finished) -> Finished:
    """The same, if the program says it did its work. Raises NotVerified with its own words otherwise."""
    if finished.code != 0:
        raise NotVerified(f"{Path(finished.argv[0]).name} ended with {finished.code}: {finished.complaint}")
    return finished
