"""The plan file's shape: every fact of the written plan, typed. Durations are seconds inside.

The parts live in files of their own and are all importable from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

from pydantic import Field, PrivateAttr

from bot.domain.pager import PAGER
from bot.domain.person import Person
from bot.domain.schedule import SCHEDULE
from bot.plan.fields import (
    Duration,
    MatcherField,
    Part,
    SeverityField,
    SeverityName,
    read_duration_s,
    say_duration,
)
from bot.plan.people import (
    Communication,
    Contact,
    IncidentTemplate,
    PersonEntry,
    RiskRule,
    Rotation,
    SeverityLevel,
    Told,
)
from bot.plan.places import (
    BackupPlace,
    Component,
    Correlation,
    DatabasePlace,
    Environment,
    Failover,
    FileLocation,
    Override,
    Target,
)
from bot.plan.promises import Backups, Document, Objective, Testing
from bot.plan.recovery import HeartbeatEntry, ScheduleEntry, WatchdogEntry
from bot.plan.reporting import ReportRules
from bot.plan.restraints import (
    BreakerEntry,
    BreakGlassEntry,
    FreezeEntry,
    LimitsEntry,
    OnCallFrom,
    Zone,
)
from bot.plan.runbook import Instruction, OfferedAction, Runbook, RunbookStep
from bot.plan.source import Source
from bot.plan.wording import normal, phrase_in

__all__ = [
    "BackupPlace",
    "Backups",
    "BreakGlassEntry",
    "BreakerEntry",
    "Communication",
    "Component",
    "Contact",
    "Correlation",
    "DatabasePlace",
    "Document",
    "DrPlan",
    "Duration",
    "Environment",
    "Failover",
    "FileLocation",
    "FreezeEntry",
    "IncidentTemplate",
    "Instruction",
    "LimitsEntry",
    "MatcherField",
    "Objective",
    "OfferedAction",
    "OnCallFrom",
    "Override",
    "Part",
    "PersonEntry",
    "RiskRule",
    "Rotation",
    "Runbook",
    "RunbookStep",
    "SeverityField",
    "SeverityLevel",
    "Target",
    "Testing",
    "Told",
    "read_duration_s",
    "say_duration",
]


PLAN_COMPONENT, PLAN_ENVIRONMENT = "plan_component", "plan_environment"
"""Labels that name a component and an environment by the plan's own ids, before any matcher is asked."""


