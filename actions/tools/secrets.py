"""The environment file of a server, rendered from AWS Secrets Manager; its values are never shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from actions.tools.aws import AwsAccess


@dataclass(frozen=True)
class Secrets:
    """One environment's secret (a JSON object) and the file that is made of it."""

    secret: str
    path: Path
    names: tuple[str, ...] = ()
    access: AwsAccess = field(default_factory=AwsAccess)
    timeout_s: float = 10.0
