"""Alerts in: stored durably, many notifications a commit, and answered only then.

Judging them is triage's, afterwards, from the stored rows (docs/decisions/0005-two-phase-intake.md): what is
answered is on disk, and a storm holds up neither the monitors nor each other.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeAlias

from bot.domain.alert import Notification
from bot.store.alerts import Accepted, Arrival, Reported, store_arrivals
from bot.store.database import Store, StoreDown, iso
from bot.store.json_text import labels_json

WAITING_LIMIT = 20_000
BATCH_LIMIT = 2_000
PATIENCE_S = 4.0
RETRY_AFTER_S = 5
# This many notifications within a moment are a rush: whoever can wait, waits.
RUSH = 20
MOMENT_S = 0.05
LOOK_S = 0.005
Observe = Callable[[int, int, float], None]
_Waiting: TypeAlias = "tuple[Arrival, Future[Accepted]]"
_log = logging.getLogger(__name__)


class Busy(Exception):
    """Too much waits, or the disk is too slow; nothing of this notification was stored. Send it again."""


class Intake:
    """Takes notifications from any thread and stores them, in the order they came.

    `observe(notifications, alerts, seconds)` is called after each commit.
    """

    def __init__(
        self,
        store: Store,
        observe: Observe = lambda _notifications, _alerts, _seconds: None,
        waiting_limit: int = WAITING_LIMIT,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._store = store
        self._observe = observe
        self._waiting_limit = waiting_limit
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._moment_began = 0.0
        self._in_moment = 0
        self._in_moment_before = 0
        self._queue: deque[_Waiting] = deque()
        self._waiting = 0
        self._since: float | None = None
        self._trouble = ""

    @property
    def waiting(self) -> int:
        """How many alerts are taken and not yet committed."""
        return self._waiting

    @property
    def trouble(self) -> str:
        """Why the newest commit failed, or ''."""
        return self._trouble

    def calm(self, timeout_s: float) -> bool:
        """Wait, at most this long, until no alert waits and none rush in.

        Whoever has time lets intake go first so. One alert that comes alone is no rush.
        """
        deadline = time.monotonic() + timeout_s
        while busy := bool(self._waiting) or self._rushed():
            if time.monotonic() >= deadline:
                break
            time.sleep(LOOK_S)
        return not busy

    def _rushed(self) -> bool:
        since = time.monotonic() - self._moment_began
        newest = self._in_moment if since < 2 * MOMENT_S else 0
        before = self._in_moment_before if since < MOMENT_S else 0
        return max(newest, before) > RUSH

    def _count(self) -> None:
        """One more notification in this moment. Holds the lock."""
        now = time.monotonic()
        if now - self._moment_began >= MOMENT_S:
            fresh = now - self._moment_began < 2 * MOMENT_S
            self._in_moment_before = self._in_moment if fresh else 0
            self._moment_began, self._in_moment = now, 0
        self._in_moment += 1

    def accept(self, notification: Notification) -> Future[Accepted]:
        """Store it; the result comes once it is on disk. Safe to do twice with the same notification.

        Raises Busy at once where it should be sent again later; the future may hold StoreDown.
        """
        arrival = _arrival(notification)
        answer: Future[Accepted] = Future()
        # A sender that hangs up cancels its wait, not what is being stored for it.
        answer.set_running_or_notify_cancel()
        with self._lock:
            self._refuse_if_busy(len(arrival.alerts))
            self._waiting += len(arrival.alerts)
            self._queue.append((arrival, answer))
            self._count()
            batch = self._next_batch() if self._since is None else []
        if batch:
            self._store_batch(batch)
        return answer

    def _refuse_if_busy(self, more: int) -> None:
        if self._waiting and self._waiting + more > self._waiting_limit:
            raise Busy(f"{self._waiting} alerts wait to be stored; nothing of this was stored, send it again")
        if self._since is not None and time.monotonic() - self._since > self._patience_s:
            raise Busy("the store has not answered for seconds; nothing of this was stored, send it again")

    def _next_batch(self) -> list[_Waiting]:
        """What goes to the store together. Holds the lock; marks the one place in flight as taken."""
        batch: list[_Waiting] = []
        alerts = 0
        while self._queue and (not batch or alerts + len(self._queue[0][0].alerts) <= BATCH_LIMIT):
            batch.append(self._queue.popleft())
            alerts += len(batch[-1][0].alerts)
        self._since = time.monotonic() if batch else None
        return batch

    def _store_batch(self, batch: list[_Waiting]) -> None:
        started = time.monotonic()
        arrivals = [arrival for arrival, _ in batch]

        def landed(stored: Future[list[Accepted]]) -> None:
            self._land(batch, started, stored)

        self._store.submit(lambda tx: store_arrivals(tx, arrivals)).add_done_callback(landed)

    def _land(self, batch: list[_Waiting], started: float, stored: Future[list[Accepted]]) -> None:
        error = stored.exception()
        self._trouble = str(error) if isinstance(error, StoreDown) else ""
        alerts = sum(len(arrival.alerts) for arrival, _ in batch)
        with self._lock:
            self._waiting -= alerts
            following = self._next_batch()
        if following:
            self._store_batch(following)
        if error is None:
            self._observe(len(batch), alerts, time.monotonic() - started)
            for (_, answer), accepted in zip(batch, stored.result(), strict=True):
                answer.set_result(accepted)
        elif isinstance(error, StoreDown) or len(batch) == 1:
            for _, answer in batch:
                answer.set_exception(error)
        else:
            _log.error("a batch of %d notifications failed, each is stored alone now: %s", len(batch), error)
            for arrival, answer in batch:
                self._alone(arrival, answer)

    def _alone(self, arrival: Arrival, answer: Future[Accepted]) -> None:
        def landed(stored: Future[list[Accepted]]) -> None:
            if error := stored.exception():
                answer.set_exception(error)
            else:
                answer.set_result(stored.result()[0])

        self._store.submit(lambda tx: store_arrivals(tx, [arrival])).add_done_callback(landed)


def _arrival(notification: Notification) -> Arrival:
    truncated = notification.truncated
    alerts = notification.alerts
    return Arrival(
        alerts[0].source if alerts else "",
        [
            Reported(
                alert.source,
                alert.fingerprint,
                alert.status.value,
                iso(alert.starts_at),
                iso(alert.ends_at) if alert.ends_at else "",
                alert.name,
                labels_json(alert.labels),
                labels_json(alert.annotations),
                alert.url,
                alert.group,
                truncated,
            )
            for alert in alerts
        ],
        notification.event_key,
        notification.pager,
    )
