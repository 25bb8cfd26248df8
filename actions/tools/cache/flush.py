"""Emptying a database of Redis once and only once, whole or by a pattern."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from redis.exceptions import NoPermissionError

from actions.failures import NotVerified, Refused, Transient
from actions.tools.cache.server import Session, sentence

MARKER = "drbot:flushed:"
PROBE = "drbot:probe:"
MARKER_TTL_S = 24 * 3600
PROBE_TTL_S = 60
BATCH = 1000
MOST_KEYS = 10_000_000


def may_flush(session: Session, by_pattern: bool) -> None:
    """Ask for each command of the flush without doing it: Redis checks rights when a command is queued.

    Raises what `Cache.told` tells: a missing right, a replica, a command renamed away. Changes nothing.
    """
    wanted: list[tuple[str | int, ...]] = [
        ("SET", f"{MARKER}0", "1", "EX", MARKER_TTL_S),
        ("SET", f"{PROBE}0", "1", "EX", PROBE_TTL_S),
        ("GET", f"{PROBE}0"),
        ("EXISTS", f"{MARKER}0"),
        ("UNLINK", f"{PROBE}0"),
        ("DBSIZE",),
        ("PING",),
        ("SCAN", 0) if by_pattern else ("FLUSHDB", "ASYNC"),
    ]
    _asked(session, "MULTI")
    try:
        for command in wanted:
            _asked(session, *command)
    finally:
        _asked(session, "DISCARD")


def was_flushed(session: Session, run: int) -> bool:
    """Whether this run has flushed the database already."""
    return bool(session.exists(f"{MARKER}{run}"))


def flush_database(session: Session, run: int) -> tuple[int, int]:
    """Empty the database and leave this run's mark, in one transaction; the keys before and after.

    Memory is freed by a thread of the server's own (ASYNC), so clients are not held up. Not safe to do
    twice by itself: ask `was_flushed` first.
    """
    with session.pipeline(transaction=True) as together:
        together.dbsize()
        together.flushdb(asynchronous=True)
        together.dbsize()
        together.set(f"{MARKER}{run}", "1", ex=MARKER_TTL_S)
        before, _, after, _ = together.execute()
    return int(before), int(after)


def flush_matching(session: Session, run: int, pattern: str, tell: Callable[[str], None]) -> int:
    """Unlink the keys that match, batch by batch; how many. The mark comes with the last batch.

    Broken off, it is done again from the start: what is unlinked already is not there to be counted.
    Raises NotVerified where it must end after some keys went, so that nobody reads that nothing was changed.
    """
    unlinked = 0
    try:
        for keys, last in _batches(session, pattern):
            unlinked += _unlink(session, keys, f"{MARKER}{run}" if last else "")
            tell(f"{unlinked:,} keys unlinked")
    except (NoPermissionError, Refused) as error:
        if not unlinked:
            raise
        said = error if isinstance(error, Refused) else f"drbot lacks a right: {sentence(error)}"
        raise NotVerified(f"{unlinked:,} keys were unlinked and are gone; then {said}") from error
    return unlinked


def _unlink(session: Session, keys: list[bytes], marker: str) -> int:
    """One batch, with the mark where it is the last; how many were there."""
    if not (keys or marker):
        return 0
    with session.pipeline(transaction=True) as together:
        if keys:
            together.unlink(*keys)
        if marker:
            together.set(marker, "1", ex=MARKER_TTL_S)
        answers = together.execute()
    return int(answers[0]) if keys else 0


def count_matching(session: Session, pattern: str, within_s: float) -> tuple[int, bool]:
    """How many keys match, and whether all were looked at before the time was over."""
    deadline = time.monotonic() + within_s
    found = 0
    for keys, last in _batches(session, pattern):
        found += len(keys)
        if last:
            return found, True
        if time.monotonic() > deadline:
            break
    return found, False


def probe(session: Session, run: int) -> float:
    """Ping, write a key, read it back and take it away; the seconds it took. Safe to do twice."""
    started = time.monotonic()
    key, value = f"{PROBE}{run}", f"{run}".encode()
    if not session.ping():
        raise Transient("it did not answer PING")
    session.set(key, value, ex=PROBE_TTL_S)
    if session.get(key) != value:
        raise Transient("a key that was just written could not be read back")
    session.unlink(key)
    return time.monotonic() - started


def _asked(session: Session, *command: str | int) -> object:
    """The answer as it comes: within MULTI it is QUEUED, of which redis-py would make something else."""
    connection = session.connection
    if connection is None:
        raise Transient("the connection to the cache is not there any more")
    connection.send_command(*command)  # type: ignore[no-untyped-call]
    answer: object = connection.read_response()  # type: ignore[no-untyped-call]
    return answer


def _batches(session: Session, pattern: str) -> Iterator[tuple[list[bytes], bool]]:
    """Every key that matches, never drbot's own marks, and whether it is the last batch."""
    cursor = 0
    for _ in range(2 * MOST_KEYS // BATCH):
        answer: Any = session.scan(cursor, match=pattern, count=BATCH)
        cursor, keys = answer
        yield [key for key in keys if not key.startswith(MARKER.encode())], cursor == 0
        if cursor == 0:
            return
    raise Refused(
        f"{2 * MOST_KEYS:,} keys were looked at and there are more: too many for a pattern, flush it whole"
    )
