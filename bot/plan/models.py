"""The plan file's shape: every fact of the written plan, typed. Durations are seconds inside."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bot.domain.matcher import Matcher
from bot.domain.person import Person
from bot.domain.severity import Severity

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def read_duration_s(text: object) -> float:
    """Read `90s`, `15m`, `1h30m`, `7d` or a number of seconds. Raises ValueError with the form."""
    if isinstance(text, int | float) and not isinstance(text, bool):
        return float(text)
    parts = re.findall(r"(\d+(?:\.\d+)?)([smhdw])", str(text))
    if not parts or "".join(number + unit for number, unit in parts) != str(text).strip():
        raise ValueError(f"{text!r} is not a duration: write 90s, 15m, 1h30m or 7d")
    return sum(float(number) * _UNITS_S[unit] for number, unit in parts)


Duration = Annotated[float, BeforeValidator(read_duration_s)]
SeverityField = Annotated[
    Severity,
    BeforeValidator(lambda given: given if isinstance(given, Severity) else Severity.parse(str(given))),
]
MatcherField = Annotated[
    Matcher, BeforeValidator(lambda given: given if isinstance(given, Matcher) else Matcher.parse(str(given)))
]


class Part(BaseModel):
    """Every part of the plan is closed (unknown keys are faults) and frozen."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, ignored_types=(cached_property,)
    )


class PersonEntry(Part):
    """One person. `slack` is their Slack user id or handle; roles: on-call, approver, lead, cto, …"""

    name: str
    slack: str = ""
    email: str = ""
    roles: tuple[str, ...] = ()


class DatabasePlace(Part):
    """Where an environment's database is. `url_env` names the variable that holds its connection URL."""

    name: str
    url_env: str
    smoke_tables: tuple[str, ...] = ()


class BackupPlace(Part):
    """Where an environment's dumps are kept in S3."""

    bucket: str
    prefix: str
    name: str = "belezza_production"
    region: str = ""
    keep: Duration = 30 * 86400.0


class Environment(Part):
    """One environment: `match` tells its alerts; `ceiling` is the worst severity it may reach."""

    title: str = ""
    match: tuple[MatcherField, ...] = ()
    ceiling: SeverityField | None = None
    customers: bool = False
    database: DatabasePlace | None = None
    backups: BackupPlace | None = None
    addresses: dict[str, str] = Field(default_factory=dict)


class Component(Part):
    """One component of section 1.2; `match` tells its alerts."""

    title: str
    priority: Literal["critical", "high", "medium", "low"]
    match: tuple[MatcherField, ...] = ()
    backup_frequency: str = ""


class Correlation(Part):
    """Which alerts are one trouble: the same value of `by`, within the window of the last one."""

    by: tuple[Literal["component", "environment", "alertname"], ...] = ("component", "environment")
    window: Duration = 1800.0


class OfferedAction(Part):
    """One button of a runbook: an action with the parameters that the plan gives it."""

    action: str
    label: str = ""
    params: dict[str, str] = Field(default_factory=dict)


class Runbook(Part):
    """One operational runbook of sections 3 and 7; offered where every matcher of one `match` line holds."""

    title: str
    section: str = ""
    match: tuple[tuple[MatcherField, ...], ...] = ()
    words: tuple[str, ...] = ()
    actions: tuple[OfferedAction, ...] = ()


class RiskRule(Part):
    """One row of the risk table. `lives` is how long a proposal may wait for its approval."""

    ask: tuple[str, ...]
    approve: tuple[str, ...]
    second_person: bool = False
    lives: Duration = 900.0


class Communication(Part):
    """Section 4.2: where incidents are told. `own_channel_from` gets a channel of its own."""

    channel: str = "#belezza-alerts"
    own_channel_from: SeverityField = Severity.SEV2


class SeverityLevel(Part):
    """One row of section 4.1."""

    description: str
    response: Duration
    examples: tuple[str, ...] = ()


class Override(Part):
    """A rule of the plan that decides the severity where its matchers hold."""

    match: tuple[MatcherField, ...]
    severity: SeverityField
    because: str


class DrPlan(Part):
    """The whole plan."""

    people: dict[str, PersonEntry] = Field(default_factory=dict)
    environments: dict[str, Environment] = Field(default_factory=dict)
    components: dict[str, Component] = Field(default_factory=dict)
    severities: dict[str, SeverityLevel] = Field(default_factory=dict)
    communication: Communication = Communication()
    correlation: Correlation = Correlation()
    runbooks: dict[str, Runbook] = Field(default_factory=dict)
    risks: dict[Literal["look", "low", "high", "destructive"], RiskRule] = Field(default_factory=dict)
    overrides: tuple[Override, ...] = ()

    def person(self, person_id: str) -> Person | None:
        """The person with this plan id, or None."""
        entry = self.people.get(person_id)
        if entry is None:
            return None
        return Person(person_id, entry.name, frozenset(entry.roles), entry.slack)

    def person_by_slack(self, slack_id: str, handle: str = "") -> Person | None:
        """The person whose `slack` is this user id or this handle, or None."""
        for person_id, entry in self.people.items():
            if entry.slack and entry.slack.removeprefix("@") in (slack_id, handle):
                return Person(person_id, entry.name, frozenset(entry.roles), slack_id)
        return None

    def people_with(self, roles: tuple[str, ...]) -> tuple[Person, ...]:
        """Everybody who has one of these roles, in the plan's order."""
        return tuple(
            Person(person_id, entry.name, frozenset(entry.roles), entry.slack)
            for person_id, entry in self.people.items()
            if set(entry.roles) & set(roles)
        )
