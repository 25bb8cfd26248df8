"""The names that drbot's pages have at PagerDuty, and in whose name it writes there."""

from __future__ import annotations

from bot.domain.incident import Incident
from bot.oncall import ROLE
from bot.plan.models import DrPlan
from bot.store.database import Tx
from bot.store.identity import identity_within


def own_pages(identity: str) -> str:
    """What the dedup keys of this memory's pages begin with; another memory's are not ours."""
    return f"drbot-{identity}-"


def dedup_key(tx: Tx, incident: Incident, round_number: int = 0) -> str:
    """`drbot-1a2b3c4d-INC-7`, the same for as long as the memory lives; `…-r2` for a later round's own."""
    own = f"{own_pages(identity_within(tx))}{incident.ref}"
    return f"{own}-r{round_number}" if round_number else own


def writer(plan: DrPlan, by: str) -> str:
    """The e-mail in whose name something is written: whoever did it, else the plan's, else who is on call.

    '' where none of them has one.
    """
    entry = plan.people.get(by)
    on_call = [plan.people[person.id].email for person in plan.people_with((ROLE,))]
    mine = entry.email if entry else ""
    return next(filter(None, [mine, plan.communication.pager.writes_as, *on_call]), "")