class DrPlan(Part):
    """The whole plan. `source` is the file it was read from (None for a plan made in code).

    `timezone` is the clock of the people's working day (else UTC): when they are reminded, and which day it
    is for them. Everything else is in UTC.
    """

    document: Document | None = None
    objectives: dict[Literal["rto", "rpo", "mttr"], Objective] = Field(default_factory=dict)
    components: dict[str, Component] = Field(default_factory=dict)
    backups: Backups | None = None
    failover: dict[str, Failover] = Field(default_factory=dict)
    severities: dict[SeverityName, SeverityLevel] = Field(default_factory=dict)
    communication: Communication = Communication()
    incident_template: IncidentTemplate | None = None
    report: ReportRules = ReportRules()
    testing: Testing | None = None
    on_call: dict[str, Rotation] = Field(default_factory=dict)
    contacts: dict[str, Contact] = Field(default_factory=dict)
    runbooks: dict[str, Runbook] = Field(default_factory=dict)
    commands: tuple[Instruction, ...] = ()
    files: tuple[FileLocation, ...] = ()
    environments: dict[str, Environment] = Field(default_factory=dict)
    people: dict[str, PersonEntry] = Field(default_factory=dict)
    risks: dict[Literal["look", "low", "high", "destructive"], RiskRule] = Field(default_factory=dict)
    freezes: tuple[FreezeEntry, ...] = ()
    limits: LimitsEntry = LimitsEntry()
    break_glass: BreakGlassEntry = BreakGlassEntry()
    on_call_from: OnCallFrom | None = None
    correlation: Correlation = Correlation()
    overrides: tuple[Override, ...] = ()
    schedules: dict[str, ScheduleEntry] = Field(default_factory=dict)
    heartbeat: HeartbeatEntry | None = None
    watchdog: WatchdogEntry = WatchdogEntry()
    timezone: Zone | None = None
    _source: Source | None = PrivateAttr(default=None)

    @property
    def source(self) -> Source | None:
        return self._source

    def read_from(self, source: Source) -> DrPlan:
        """The same plan, remembering its file and lines."""
        plan = self.model_copy()
        plan._source = source
        return plan

    def local(self, moment: datetime) -> datetime:
        """The moment on the people's own clock."""
        return moment.astimezone(self.timezone or UTC)

    def person(self, person_id: str) -> Person | None:
        """The person with this plan id, or None."""
        entry = self.people.get(person_id)
        if entry is None:
            return None
        return Person(person_id, entry.name, frozenset(entry.roles), entry.slack)

    def called(self, who: str) -> str:
        """How people write this id: a person's name, `the plan's schedule “Daily backup”`, else the id."""
        entry = self.people.get(who)
        if entry is not None:
            return entry.name
        if who == PAGER:
            return "somebody on PagerDuty"
        schedule = self.schedules.get(who.removeprefix(SCHEDULE)) if who.startswith(SCHEDULE) else None
        return f"the plan's schedule “{schedule.title}”" if schedule else who

    def person_by_slack(self, slack_id: str, handle: str = "") -> Person | None:
        """The person whose `slack` is this user id or this handle, or None."""
        said = {word.removeprefix("@") for word in (slack_id, handle)} - {""}
        for person_id, entry in self.people.items():
            if entry.slack.removeprefix("@") in said:
                return Person(person_id, entry.name, frozenset(entry.roles), slack_id)
        return None

    def people_with(self, roles: tuple[str, ...]) -> tuple[Person, ...]:
        """Everybody who has one of these roles, in the plan's order."""
        return tuple(
            Person(person_id, entry.name, frozenset(entry.roles), entry.slack)
            for person_id, entry in self.people.items()
            if set(entry.roles) & set(roles)
        )

    def environment_of(self, labels: Mapping[str, str]) -> tuple[str, str]:
        """The plan id of these labels' environment, and why.

        Where no matcher holds it is the first environment that serves customers: what is not known to
        be harmless is taken seriously. Empty for a plan without environments.
        """
        named = labels.get(PLAN_ENVIRONMENT, "")
        if named in self.environments:
            return named, f"its label {PLAN_ENVIRONMENT} names it"
        for name, environment in self.environments.items():
            told = environment.told_by(labels)
            if told:
                return name, f"{told} holds"
        served = [name for name, environment in self.environments.items() if environment.customers]
        name = next(iter([*served, *self.environments]), "")
        return name, f"no label says otherwise: taken as {name}" if name else "the plan has no environments"

    def owner_of(self, service: str) -> str:
        """The environment that a service's DNS name belongs to; '' where the plan leaves that open.

        Where its failover says none it is the one that serves customers, or the plan's only one.
        """
        said = self.failover[service].environment if service in self.failover else ""
        served = [name for name, one in self.environments.items() if one.customers] or [*self.environments]
        return said or (served[0] if len(served) == 1 else "")

    def component_of(self, labels: Mapping[str, str], text: str = "") -> tuple[str | None, str]:
        """The plan id of the component in trouble (by labels first, then by words), and why."""
        named = labels.get(PLAN_COMPONENT, "")
        if named in self.components:
            return named, f"its label {PLAN_COMPONENT} names it"
        for name, component in self.components.items():
            if component.match and all(matcher.matches(labels) for matcher in component.match):
                return name, f"{', '.join(map(str, component.match))} holds"
        said = normal(text)
        for name, component in self.components.items():
            for word in component.words:
                if phrase_in(said, word):
                    return name, f"no label names a component; the alert says “{word}”"
        return None, "no label and no word names a component of the plan"

    def runbooks_for(self, labels: Mapping[str, str], text: str = "") -> list[tuple[str, Runbook]]:
        """The runbooks offered for an alert (`text`: its name, summary and description), in plan order.

        Their actions are those of the alert's environment, with parameters filled in.
        """
        environment, _ = self.environment_of(labels)
        said = normal(text)
        return [
            (key, runbook.offered_in(environment))
            for key, runbook in self.runbooks.items()
            if runbook.is_for(labels, said)
        ]
