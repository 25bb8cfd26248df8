"""Sentences about publications that several faces say."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.incident import Incident
from bot.domain.publication import STAGES, Kind, Publication, PublicationState
from bot.outside import rules
from bot.outside.promised import promised_otherwise
from bot.plan.models import DrPlan
from bot.redact import redact_secrets

SHORTEST_NAME = 4


def clock(at: str) -> str:
    """`03:20 UTC` of an ISO moment."""
    return f"{at[11:16]} UTC"


def already(plan: DrPlan, one: Publication) -> str:
    """What was decided about it, by whom and when."""
    by = f"by {plan.called(one.decided_by)} at {clock(one.decided_at)}"
    if one.state is PublicationState.WITHDRAWN:
        return f"{one.ref} was withdrawn {by}; nothing was sent"
    became = {
        PublicationState.POSTED: f"it was posted at {clock(one.ended_at)}",
        PublicationState.REFUSED: f"the other end did not take it ({one.said})",
        PublicationState.UNSURE: f"nobody can say whether it arrived ({one.said})",
    }
    return f"{one.ref} is already approved {by}; {became.get(one.state, 'it is being sent')}"


def goes_to(one: Publication) -> str:
    """Where it will appear, for whoever approves it."""
    if one.kind is Kind.MAIL:
        return f"{one.to} (mail)"
    if one.kind is Kind.SOCIAL:
        return "the team's public social account"
    return "the public status page, and whoever follows it"


def too_late(incident: Incident, one: Publication) -> bool:
    """Whether it tells the middle of what is over."""
    return not one.stage.ends and not incident.is_open


def brought_up(incident: Incident, one: Publication) -> str:
    """The one step that makes a text that is too late say how it ended; a person's words are kept."""
    if one.edited_by:
        return f"`edit {one.ref} stage={STAGES[one.kind][-1].value}` keeps its words and says how it ended"
    return f"`draft {incident.ref} {one.kind.value}` drafts how it ended"


def doubts(plan: DrPlan, incident: Incident, one: Publication) -> tuple[str, ...]:
    """What somebody should see before they let it out; nothing of it forbids it."""
    found: list[str] = []
    if one.stage.ends and incident.is_open:
        found.append(f"It says that the trouble is over, and {incident.ref} is still open.")
    if one.stage.ends and not incident.is_open and incident.alerts_firing:
        firing, total = incident.alerts_firing, incident.alerts_total
        fires = "its alert still fires" if total == 1 else f"{firing} of its {total} alerts still fire"
        found.append(f"It says that {incident.ref} is over, and {fires}.")
    if too_late(incident, one):
        found.append(f"{incident.ref} is over, so it is not sent like this: {brought_up(incident, one)}.")
    found += promised_otherwise(one)
    if not rules.customers_notice(plan, incident):
        found.append(f"{incident.ref} is in {incident.environment}, which customers do not use.")
    named = inside_words(plan, incident, f"{one.subject}\n{one.text}")
    if named:
        found.append(f"It names what only insiders know: {', '.join(named)}.")
    if one.kind is Kind.STATUS and not one.components:
        found.append(
            f"No component of the page changes with it: the plan's communication.outside.components has no id"
            f" for {incident.component or 'what is in trouble'}. `outside components` lists the page's own."
        )
    if redact_secrets(one.text) != one.text:
        found.append("It seems to hold a secret, an address or somebody's number.")
    return tuple(found)


def inside_words(plan: DrPlan, incident: Incident, text: str) -> tuple[str, ...]:
    """Names of alerts, people, containers and hosts of the plan that the text holds, at most five."""
    said = text.casefold()
    return tuple(name for name in _inside(plan, incident) if name.casefold() in said)[:5]


def _inside(plan: DrPlan, incident: Incident) -> Sequence[str]:
    names = [*incident.alert_names, *(person.name for person in plan.people.values())]
    for environment in plan.environments.values():
        names += environment.containers.values()
    return [name for name in dict.fromkeys(names) if len(name) >= SHORTEST_NAME]
