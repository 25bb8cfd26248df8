"""Who the plan names, who may do what, and who is told (sections 4 and 6)."""

from __future__ import annotations

from pydantic import Field

from bot.domain.severity import Severity
from bot.plan.fields import Duration, Part, Seat, SeverityField, SeverityName


class PersonEntry(Part):
    """One person. `slack` is their Slack user id or handle; roles: on-call, approver, lead, cto, …"""

    name: str
    slack: str = ""
    email: str = ""
    roles: tuple[str, ...] = ()


class RiskRule(Part):
    """One row of the risk table. `lives` is how long a proposal may wait for its approval.

    Empty `ask` is everybody of the plan; empty `approve` is whoever may ask.
    """

    ask: tuple[str, ...]
    approve: tuple[str, ...]
    second_person: bool = False
    lives: Duration = 900.0


class Told(Part):
    """One line of section 4.2: who or what is told, through what, and when."""

    tell: str
    via: str = ""
    roles: tuple[str, ...] = ()
    at_least: SeverityField | None = None
    after: Duration | None = None

    @property
    def when(self) -> str:
        """`SEV-1/SEV-2` for a line that begins at SEV-2; empty where it holds always."""
        levels = [level.value for level in Severity if level is not Severity.NONE]
        return "/".join(levels[: self.at_least.rank]) if self.at_least else ""


class OutsideRules(Part):
    """What drbot needs to tell the outside (the second half of section 4.2), beyond the document.

    `approve`: the roles that may let a text go out. `update_every`: how soon after a text the next one is
    promised. `customers`: the address of their mailing list. `components`: the status page's id of each
    component of the plan. `mail_from`: the sender of every letter. `service` is what customers call the
    whole, `called` what they call a component: no other name of the plan is ever told outside.
    """

    approve: tuple[str, ...] = ("communications",)
    update_every: dict[SeverityName, Duration] = Field(default_factory=dict)
    customers: str = ""
    components: dict[str, str] = Field(default_factory=dict)
    mail_from: str = ""
    service: str = Field(default="our service", max_length=60)
    called: dict[str, str] = Field(default_factory=dict)


class PagerRules(Part):
    """What drbot writes at PagerDuty beside its pages; all of it needs PAGERDUTY_API_KEY.

    `notes`: people's notes are told there, too. `priorities`: the account's priority for each severity.
    `writes_as`: the e-mail of the PagerDuty user in whose name it writes where the one who did it has none.
    """

    notes: bool = False
    priorities: dict[SeverityName, str] = Field(default_factory=dict)
    writes_as: str = ""


class Communication(Part):
    """Section 4.2: where incidents are told. `own_channel_from` gets a channel of its own."""

    channel: str = "#belezza-alerts"
    own_channel_from: SeverityField = Severity.SEV2
    internal: tuple[Told, ...] = ()
    external: tuple[Told, ...] = ()
    external_when: str = ""
    outside: OutsideRules = OutsideRules()
    pager: PagerRules = PagerRules()


class SeverityLevel(Part):
    """One row of section 4.1."""

    description: str
    response: Duration
    examples: tuple[str, ...] = ()


class IncidentTemplate(Part):
    """Section 4.3: what a report holds. Text in brackets is what a person (or the timeline) fills in."""

    title: str
    summary: dict[str, str] = Field(default_factory=dict)
    timeline: tuple[str, ...] = ()
    sections: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)


class Rotation(Part):
    """One row of section 6.1: plan ids of people, None while a seat is vacant."""

    role: str
    primary: Seat = None
    secondary: Seat = None


class Contact(Part):
    """One row of section 6.2."""

    service: str
    contact: str
    sla: Duration
