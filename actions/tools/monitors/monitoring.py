"""Prometheus and Alertmanager over their HTTP APIs (protocols: Prometheus API v1, Alertmanager API v2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from actions.failures import Refused
from actions.monitoring.matchers import Matcher
from actions.tools.http import Endpoint
from actions.tools.monitors import alertmanager, prometheus, scraping
from actions.tools.monitors.alertmanager import Firing, Silence
from actions.tools.monitors.prometheus import Sample
from actions.tools.monitors.scraping import RuleFault, Runtime, Scraped

__all__ = ["Firing", "Monitoring", "RuleFault", "Runtime", "Sample", "Scraped", "Silence"]


@dataclass(frozen=True)
class Monitoring:
    """One environment's monitors, by base URL; '' where there is none.

    Every method raises Refused (it says no, or the plan names none) or Transient (it does not answer).
    """

    prometheus: str = ""
    alertmanager: str = ""
    timeout_s: float = 5.0

    def query(self, promql: str) -> tuple[Sample, ...]:
        """The instant query's samples, in Prometheus' order; a scalar is one sample without labels."""
        return prometheus.query(self.of_prometheus, promql)

    def value(self, promql: str) -> float | None:
        """The one sample's value; None where there is none or it is NaN. Refused where there are several."""
        return prometheus.value(self.of_prometheus, promql)

    def targets(self) -> tuple[Scraped, ...]:
        """Every active target of Prometheus."""
        return scraping.targets(self.of_prometheus)

    def rule_faults(self) -> tuple[RuleFault, ...]:
        """The rules of Prometheus that cannot be evaluated."""
        return scraping.rule_faults(self.of_prometheus)

    def runtime(self) -> Runtime:
        """Prometheus itself: since when, and whether it could read its configuration."""
        return scraping.runtime(self.of_prometheus)

    def alerts(self, matchers: tuple[Matcher, ...] = ()) -> tuple[Firing, ...]:
        """The alerts that Alertmanager holds now and that match, hushed ones too."""
        return alertmanager.alerts(self.of_alertmanager, matchers)

    def silences(self) -> tuple[Silence, ...]:
        """Every silence that Alertmanager remembers, ended ones too."""
        return alertmanager.silences(self.of_alertmanager)

    def silence(self, silence_id: str) -> Silence | None:
        """One silence, or None where Alertmanager knows none of this id."""
        return alertmanager.silence(self.of_alertmanager, silence_id)

    def hush(self, matchers: tuple[Matcher, ...], ends_at: datetime, created_by: str, comment: str) -> str:
        """Begin a silence now; its id. Twice makes two: look for your own first."""
        return alertmanager.create(self.of_alertmanager, matchers, ends_at, created_by, comment)

    def unhush(self, silence_id: str) -> None:
        """End a silence. Safe to do twice."""
        alertmanager.expire(self.of_alertmanager, silence_id)

    @property
    def monitors(self) -> tuple[Endpoint, ...]:
        """Those that the plan names. Raises Refused where it names neither."""
        found = [self.of_prometheus] if self.prometheus else []
        found += [self.of_alertmanager] if self.alertmanager else []
        if not found:
            raise Refused("the plan names neither Prometheus nor Alertmanager for this environment")
        return tuple(found)

    def well(self, endpoint: Endpoint) -> tuple[str, str]:
        """What is wrong with one monitor's health and readiness; '' where nothing is."""
        return scraping.well(endpoint)

    @property
    def of_prometheus(self) -> Endpoint:
        """Where Prometheus is asked. Raises Refused where the plan names none."""
        return _named("Prometheus", self.prometheus, self.timeout_s)

    @property
    def of_alertmanager(self) -> Endpoint:
        """Where Alertmanager is asked. Raises Refused where the plan names none."""
        return _named("Alertmanager", self.alertmanager, self.timeout_s)


def _named(name: str, base: str, timeout_s: float) -> Endpoint:
    if not base:
        raise Refused(f"the plan names no {name} for this environment; nothing was changed")
    return Endpoint(name, base, timeout_s=timeout_s)
