"""What telling the outside adds to an incident's card: what was told, what is due, and the buttons for it."""

from __future__ import annotations

from bot.domain.incident import Incident
from bot.domain.publication import STAGES, Kind
from bot.domain.severity import Severity
from bot.outside import rules
from bot.outside.standing import Standing, standing
from bot.plan.models import DrPlan
from bot.slack.scene import Press
from bot.slack.text import moment, one_line
from bot.store.database import Store, iso, utc_now


def outside_facts(store: Store, plan: DrPlan, incident: Incident) -> tuple[tuple[str, str], ...]:
    """`told 03:20, next update due 03:50`; that nothing was told where customers notice a grave incident."""
    now = standing(store.read, incident)
    parts = [*_told(plan, now), *_due(now), *_waits(plan, now)]
    return (("Outside", ", ".join(parts)),) if parts else ()


def outside_presses(store: Store, plan: DrPlan, incident: Incident) -> tuple[Press, ...]:
    """Tell outside, where the plan knows an outside that notices such an incident."""
    now = standing(store.read, incident)
    if not now.publications and not _concerns(plan, incident):
        return ()
    return (Press("Tell outside…", f"draft {incident.ref}", "outside", form=True),)


def outside_after(store: Store, plan: DrPlan, incident: Incident) -> tuple[Press, ...]:
    """The incident is over: whoever was told that it began is told that, too."""
    del plan
    return tuple(_end(incident, last.kind) for last in standing(store.read, incident).behind)


def _end(incident: Incident, kind: Kind) -> Press:
    end = STAGES[kind][-1].value
    label = f"{kind.title.capitalize()}: {end}"
    primary = kind is Kind.STATUS
    return Press(label, f"draft {incident.ref} {kind.value} {end}", f"{kind.value}-over", primary=primary)


def _concerns(plan: DrPlan, incident: Incident) -> bool:
    return rules.tells_outside(plan) and rules.customers_notice(plan, incident)


def _told(plan: DrPlan, now: Standing) -> list[str]:
    last = now.last(Kind.STATUS) or max(now.told, key=lambda one: one.decided_at, default=None)
    if last is not None:
        told = f"told {moment(last.decided_at, '{time}')} ({last.stage.value})"
        return [f"⚠️ {told}, *and it is open*" if last.stage.ends and now.incident.is_open else told]
    grave = not Severity.SEV2.worse_than(now.incident.severity)
    return ["*nothing told yet*"] if grave and _concerns(plan, now.incident) else []


def _due(now: Standing) -> list[str]:
    if not now.next_update_at:
        return []
    late = now.next_update_at <= iso(utc_now())
    due = f"next update due {moment(now.next_update_at, '{time}')}"
    return [f"⚠️ {due}, *overdue*" if late else due]


def _waits(plan: DrPlan, now: Standing) -> list[str]:
    if not now.waiting:
        return []
    refs = ", ".join(one.ref for one in now.waiting[:3])
    return [f"{refs} waits for {one_line(rules.approvers(plan), 120)}"]
