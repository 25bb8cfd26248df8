"""A Spring Boot application through its actuator, over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Application:
    """One environment's application. `actuator` is its base URL (`http://localhost:8080/actuator`)."""

    actuator: str
    service: str = "api"
    token: str = field(default="", repr=False)
    collect: tuple[str, ...] = ()
    timeout_s: float = 10.0
