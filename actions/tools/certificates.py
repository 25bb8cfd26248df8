"""Certificates: as ACM keeps them and as servers present them."""

from __future__ import annotations

from dataclasses import dataclass, field

from actions.tools.aws import AwsAccess


@dataclass(frozen=True)
class Certificates:
    """The certificates of an environment. `served` are `host:port`."""

    domains: tuple[str, ...] = ()
    served: tuple[str, ...] = ()
    warn_before_s: float = 30 * 86400.0
    access: AwsAccess = field(default_factory=AwsAccess)
    timeout_s: float = 10.0
