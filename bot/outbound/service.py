"""The outbound as a service: a thread for each way, idle where another process is the engine."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping

from bot.domain.outbound import Sender, Way
from bot.outbound.lane import Lane
from bot.outbound.patience import Patience
from bot.outbound.record import Follow, Record
from bot.plan.models import DrPlan
from bot.store.database import Clock, Store, utc_now

POLL_S = 2.0
STOP_S = 15.0
_log = logging.getLogger(__name__)


class Outbound:
    """Sends what use cases asked for with `send_later`, in order within a thread, until it is there.

    `senders` holds one for each way. `ours` says whether this process may send (it is the engine). Of each
    way, called inside the transaction that stores it, and safe to be called twice for one job:
    `on_trouble[way](tx, job)` when it failed for the second time and each time after that, when it ended
    REFUSED or UNSURE, and once for a job that waits behind others of its way that fail (`attempts` may be
    0); `on_done[way](tx, job)` when it arrived.

    Without `dr serve` nothing is sent: jobs wait in their rows.
    """

    def __init__(
        self,
        store: Store,
        plan: DrPlan,
        senders: Mapping[Way, Sender],
        ours: Callable[[], bool],
        on_trouble: Mapping[Way, Follow] | None = None,
        on_done: Mapping[Way, Follow] | None = None,
        clock: Clock = utc_now,
        steady: Callable[[], float] = time.monotonic,
        poll_s: float = POLL_S,
    ) -> None:
        self._store = store
        self._ours = ours
        self._poll_s = poll_s
        self._stopping = threading.Event()
        troubles, dones = on_trouble or {}, on_done or {}
        self.lanes: Mapping[Way, Lane] = {
            way: Lane(
                sender,
                store,
                Record(store, plan, troubles.get(way), dones.get(way)),
                Patience(steady, clock),
            )
            for way, sender in senders.items()
        }
        self._bells = {way: threading.Event() for way in senders}
        self._threads = [
            threading.Thread(target=self._serve, args=(way,), name=f"outbound-{way.value}", daemon=True)
            for way in senders
        ]

    def start(self) -> None:
        """Send what waits, then whenever something is asked for. Not to be called twice."""
        for bell in self._bells.values():
            self._store.listen("outbound", bell.set)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Begin nothing new; what is under way may end. Safe to call twice."""
        self._stopping.set()
        for bell in self._bells.values():
            bell.set()
        end_s = time.monotonic() + STOP_S
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=max(0.0, end_s - time.monotonic()))

    @property
    def trouble(self) -> str:
        """Why something does not go out, for `/readyz` and the board; '' when all is well."""
        if not self._ours():
            return ""
        return "; ".join(filter(None, (lane.trouble for lane in self.lanes.values())))

    def _serve(self, way: Way) -> None:
        bell, lane = self._bells[way], self.lanes[way]
        while not self._stopping.is_set():
            bell.clear()
            wait_s = lane.turn() if self._ours() else self._poll_s
            if wait_s > 0 and not self._stopping.is_set():
                bell.wait(min(wait_s, self._poll_s))
