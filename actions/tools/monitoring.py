"""Prometheus and Alertmanager over their HTTP APIs (protocols: Prometheus API v1, Alertmanager API v2)."""

from __future__ import annotations

from dataclasses import dataclass

from actions.failures import Refused
from actions.tools import prometheus
from actions.tools.http import Endpoint
from actions.tools.prometheus import Sample

__all__ = ["Monitoring", "Sample"]


@dataclass(frozen=True)
class Monitoring:
    """One environment's monitors, by base URL; '' where there is none.

    Every method raises Refused (it says no, or the plan names none) or Transient (it does not answer).
    """

    prometheus: str = ""
    alertmanager: str = ""
    timeout_s: float = 10.0

    def query(self, promql: str) -> tuple[Sample, ...]:
        """The instant query's samples, in Prometheus' order; a scalar is one sample without labels."""
        return prometheus.query(self.of_prometheus, promql)

    def value(self, promql: str) -> float | None:
        """The one sample's value; None where there is none or it is NaN. Refused where there are several."""
        return prometheus.value(self.of_prometheus, promql)

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
