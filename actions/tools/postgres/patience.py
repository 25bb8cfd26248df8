"""A connection that does not wait for ever for a server that hangs."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Any, TypeVar

import psycopg

T = TypeVar("T")


def _never_asked() -> bool:
    return True


class PatientConnection(psycopg.Connection[Any]):
    """Gives up, closed, on a server that says nothing while it was asked something.

    The server's own statement_timeout ends what takes too long; this ends what is not answered at all, as
    over a connection that stands but passes nothing. After each `ask_after_s` of silence `alive` is asked
    whether the server still greets anybody; after `silence_s` it is over in any case. Raises
    psycopg.OperationalError then.
    """

    silence_s: float = 60.0
    ask_after_s: float = 10.0
    alive: Callable[[], bool] = staticmethod(_never_asked)

    def wait(self, gen: Generator[Any, Any, T], *arguments: Any, **named: Any) -> T:
        return super().wait(self._listening(gen), *arguments, **named)

    def _listening(self, gen: Generator[Any, Any, T]) -> Generator[Any, Any, T]:
        heard_at = asked_at = time.monotonic()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                now = time.monotonic()
                if ready:
                    heard_at = asked_at = now
                elif now - asked_at > min(self.ask_after_s, self.silence_s):
                    self._give_up_if(now - heard_at)
                    asked_at = time.monotonic()
                wanted = gen.send(ready)
        except StopIteration as end:
            answer: T = end.value
            return answer

    def _give_up_if(self, silent_s: float) -> None:
        if silent_s <= self.silence_s and self.alive():
            return
        self.pgconn.finish()
        raise psycopg.OperationalError(f"the server has said nothing for {silent_s:.0f} s")
