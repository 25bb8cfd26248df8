"""What drbot looked at by itself when an incident opened, before anybody asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Looked:
    """One look of one incident.

    `run` is the run that looked (None where its survey refused; `said` then tells why). `name` is the action
    with its parameters: the same look for two incidents within minutes is one run. `at` is ISO 8601 UTC.
    """

    incident: int
    name: str
    title: str
    run: int | None
    at: str
    shared: bool = False
    said: str = ""
