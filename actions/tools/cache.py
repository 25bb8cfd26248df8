"""A Redis as the actions use it: short connections, timeouts, sentences for errors."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cache:
    """One environment's Redis. `url` holds the password, so it is never shown."""

    url: str = field(repr=False)
    ephemeral: bool = False
    timeout_s: float = 5.0
