"""What the announcer and the listeners read at the moment they show it: always the newest state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain.incident import Incident
from bot.domain.person import Person
from bot.domain.run import Run
from bot.domain.walk import Walk
from bot.drills.view import DrillView
from bot.outside.standing import Standing
from bot.outside.view import PublicationView
from bot.plan.models import OfferedAction
from bot.runbooks.findings import Finding
from bot.runbooks.view import WalkView


@dataclass(frozen=True)
class Press:
    """A button of a card. `line` is what it says at the console; `name` tells it from the card's others.

    `form` opens the form of that name instead, which completes the line.
    """

    label: str
    line: str
    name: str
    form: bool = False
    primary: bool = False


@dataclass(frozen=True)
class Aid:
    """What helps with an incident beside single actions.

    `runbooks` are plan id and title of those that fit and can be begun, the best first; `walks` those under
    way; `findings` what drbot looked at by itself; `silence` whether its alerts can be silenced.
    `reopened_at` is when it last came back ('' where it never did): what is older is shown as of before.
    `facts` and `presses` are what people's own work adds: labels with mrkdwn texts, and buttons.
    """

    runbooks: tuple[tuple[str, str], ...] = ()
    walks: tuple[Walk, ...] = ()
    findings: tuple[Finding, ...] = ()
    silence: bool = False
    reopened_at: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    presses: tuple[Press, ...] = ()


class Scene(Protocol):
    """Committed state, read from any thread; every call is quick (a row or a few)."""

    def incident(self, number: int) -> Incident | None:
        """The incident, or None."""
        ...

    def open_incidents(self) -> Sequence[Incident]:
        """Every incident that is not resolved."""
        ...

    def run(self, number: int) -> Run | None:
        """The run, or None."""
        ...

    def runs_of(self, incident: int) -> Sequence[Run]:
        """The incident's runs, any order."""
        ...

    def waiting_runs(self) -> Sequence[Run]:
        """Runs that wait for an approval."""
        ...

    def offers(self, incident: Incident) -> Sequence[OfferedAction]:
        """The plan's runbook actions that fit this incident, the best first."""
        ...

    def aid(self, incident: Incident) -> Aid:
        """Runbooks, walks under way, findings: what else the card shows; the buttons of a resolved one."""
        ...

    def walk(self, number: int) -> WalkView | None:
        """The walk with its runs and what it waits for, or None."""
        ...

    def drill(self, number: int) -> DrillView | None:
        """The drill with its runs and its certificate, or None."""
        ...

    def publication(self, number: int) -> PublicationView | None:
        """The text for the outside with what its card tells, or None."""
        ...

    def outside(self, incident: int) -> Standing | None:
        """What the outside was told of the incident and what is due, or None."""
        ...

    def confirm_word(self, run: Run) -> str:
        """What a person types to approve a destructive run."""
        ...

    def name(self, person_id: str) -> str:
        """How people write this person of the plan (or `drbot`, or `monitor:…`)."""
        ...

    def responders(self, incident: Incident) -> Sequence[str]:
        """Slack user ids to invite to the incident's own channel."""
        ...

    def person_by_slack(self, slack_id: str, handle: str) -> Person | None:
        """The person of the plan with this Slack id or handle, or None."""
        ...

    def report(self, incident: int) -> str:
        """The incident's report as Markdown: a person's version, else drafted from what is known now."""
        ...

    def report_state(self, incident: int) -> str:
        """How far the report is: `draft`, `review` or `published`."""
        ...

    def report_chart(self, incident: int) -> bytes:
        """The incident over time as PNG; b'' where nothing of it has a time."""
        ...

    def report_section(self, incident: int, title: str) -> tuple[int, str, str]:
        """A section of the report as it stands: its version (0 for a draft), title and text.

        Raises UsageError where there is none.
        """
        ...

    def disabled(self) -> Sequence[str]:
        """What a missing setting switched off, a sentence each."""
        ...
