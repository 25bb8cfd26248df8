"""A way's lane turned by hand: an hour passes in a moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.domain.outbound import NewJob, Sender
from bot.outbound.lane import Lane
from bot.outbound.patience import Patience
from bot.outbound.record import Record
from bot.plan.models import DrPlan
from bot.store.database import Store
from bot.store.opening import open_store
from bot.store.outbound import count_open, send_later

TURNS_MOST = 500


class Turning:
    """A store, its clock, and the lane; `now_s` counts from 0."""

    def __init__(self, url: str, sender: Sender) -> None:
        self.now_s = 0.0
        self.store: Store = open_store(url, self._clock)
        record, patience = Record(self.store, DrPlan()), Patience(lambda: self.now_s, self._clock)
        self._way = sender.way
        self.lane = Lane(sender, self.store, record, patience)

    def ask(self, *jobs: NewJob) -> None:
        for job in jobs:
            self.store.write(lambda tx, job=job: send_later(tx, job))  # type: ignore[misc]  # bound at once

    def turn_until(self, ended: Callable[[], bool]) -> None:
        """Turn, and let the time pass that the lane says, until `ended`."""
        for _ in range(TURNS_MOST):
            if ended():
                return
            self.now_s += min(self.lane.turn(), 60.0)
        raise TimeoutError(f"the lane turned {TURNS_MOST} times: {self.lane.trouble}")

    def turn_for(self, seconds: float) -> None:
        until_s = self.now_s + seconds
        self.turn_until(lambda: self.now_s >= until_s)

    def turn_out(self) -> None:
        self.turn_until(lambda: count_open(self.store.read, self._way) == 0)

    def _clock(self) -> datetime:
        return datetime(2026, 11, 23, 3, 0, tzinfo=UTC) + timedelta(seconds=self.now_s)
