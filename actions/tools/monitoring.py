"""Prometheus and Alertmanager over their HTTP APIs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Monitoring:
    """One environment's monitors, by base URL; '' where there is none."""

    prometheus: str = ""
    alertmanager: str = ""
    timeout_s: float = 10.0
