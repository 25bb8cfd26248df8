"""An approved text that did not arrive is sent again: by whoever may approve it, and while it still holds."""

from __future__ import annotations

from bot.domain.answer import Refusal
from bot.domain.outbound import Job
from bot.domain.person import Person
from bot.domain.publication import Publication
from bot.outside import record, rules
from bot.outside.approving import promise_next
from bot.outside.keeping import show
from bot.outside.sending import went_out
from bot.outside.words import clock
from bot.plan.models import DrPlan
from bot.store import incidents
from bot.store.database import Tx


def text_again(tx: Tx, plan: DrPlan, person: Person, job: Job) -> None:
    """Its card and its promise are as new; nothing for what is no text for the outside.

    Raises Refusal where this person may not let it out, or where it would tell what is no longer so. One of
    a kind waits at a time, so a higher number was approved later, whatever a clock did.
    """
    one = record.of_job(tx.all, job.key)
    found = incidents.find(tx, one.incident) if one else None
    if one is None or found is None:
        return
    if not rules.may_approve(plan, person):
        raise Refusal(
            f"{one.ref} goes outside, and the plan leaves that to {rules.approvers(plan)}: they have it sent"
            " again. Nothing was sent"
        )
    incident, anew = found.incident, f"draft {found.incident.ref} {one.kind.value}"
    later = _later(tx, one)
    if later is not None:
        raise Refusal(
            f"{later.ref} ({later.stage.value}) was approved at {clock(later.decided_at)}, after {one.ref}:"
            f" an older text is not sent behind it. Nothing was sent; `{anew}` says the next thing"
        )
    if not incident.is_open and not one.stage.ends:
        raise Refusal(
            f"{incident.ref} was resolved at {clock(incident.resolved_at)}, and {one.ref} still says"
            f" {one.stage.value}. Nothing was sent; `{anew}` says how it ended"
        )
    promise_next(tx, person, one)
    record.mark_shown(tx, one.id, "")
    show(tx, plan, incident, one.id)


def _later(tx: Tx, one: Publication) -> Publication | None:
    """A newer text of its kind that went out, or is going."""
    others = record.of_incident(tx.all, one.incident)
    return next(
        (other for other in others if other.kind is one.kind and other.id > one.id and went_out(other)), None
    )
