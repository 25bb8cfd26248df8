"""The servers of an environment: disk, memory and load, by node_exporter's numbers or Prometheus's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from actions.tools.monitoring import Monitoring


@dataclass(frozen=True)
class Host:
    """One server: its exporter's base URL, or its `instance` label in Prometheus."""

    name: str
    exporter: str = ""
    instance: str = ""


@dataclass(frozen=True)
class Hosts:
    """Every server of an environment, by the plan's name."""

    by_name: Mapping[str, Host]
    monitoring: Monitoring = field(default_factory=Monitoring)
    timeout_s: float = 10.0
