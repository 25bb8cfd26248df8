"""What waits to be told, as numbers for Prometheus: an alert on them works though no way out does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol

from bot.domain.outbound import Way
from bot.store import outbound, outbox
from bot.store.database import Store, StoreDown

SLACK = "slack"


class Gauges(Protocol):
    """Where numbers are read at each scrape: `bot.metrics.Metrics`."""

    def gauges(self, name: str, said: str, label: str, read: Callable[[], Mapping[str, float]]) -> None:
        """A family of numbers, by the value of one label."""
        ...


def expose(metrics: Gauges, store: Store, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
    """Add the gauges. They are left out while the store does not answer."""

    def waiting() -> Mapping[str, float]:
        try:
            found = {way.value: float(outbound.count_open(store.read, way)) for way in Way}
            return {**found, SLACK: float(outbox.count_waiting(store.read))}
        except StoreDown:
            return {}

    def oldest() -> Mapping[str, float]:
        try:
            since = {way.value: outbound.open_since(store.read, way) for way in Way}
        except StoreDown:
            return {}
        return {
            way: max(0.0, (now() - datetime.fromisoformat(at)).total_seconds()) if at else 0.0
            for way, at in since.items()
        }

    metrics.gauges("drbot_outbound_waiting", "What is not sent yet, by way", "way", waiting)
    said = "How long the oldest of what is not sent yet waits, by way"
    metrics.gauges("drbot_outbound_oldest_seconds", said, "way", oldest)
