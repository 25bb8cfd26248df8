"""An incident: one correlated trouble with one card, from the first alert to the report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bot.domain.severity import Severity


class IncidentState(Enum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True)
class Incident:
    """The present state of one incident; times are ISO 8601 UTC, empty while they have not come.

    `correlation` is what made its alerts one trouble (component, environment). `severity_held` is
    true once a person set the severity: the rules may then no longer change it. `why` is the rule
    trace, one line an input. `channel` and `thread` say where people talk about it (Slack ids,
    empty until posted).
    """

    id: int
    title: str
    severity: Severity
    state: IncidentState
    component: str
    environment: str
    correlation: str
    opened_at: str
    severity_held: bool = False
    why: tuple[str, ...] = ()
    impact: str = ""
    acknowledged_at: str = ""
    acknowledged_by: str = ""
    resolved_at: str = ""
    resolved_by: str = ""
    alerts_firing: int = 0
    alerts_total: int = 0
    alert_names: tuple[str, ...] = ()
    notifications: int = 0
    truncated: int = 0
    channel: str = ""
    thread: str = ""
    updated_at: str = ""

    @property
    def ref(self) -> str:
        """`INC-7`, as people say it."""
        return f"INC-{self.id}"

    @property
    def own_channel(self) -> str:
        """The Slack id of the channel that was made for it; empty where its card's thread is the place."""
        return "" if self.thread else self.channel

    @property
    def is_open(self) -> bool:
        return self.state is not IncidentState.RESOLVED


def parse_incident_ref(text: str) -> int:
    """Read `INC-7`, `inc7` or `7`. Raises ValueError with the form that would be right."""
    digits = text.strip().upper().removeprefix("INC").removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        raise ValueError(f"{text!r} is not an incident: say INC- and its number")
    return int(digits)
