"""What Prometheus may know of the bot itself, in a registry of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from bot.store.alerts import Accepted

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"
_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Metrics:
    """Counters that the rooms raise, and gauges that are read when somebody asks."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        alerts = self._counter("drbot_alerts", "Alerts durably stored, by what they were", "result")
        self._new, self._changed, self._repeated = (
            alerts.labels(result) for result in ("new", "changed", "repeated")
        )
        self._webhooks = self._counter("drbot_webhooks", "Webhooks answered", "source", "status")
        self._commit_s = self._histogram("drbot_commit_seconds", "Time of an intake's commit", _SECONDS)
        self._commit_alerts = self._histogram("drbot_commit_alerts", "Alerts in one commit", _SIZES)

    def answered(self, source: str, status: int) -> None:
        self._webhooks.labels(source, str(status)).inc()

    def accepted(self, accepted: Accepted) -> None:
        self._new.inc(accepted.new)
        self._changed.inc(accepted.changed)
        self._repeated.inc(accepted.repeated)

    def committed(self, _notifications: int, alerts: int, seconds: float) -> None:
        """One intake commit: the `observe` of Intake."""
        self._commit_s.observe(seconds)
        self._commit_alerts.observe(alerts)

    def gauge(self, name: str, said: str, read: Callable[[], float | None]) -> None:
        """A number read at each scrape, left out where it cannot be known (None)."""
        self.registry.register(_Read(name, said, read))

    def gauges(self, name: str, said: str, label: str, read: Callable[[], Mapping[str, float]]) -> None:
        """The same for several numbers that differ in one label."""
        self.registry.register(_ReadEach(name, said, label, read))

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self.registry)

    def _counter(self, name: str, said: str, *labels: str) -> Counter:
        return Counter(name, said, labels, registry=self.registry)

    def _histogram(self, name: str, said: str, buckets: Iterable[float]) -> Histogram:
        return Histogram(name, said, buckets=tuple(buckets), registry=self.registry)


class _Read(Collector):
    def __init__(self, name: str, said: str, read: Callable[[], float | None]) -> None:
        self._name, self._said, self._read = name, said, read

    def collect(self) -> Iterable[Metric]:
        value = self._read()
        if value is not None:
            yield GaugeMetricFamily(self._name, self._said, value)


class _ReadEach(Collector):
    def __init__(self, name: str, said: str, label: str, read: Callable[[], Mapping[str, float]]) -> None:
        self._name, self._said, self._label, self._read = name, said, label, read

    def collect(self) -> Iterable[Metric]:
        family = GaugeMetricFamily(self._name, self._said, labels=[self._label])
        for value, number in self._read().items():
            family.add_metric([value], number)
        yield family
