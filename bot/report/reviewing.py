"""Who is asked to read a report that was put to review, and how they are told."""

from __future__ import annotations

from collections.abc import Sequence

from bot.announce import call_people, tell_thread
from bot.domain.incident import Incident
from bot.domain.person import Person
from bot.plan.models import DrPlan
from bot.store.database import Tx


def reviewers(plan: DrPlan, by: Person) -> Sequence[Person]:
    """Whom the plan asks: everybody of the first of its roles that somebody else than `by` has."""
    for role in plan.report.review:
        found = [one for one in plan.people_with((role,)) if one.id != by.id]
        if found:
            return found
    return ()


def ask_to_read(
    tx: Tx, plan: DrPlan, incident: Incident, seq: int, said: str, version: int, asked: Sequence[Person]
) -> None:
    """One line under the card: what was done, who should read it, and what they can say then."""
    ref = incident.ref
    who = ", ".join(one.name for one in asked) or "Whoever was there"
    line = (
        f"{said}, version {version}. {who}, please read it: `report {ref}` shows it, `report edit {ref}`"
        f" changes it, `report publish {ref}` publishes it."
    )
    if any(one.slack_id for one in asked):
        call_people(tx, plan, incident, seq, [one.id for one in asked], line)
    else:
        tell_thread(tx, plan, incident, seq, line)
