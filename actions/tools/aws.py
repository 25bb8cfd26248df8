"""How AWS is reached: what is empty, boto3 looks for itself (profiles, instance roles)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class AwsAccess:
    """Endpoint, region and keys of one account."""

    endpoint_url: str | None = None
    region: str | None = None
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
