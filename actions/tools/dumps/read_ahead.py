"""Reading ahead of whoever uses the bytes, so that making them and sending them go on at once."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator

DEPTH = 64
WATCHED_EVERY_S = 0.5
_LOOK_S = 0.2


def read_ahead(
    chunks: Iterable[bytes], depth: int = DEPTH, watch: Callable[[float], None] | None = None
) -> Generator[bytes, None, None]:
    """The same chunks, at most `depth` of them made before they are asked for, by a thread of its own.

    What the source raises is raised here in its place. The source is closed when this is, in its own
    thread, at its next chunk. While none comes, `watch` hears for how many seconds; what it raises ends this.
    """
    made: queue.Queue[bytes | BaseException | None] = queue.Queue(depth)
    unwanted = threading.Event()
    thread = threading.Thread(target=_fill, args=(iter(chunks), made, unwanted), daemon=True)
    thread.start()
    try:
        while (chunk := _next(made, watch)) is not None:
            if isinstance(chunk, BaseException):
                raise chunk
            yield chunk
    finally:
        unwanted.set()


def _next(
    made: queue.Queue[bytes | BaseException | None], watch: Callable[[float], None] | None
) -> bytes | BaseException | None:
    began = time.monotonic()
    while True:
        try:
            return made.get(timeout=None if watch is None else WATCHED_EVERY_S)
        except queue.Empty:
            if watch is not None:
                watch(time.monotonic() - began)


def _fill(
    source: Iterator[bytes], made: queue.Queue[bytes | BaseException | None], unwanted: threading.Event
) -> None:
    end: BaseException | None = None
    try:
        for chunk in source:
            if not _put(chunk, made, unwanted):
                break
    except BaseException as error:  # noqa: BLE001 - handed to whoever reads
        end = error
    finally:
        if isinstance(source, Generator):
            with contextlib.suppress(Exception):
                source.close()
    _put(end, made, unwanted)


def _put(
    what: bytes | BaseException | None,
    made: queue.Queue[bytes | BaseException | None],
    unwanted: threading.Event,
) -> bool:
    while not unwanted.is_set():
        with contextlib.suppress(queue.Full):
            made.put(what, timeout=_LOOK_S)
            return True
    return False
