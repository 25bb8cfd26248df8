"""The last lines of a container's log: few, short, and without secrets."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from docker.errors import NotFound

from actions.failures import Refused
from actions.tools.containers.engine_calls import Engine, told
from actions.tools.redaction import HIDDEN, redacted

READ_LIMIT_BYTES = 4 * 1024 * 1024
READ_LIMIT_S = 8.0
LINE_LIMIT = 400
CHUNK_BYTES = 64 * 1024
HEADER_BYTES = 8
_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z ]{0,40}KEY-----")
_KEY_ENDS = re.compile(r"-----END [A-Z ]{0,40}KEY-----")


@dataclass(frozen=True)
class LogLine:
    """When the container wrote it (UTC, as the engine noted it, '' unknown), and what, redacted."""

    at: str
    said: str


@dataclass(frozen=True)
class LogTail:
    """The newest lines, oldest first; `whole` is False where more was there than was read."""

    lines: tuple[LogLine, ...]
    whole: bool = True


def read_tail(engine: Engine, which: str, name: str, lines: int) -> LogTail:
    """The last `lines` lines of stdout and stderr. Raises Refused where it is gone, else as `told` does.

    At most 4 MiB are read, for at most 8 s; each line is cut at 400 characters.
    """
    api: Any = engine.api  # its published types leave out what it is made of
    asked = {"stdout": 1, "stderr": 1, "timestamps": 1, "tail": lines}
    with told(f"read the log of {name}"):
        try:
            terminal = bool(api.inspect_container(which)["Config"].get("Tty"))
            # The SDK's own method reads without a time limit, or without one of size.
            answer = api._get(api._url("/containers/{0}/logs", which), params=asked, stream=True)
            with answer:
                api._raise_for_status(answer)
                written, whole = _read(answer.iter_content(CHUNK_BYTES))
        except NotFound as error:
            raise Refused(f"{name} is gone, and its log with it") from error
    text = (written if terminal else unframed(written)).decode(errors="replace")
    return LogTail(tuple(_told_lines(text.splitlines()[-lines:])), whole)


def _read(chunks: Iterable[bytes]) -> tuple[bytes, bool]:
    """What comes within the limits, and whether that was all."""
    deadline, read = time.monotonic() + READ_LIMIT_S, bytearray()
    for chunk in chunks:
        read += chunk
        if len(read) > READ_LIMIT_BYTES or time.monotonic() > deadline:
            return bytes(read), False
    return bytes(read), True


def unframed(written: bytes) -> bytes:
    """The text in the engine's frames: eight bytes of stream and length before each part."""
    out, at = bytearray(), 0
    while at + HEADER_BYTES <= len(written):
        size = int.from_bytes(written[at + 4 : at + HEADER_BYTES], "big")
        out += written[at + HEADER_BYTES : at + HEADER_BYTES + size]
        at += HEADER_BYTES + size
    return bytes(out)


def _told_lines(lines: Iterable[str]) -> Iterator[LogLine]:
    """Each line with its time, without secrets; a private key that spans lines is hidden as a whole."""
    inside = False
    for line in lines:
        at, _, said = line.partition(" ")
        begins = _KEY_BEGINS.search(said) is not None
        if inside or begins:
            inside = _KEY_ENDS.search(said) is None
            if begins:
                yield LogLine(at, HIDDEN)
            continue
        yield LogLine(at, redacted(said, LINE_LIMIT))
