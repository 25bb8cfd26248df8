"""A name of the service, the targets that it may point to, and where its records are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from actions.failures import Refused
from actions.tools.aws.reach import AwsAccess


@dataclass(frozen=True)
class NameTarget:
    """One place that the name may point to. `health` is asked at this very address.

    `database_url` is the target's own database ('' where its data cannot be measured from here).
    """

    name: str
    address: str
    region: str = ""
    health: str = ""
    database_url: str = field(default="", repr=False)


@dataclass(frozen=True)
class ServiceName:
    """`record` in the hosted zone `zone`.

    `resolver` is `host:port` of the DNS server that is asked ('': the system's). A target whose data is
    further behind than `stale_after_s` is stale. `health_check` is what customers' software asks under the
    name: it tells how a target is that has no `health` of its own, asked at that target's address.
    """

    service: str
    record: str
    zone: str
    ttl_s: float
    targets: Mapping[str, NameTarget]
    access: AwsAccess
    resolver: str = ""
    stale_after_s: float = 60.0
    health_check: str = ""
    timeout_s: float = 5.0

    def target(self, name: str) -> NameTarget:
        """The target of this name. Raises Refused naming those that there are."""
        found = self.targets.get(name)
        if found is None:
            known = ", ".join(self.targets)
            raise Refused(f"{self.service} has no target {name[:60]!r}; the plan has {known}")
        return found

    def others(self, name: str) -> tuple[NameTarget, ...]:
        """Every target but this one, in the plan's order."""
        return tuple(one for one in self.targets.values() if one.name != name)
