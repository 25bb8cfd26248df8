"""The servers of an environment: disk, memory and load, by node_exporter's numbers or Prometheus's."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from prometheus_client.parser import text_string_to_metric_families

from actions.failures import Refused, Transient
from actions.tools.http import Endpoint, ask
from actions.tools.monitors.host_numbers import WANTED, Disk, HostSeen, Readings, read
from actions.tools.monitors.monitoring import Monitoring

TEXT_LIMIT_BYTES = 8 * 1024 * 1024
SLOPE_OVER = "1h"
SOON_S = 14 * 86400.0


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
    timeout_s: float = 5.0

    def named(self, name: str) -> tuple[Host, ...]:
        """The one of this name, or all for ''. Raises Refused where the plan has none of this name."""
        if not name:
            return tuple(self.by_name.values())
        if name not in self.by_name:
            raise Refused(f"the plan has no host {name[:80]!r}; it has {', '.join(self.by_name)}")
        return (self.by_name[name],)

    def source(self, host: Host) -> str:
        """Whom to ask, in words. Raises Refused where the plan names nobody."""
        if host.exporter:
            return self._exporter(host).place
        if host.instance and self.monitoring.prometheus:
            return f"{self.monitoring.of_prometheus.place} (instance {host.instance})"
        raise Refused(
            f"the plan names neither an exporter nor an instance (with a Prometheus) for {host.name}"
        )

    def see(self, host: Host) -> HostSeen:
        """Its numbers now: the exporter's own, else Prometheus's; and when its disks will be full, where
        Prometheus can tell. Raises Transient (nobody answers) or Refused (it says no, or is something else).
        """
        self.source(host)
        readings = self._scraped(host) if host.exporter else self._asked(host)
        seen = read(host.name, readings)
        if host.instance and self.monitoring.prometheus:
            seen = replace(seen, disks=self._with_ends(host, seen.disks))
        return seen

    def _exporter(self, host: Host) -> Endpoint:
        return Endpoint(f"the exporter of {host.name}", host.exporter, timeout_s=self.timeout_s)

    def _scraped(self, host: Host) -> Readings:
        endpoint = self._exporter(host)
        answer = ask(endpoint, "/metrics", limit_bytes=TEXT_LIMIT_BYTES)
        if not answer.ok:
            raise Transient(f"{endpoint.place} answered {answer.status} instead of its numbers")
        try:
            text = answer.body.decode()
            found: dict[str, list[tuple[Mapping[str, str], float]]] = {name: [] for name in WANTED}
            for family in text_string_to_metric_families(text):
                for sample in family.samples:
                    if sample.name in found:
                        found[sample.name].append((sample.labels, float(sample.value)))
        except (ValueError, KeyError, IndexError) as error:  # what the parser raises for other text
            raise Refused(f"{endpoint.place} answers with other text than node_exporter's") from error
        return found

    def _asked(self, host: Host) -> Readings:
        names = "|".join(WANTED)
        found: dict[str, list[tuple[Mapping[str, str], float]]] = {name: [] for name in WANTED}
        # idle CPU time is wanted for the number of cores alone: the other modes would be eight times as many
        query = f'{{__name__=~"{names}",instance={_quoted(host.instance)},mode=~"|idle"}}'
        for sample in self.monitoring.query(query):
            found.setdefault(sample.labels.get("__name__", ""), []).append((sample.labels, sample.value))
        if not any(found.values()):
            raise Refused(
                f"{self.monitoring.of_prometheus.place} has no numbers of the instance {host.instance!r} now:"
                f" {host.name} is down, or the plan's instance is not one of its targets"
            )
        found["node_time_seconds"] = found["node_time_seconds"] or [({}, time.time())]
        return found

    def _with_ends(self, host: Host, disks: tuple[Disk, ...]) -> tuple[Disk, ...]:
        """Each with when it will be full, at the pace of the last hour; unknown where Prometheus is out."""
        slope = f"deriv(node_filesystem_avail_bytes{{instance={_quoted(host.instance)}}}[{SLOPE_OVER}])"
        try:
            found = self.monitoring.query(slope)
        except (Refused, Transient):  # the numbers themselves are there: better without a forecast than none
            return disks
        slopes = {sample.labels.get("mountpoint", ""): sample.value for sample in found}
        return tuple(_with_end(disk, slopes.get(disk.mount, 0.0)) for disk in disks)


def _with_end(disk: Disk, slope: float) -> Disk:
    if not slope < 0:  # NaN, too
        return disk
    full_in_s = disk.free_bytes / -slope
    return replace(disk, full_in_s=full_in_s) if full_in_s < SOON_S else disk


def _quoted(text: str) -> str:
    """A label's value for PromQL."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
