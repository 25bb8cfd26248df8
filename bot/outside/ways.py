"""Which ways to the outside are set up, and what is missing where one is not. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bot.domain.incident import Incident
from bot.domain.publication import Kind
from bot.plan.models import DrPlan

_NEEDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.STATUS: ("STATUSPAGE_API_KEY", "STATUSPAGE_PAGE_ID"),
    Kind.MAIL: ("SMTP_URL",),
    Kind.SOCIAL: ("DR_SOCIAL_URL",),
}
_WAY: Mapping[Kind, str] = {
    Kind.STATUS: "No status page",
    Kind.MAIL: "No mail server",
    Kind.SOCIAL: "No social account",
}


def unset_ways(environment: Mapping[str, str]) -> frozenset[str]:
    """The settings of the ways to the outside that are not there."""
    return frozenset(name for names in _NEEDS.values() for name in names if not environment.get(name))


def not_connected(plan: DrPlan, kind: Kind, unset: Collection[str]) -> str:
    """`No mail server is connected: SMTP_URL is not set`; '' where texts of this kind can go out."""
    missing = [name for name in _NEEDS[kind] if name in unset]
    said = [f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set"] if missing else []
    if kind is Kind.MAIL and not plan.communication.outside.mail_from:
        said.append("the plan names no sender (communication.outside.mail_from)")
    return f"{_WAY[kind]} is connected: {', and '.join(said)}" if said else ""


def by_hand(plan: DrPlan, incident: Incident, kind: Kind, unset: Collection[str]) -> str:
    """What that means for a text that waits, and what to do; '' where it can go out."""
    why = not_connected(plan, kind, unset)
    return why and (
        f"{why}. drbot cannot send this text: take its words out by hand and keep that with"
        f" `note {incident.ref} …`, or have the setting made and drbot started again."
    )
