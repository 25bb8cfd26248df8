"""What a client that connects anew for each question sees of a swap: the longest time without an answer."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

PAUSE_S = 0.005


@dataclass
class Gap:
    """The longest time from one answer to the next, and how many questions failed meanwhile."""

    longest_s: float = 0.0
    asked: int = 0
    failed: int = 0


@contextlib.contextmanager
def reconnecting(url: str) -> Iterator[Gap]:
    """Ask again and again on a new connection, for as long as the block lasts."""
    gap, ended = Gap(), threading.Event()
    asking = threading.Thread(target=_ask, args=(url, gap, ended), daemon=True)
    asking.start()
    try:
        yield gap
    finally:
        ended.set()
        asking.join(timeout=30)


def _ask(url: str, gap: Gap, ended: threading.Event) -> None:
    answered = time.monotonic()
    while not ended.is_set():
        gap.asked += 1
        try:
            with psycopg.connect(url, connect_timeout=5) as session:
                session.execute("SELECT count(*) FROM saloes").fetchone()
        except psycopg.Error:
            gap.failed += 1
        else:
            now = time.monotonic()
            gap.longest_s = max(gap.longest_s, now - answered)
            answered = now
        time.sleep(PAUSE_S)
