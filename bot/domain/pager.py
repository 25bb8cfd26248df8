"""A pager's side: an incident's page as it stands there, and what the pager tells of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from bot.domain.severity import Severity

PAGER = "pagerduty"
"""Who did it, where the plan does not know the person: an id that no person of a plan may have."""


class PageState(Enum):
    """How a page stands at the pager once everything that was asked for has reached it.

    WITHDRAWN: it was answered here before the pager could be reached, and never went out.
    """

    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"

    @property
    def rings(self) -> bool:
        return self is PageState.TRIGGERED

    @property
    def over(self) -> bool:
        return self in (PageState.RESOLVED, PageState.WITHDRAWN)


@dataclass(frozen=True)
class Page:
    """One page of one incident.

    `ours`: drbot triggered it, and `key` is its dedup key; otherwise the pager's own monitors did, and `key`
    is the pager's id of it. `remote` is that id once it is known, `former` the one that it had in an earlier
    life. `round` is the response clock's round that asked for it last, `job` the outbound job that began
    this life, `asked_at` since when it rings. `held` is the incident's `acknowledged_at` at that time: only
    another one answers it, whatever a clock does. `heard_at` is the pager's time of the newest event about
    it, `noted` the journal entry up to which notes were told there, `asked` how many things were asked of
    it: part of their keys.
    """

    key: str
    incident: int
    ours: bool
    state: PageState
    severity: Severity
    asked_at: str
    held: str = ""
    remote: str = ""
    former: str = ""
    round: int = 0
    job: str = ""
    heard_at: str = ""
    noted: int = 0
    asked: int = 0


class Told(Enum):
    """What an event of the pager says happened."""

    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    UNACKNOWLEDGED = "unacknowledged"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    ANNOTATED = "annotated"
    REASSIGNED = "reassigned"
    ESCALATED = "escalated"
    DELEGATED = "delegated"
    PRIORITY = "priority_updated"

    @property
    def moves(self) -> bool:
        """Whether it changes how the page stands; the rest is told and kept."""
        return self in _MOVES


_MOVES = frozenset({Told.TRIGGERED, Told.ACKNOWLEDGED, Told.UNACKNOWLEDGED, Told.RESOLVED, Told.REOPENED})


@dataclass(frozen=True)
class Agent:
    """Who did it at the pager; `person` is false for integrations, automations and nobody."""

    id: str = ""
    name: str = ""
    email: str = ""
    person: bool = False


@dataclass(frozen=True)
class PagerEvent:
    """One event. `page` is the pager's id of its incident, `page_key` the dedup key where that has one.

    `occurred_at` is the pager's own time (ISO 8601 UTC, sorts as text). `text` is a note's words, or to whom
    the page went; `merged_into` the pager's id of the incident that swallowed it, where that resolved it;
    `status` how its incident stands there, where that is told.
    """

    key: str
    told: Told
    occurred_at: str
    page: str
    page_key: str = ""
    agent: Agent = field(default_factory=Agent)
    text: str = ""
    merged_into: str = ""
    status: str = ""
