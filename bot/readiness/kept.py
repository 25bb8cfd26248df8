"""The board, measured in the background: nobody who asks ever waits for S3, and it says how old it is."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.standing import Board, Light, Standing
from bot.drills.words import clock as clock_words
from bot.readiness.board import short
from bot.readiness.own import Own
from bot.readiness.watching import Watched
from bot.readiness.whole import STALE_S, aged
from bot.store.database import Clock, StoreDown, iso, utc_now
from bot.store.evidence import run_ended_since

EVERY_S = 300.0
FRESH_S = 60.0
PATIENCE_S = 120.0
FIRST_S = 2.0
_log = logging.getLogger(__name__)


class Measuring(Protocol):
    """What looks at the components: `Watching`."""

    def measure(self) -> Watched:
        """Look at everything now; bounded, never raises."""
        ...

    def unmeasured(self) -> tuple[Standing, ...]:
        """The lines before the first measurement."""
        ...

    def stop(self) -> None:
        """Wait for no look any longer."""
        ...


@dataclass(frozen=True)
class _Measured:
    watched: Watched
    on_call: tuple[Standing, ...]
    at: datetime


class Readiness:
    """Keeps the newest measurement. In a shell, where `start` is never called, whoever asks measures."""

    def __init__(
        self,
        watching: Measuring,
        own: Own,
        clock: Clock = utc_now,
        every_s: float = EVERY_S,
        fresh_s: float = FRESH_S,
    ) -> None:
        self._watching = watching
        self._own = own
        self._clock = clock
        self._every_s = every_s
        self._fresh_s = fresh_s
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._wanted = 0
        self._done = 0
        self._latest: _Measured | None = None
        self._began = clock()
        self._broke = ""

    def start(self) -> None:
        """Measure now and every five minutes, in a thread of its own. Safe to call twice."""
        with self._changed:
            if self._thread is None and not self._stopping:
                self._wanted += 1
                self._began = self._clock()
                self._thread = threading.Thread(target=self._keep, name="readiness", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Measure no more, and wait for no look. Safe to call twice."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._watching.stop()
        if self._thread is not None:
            self._thread.join(timeout=2.0)

    def board(self, now: bool = False, patience_s: float | None = None) -> Board:
        """The board as it is known. What is older than a minute is measured anew behind it.

        `now` waits for a measurement that begins after the question. `patience_s` is how long at most: by
        default two seconds for the very first one, as long as it takes with `now`. Raises StoreDown.
        """
        if self._thread is None:
            if now or self._latest is None or self._is_old():
                self._measure()
        else:
            self._ask(now, patience_s)
        return self._drawn()

    @property
    def latest(self) -> Board | None:
        """The board without asking for anything new; None before the first measurement. Raises StoreDown."""
        return self._drawn() if self._latest else None

    @property
    def trouble(self) -> str:
        """Why nothing newer is known, in a sentence; '' where it is measured as it should be."""
        if self._thread is None or self._broke:
            return self._broke
        now, since = self._clock(), self._latest.at if self._latest else self._began
        if (now - since).total_seconds() <= STALE_S:
            return ""
        return f"No measurement has come to its end since {clock_words(iso(since), iso(now))}"

    def _ask(self, now: bool, patience_s: float | None) -> None:
        with self._changed:
            if now or self._is_old():
                # One that is under way has looked at some parts already: `now` means after the question.
                self._wanted = max(self._wanted, self._done + (2 if now and self._busy() else 1))
                self._changed.notify_all()
            aim = self._wanted if now else 1
            default = PATIENCE_S if now else FIRST_S
            patience = default if patience_s is None else patience_s
            self._changed.wait_for(lambda: self._done >= aim or self._stopping, patience)

    def _busy(self) -> bool:
        return self._wanted > self._done

    def _is_old(self) -> bool:
        """A minute, or older than the end of a run: what was done about a red line is seen at once."""
        latest = self._latest
        if latest is None or (self._clock() - latest.at).total_seconds() > self._fresh_s:
            return True
        return run_ended_since(self._own.store, iso(latest.at))

    def _keep(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopping or self._busy(), self._every_s)
                if self._stopping:
                    return
                self._wanted = max(self._wanted, self._done + 1)
            try:
                self._measure()
                self._broke = ""
            except StoreDown as error:
                self._broke = f"The board could not be measured: the bot's memory does not answer ({error})"
            except Exception as error:  # noqa: BLE001 - the board says so itself; the next turn tries again
                _log.exception("the readiness board could not be measured")
                self._broke = f"The board could not be measured ({type(error).__name__}): see the bot's log"
            with self._changed:
                self._done += 1
                self._changed.notify_all()

    def _measure(self) -> None:
        at = self._clock()
        watched = self._watching.measure()
        self._latest = _Measured(watched, self._own.on_call(), at)

    def _drawn(self) -> Board:
        """What was measured and still holds, with what drbot knows by itself read anew."""
        now, latest = self._clock(), self._latest
        own = self._own.lines(now)
        judged = tuple(one for one in own if one.place != "watch")
        beside = (*self._beside(), *(one for one in own if one.place == "watch"))
        measuring = self._thread is not None and self._busy()
        if latest is None:
            return Board((*self._watching.unmeasured(), *judged, *beside), measuring=measuring)
        older_s = max(0.0, (now - latest.at).total_seconds())
        ages = {what: age + older_s for what, age in latest.watched.ages_s.items()}
        board = Board(
            (*latest.watched.standings, *judged, *latest.on_call, *beside),
            iso(latest.at),
            measuring,
            {**ages, **self._own.ages_s(now)},
        )
        return aged(board, now)

    def _beside(self) -> Iterator[Standing]:
        if trouble := self.trouble:
            yield Standing("This board", Light.AMBER, short(trouble), key="board", place="watch")
