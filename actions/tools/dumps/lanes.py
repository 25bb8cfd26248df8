"""Sessions that load side by side: each has a thread of its own and does what it is given in order."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence

import psycopg

from actions.tools.postgres.server import Session

DEPTH = 4
CANCEL_S = 5.0
END_S = 60.0


class GivenUp(Exception):
    """Thrown into what is open in a lane when its load ends early."""


class Lane:
    """One session and its thread. After an error it does nothing more, and says so at the next word.

    `open` is what its jobs have begun and not ended (a COPY): what is left there at the end is given up.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.open = contextlib.ExitStack()
        self._changed = threading.Condition()
        self._todo: deque[Callable[[Lane], None]] = deque()
        self._busy = self._over = False
        self._failed: Exception | None = None
        self._thread = threading.Thread(target=self._work, name="load", daemon=True)
        self._thread.start()

    def do(self, job: Callable[[Lane], None]) -> None:
        """Have it done after what was given before; waits while much is waiting. Raises what failed."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._todo) < DEPTH or self._failed is not None)
            self._raise()
            self._todo.append(job)
            self._changed.notify_all()

    def idle(self, within_s: float) -> bool:
        """Whether everything given is done, waiting so long for it. Raises what failed."""
        with self._changed:
            done = self._changed.wait_for(self._is_idle, within_s)
            self._raise()
            return done

    def end(self) -> None:
        """Drop what is waiting and end the thread, after what it is at. Safe to call twice."""
        with self._changed:
            self._over = True
            self._todo.clear()
            self._changed.notify_all()
        self._thread.join(END_S)

    def _is_idle(self) -> bool:
        return self._failed is not None or not (self._todo or self._busy)

    def _raise(self) -> None:
        if self._failed is not None:
            raise self._failed

    def cancel(self) -> None:
        """End what the server is doing for it, from another thread."""
        with contextlib.suppress(psycopg.Error):
            self.session.cancel_safe(timeout=CANCEL_S)

    def _work(self) -> None:
        try:
            while (job := self._next()) is not None:
                try:
                    job(self)
                except Exception as error:  # noqa: BLE001  # raised to whoever gives the next job, or waits
                    self._done(error)
                    return
                self._done(None)
        finally:
            with contextlib.suppress(GivenUp, psycopg.Error):
                self.open.__exit__(GivenUp, GivenUp(), None)

    def _next(self) -> Callable[[Lane], None] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._over or self._todo)
            if self._over:
                return None
            self._busy = True
            return self._todo.popleft()

    def _done(self, error: Exception | None) -> None:
        with self._changed:
            self._busy, self._failed = False, error
            self._changed.notify_all()


@contextlib.contextmanager
def lanes(sessions: Sequence[Session]) -> Iterator[tuple[Lane, ...]]:
    """A lane for each session, all ended with the block."""
    made = tuple(Lane(session) for session in sessions)
    try:
        yield made
    except BaseException:
        for lane in made:
            lane.cancel()
        raise
    finally:
        for lane in made:
            lane.end()


def settle(all_lanes: Sequence[Lane], look: Callable[[], None], every_s: float = 1.0) -> None:
    """Wait until all is done, calling `look` meanwhile. Raises what failed in any lane."""
    for lane in all_lanes:
        while not lane.idle(every_s):
            look()
            for other in all_lanes:
                other.idle(0)
