"""Reading a stored dump without loading it: an archive's table of contents, a plain dump's last line."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from isal import isal_zlib

from actions.failures import NotVerified, Refused
from actions.tools.command import environment
from actions.tools.dumps.split import TRAILER
from actions.tools.dumps.stages import drawn
from actions.tools.dumps.unpack import BadGzip

TOC_TIMEOUT_S = 120.0
SCHEMA = ("--file=-", "--no-owner", "--no-tablespaces", "--section=pre-data", "--section=post-data")
_TAIL_BYTES = 1024


@dataclass(frozen=True)
class Contents:
    """What an archive's table of contents names, and the words of `pg_restore --list`."""

    entries: int
    tables: int
    listing: str = field(default="", repr=False)


def read_contents(pg_restore: Path, chunks: Iterable[bytes], timeout_s: float = TOC_TIMEOUT_S) -> Contents:
    """What `pg_restore --list` reads at the archive's head; no more of `chunks` is used than it takes.

    Raises NotVerified where it is no archive, or one that this pg_restore cannot read, Refused where the
    program is not there, and whatever `chunks` raises.
    """
    said = _printed(pg_restore, ("--list",), chunks, timeout_s).decode(errors="replace")
    lines = [line for line in said.splitlines() if line and not line.startswith(";")]
    return Contents(len(lines), sum(" TABLE DATA " in line for line in lines), said)


def read_schema(pg_restore: Path, chunks: Iterable[bytes], timeout_s: float = TOC_TIMEOUT_S) -> bytes:
    """The SQL that the archive makes everything by but the rows; read and raised as by `read_contents`."""
    return _printed(pg_restore, SCHEMA, chunks, timeout_s)


def _printed(pg_restore: Path, options: tuple[str, ...], chunks: Iterable[bytes], timeout_s: float) -> bytes:
    """What pg_restore prints of the archive that it is given."""
    feed = _Feed(chunks)
    try:
        process = subprocess.Popen(  # noqa: S603  # an argument list of ours, no shell
            [str(pg_restore), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
            start_new_session=True,
        )
    except OSError as error:
        raise Refused(
            f"{pg_restore.name} cannot be started: {error.strerror}. Nothing was changed."
        ) from error
    watchdog = threading.Timer(timeout_s, _kill, [process])
    watchdog.daemon = True
    watchdog.start()
    try:
        thread = threading.Thread(target=feed.into, args=[process], daemon=True)
        thread.start()
        out = process.stdout.read() if process.stdout else b""
        err = process.stderr.read() if process.stderr else b""
        code = process.wait()
        thread.join(timeout_s)
    finally:
        watchdog.cancel()
        _kill(process)
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
    if feed.failed is not None:
        raise feed.failed
    if code != 0:
        said = " ".join(err.decode(errors="replace").split())[-200:]
        raise NotVerified(f"pg_restore cannot read its table of contents: {said or f'it ended with {code}'}")
    return out


class _Feed:
    """Gives chunks to a program until it wants no more."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.failed: BaseException | None = None

    def into(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdin is None:
            return
        try:
            with drawn(self._chunks) as chunks:
                for chunk in chunks:
                    process.stdin.write(chunk)
        except BrokenPipeError:
            pass  # it has read what it needs
        except BaseException as error:  # noqa: BLE001 - handed to whoever reads
            self.failed = error
        finally:
            with contextlib.suppress(OSError):
                process.stdin.close()


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def seen_to_its_end(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks of a gzipped plain dump; at their end NotVerified where it is cut off.

    Both must be there: the end of the packing, and pg_dump's own last line.
    """
    unpacker, tail, begun = isal_zlib.decompressobj(31), b"", False
    with drawn(chunks) as source:
        for chunk in source:
            begun = True
            try:
                tail = (tail + unpacker.decompress(chunk))[-_TAIL_BYTES:]
            except BadGzip as error:
                raise NotVerified(f"its packing is damaged ({error})") from error
            yield chunk
    if not begun:
        raise NotVerified("it is empty")
    if not unpacker.eof:
        raise NotVerified("its packing is cut off")
    if TRAILER not in tail:
        raise NotVerified("pg_dump's last line is missing: the dump is cut off")
