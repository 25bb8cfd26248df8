"""A connection that does not wait for ever for a server that hangs."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg

T = TypeVar("T")


class PatientConnection(psycopg.Connection[Any]):
    """Gives up, closed, once the server has said nothing for `silence_s` (s) while it was asked something.

    The server's own statement_timeout ends what takes too long; this ends what is not answered at all, as
    over a connection that stands but passes nothing. Raises psycopg.OperationalError then.
    """

    silence_s: float = 60.0

    def wait(self, gen: Generator[Any, Any, T], *arguments: Any, **named: Any) -> T:
        return super().wait(self._listening(gen), *arguments, **named)

    def _listening(self, gen: Generator[Any, Any, T]) -> Generator[Any, Any, T]:
        heard_at = time.monotonic()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                now = time.monotonic()
                if ready:
                    heard_at = now
                elif now - heard_at > self.silence_s:
                    self.pgconn.finish()
                    raise psycopg.OperationalError(f"the server has said nothing for {self.silence_s:.0f} s")
                wanted = gen.send(ready)
        except StopIteration as end:
            answer: T = end.value
            return answer
