"""A name of the service, the targets that it may point to, and where its records are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from actions.tools.aws import AwsAccess


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
    further behind than `stale_after_s` is stale.
    """

    service: str
    record: str
    zone: str
    ttl_s: float
    targets: Mapping[str, NameTarget]
    access: AwsAccess
    resolver: str = ""
    stale_after_s: float = 60.0
