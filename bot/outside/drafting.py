"""The first words of a text for the outside: what customers notice, since when, and nothing from inside.

The templates are given `Facts` and know nothing else: no alert, host, person or cause can get into them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.domain.incident import Incident
from bot.domain.publication import Kind, Stage
from bot.plan.models import DrPlan

TEMPLATES = Path(__file__).parents[2] / "templates" / "outside"
NAME_LIMIT = 60
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True)
class Facts:
    """All that a template may tell. `name` begins a sentence, `inside` stands within one; both are public."""

    name: str
    inside: str
    service: str
    severity: str
    stage: str
    since: str
    clock: str
    lasted: str
    promise: str


@dataclass(frozen=True)
class Draft:
    """A subject (empty for a post) and a text."""

    subject: str
    text: str


def draft(plan: DrPlan, incident: Incident, kind: Kind, stage: Stage, next_update_s: int) -> Draft:
    """What drbot would say. Pure but for the template files; the same facts make the same words."""
    rendered = _environment().get_template(f"{kind.value}.j2").render(
        facts=_facts(plan, incident, stage, next_update_s)
    )  # fmt: skip
    if kind is Kind.SOCIAL:
        return Draft("", rendered.strip())
    subject, _, text = rendered.strip().partition("\n")
    return Draft(subject.strip(), text.strip())


def promise_words(next_update_s: int) -> str:
    """The sentence that promises the next update; empty for no promise."""
    return f"The next update follows within {length(next_update_s)}." if next_update_s > 0 else ""


def public_name(plan: DrPlan, incident: Incident) -> str:
    """What customers call what is in trouble: the component's public name, else the whole service's."""
    rules = plan.communication.outside
    return " ".join((rules.called.get(incident.component, "") or rules.service).split())[:NAME_LIMIT]


def _facts(plan: DrPlan, incident: Incident, stage: Stage, next_update_s: int) -> Facts:
    since = datetime.fromisoformat(incident.opened_at).astimezone(UTC)
    inside = public_name(plan, incident)
    return Facts(
        name=inside[:1].upper() + inside[1:],
        inside=inside,
        service=plan.communication.outside.service,
        severity=incident.severity.value,
        stage=stage.value,
        since=f"{since:%H:%M} UTC on {since.day} {_MONTHS[since.month - 1]} {since.year}",
        clock=f"{since:%H:%M} UTC",
        lasted=_lasted(incident),
        promise=promise_words(next_update_s),
    )


def _lasted(incident: Incident) -> str:
    if not incident.resolved_at:
        return ""
    since, until = map(datetime.fromisoformat, (incident.opened_at, incident.resolved_at))
    return length(max(60.0, (until - since).total_seconds()))


def length(length_s: float) -> str:
    """`1 minute`, `42 minutes`, `1 hour`, `2 hours 5 minutes`."""
    hours, minutes = divmod(round(length_s / 60), 60)
    parts = [f"{n} {word}{'' if n == 1 else 's'}" for n, word in ((hours, "hour"), (minutes, "minute")) if n]
    return " ".join(parts) or "a minute"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - plain text: each way writes it as its own other end wants it
        trim_blocks=False,
        keep_trailing_newline=False,
    )
