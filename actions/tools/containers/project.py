"""A Compose project on a Docker engine, found by its labels."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Project:
    """One environment's services. `engine` is the engine's URL ('' is the local socket).

    `pull_timeout_s` is how long an engine may be silent while it pulls, as it is when it unpacks a layer.
    """

    name: str
    engine: str = ""
    order: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()
    replicas_at_most: int = 5
    healthy_within_s: float = 90.0
    stop_within_s: float = 10.0
    pull_timeout_s: float = 60.0
    directory: str = ""
    compose_file: str = ""
    registry_user: str = ""
    registry_password: str = field(default="", repr=False)
