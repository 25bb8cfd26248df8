"""Who belongs into the channel of an incident: whoever answers, leads, or was called because nobody did."""

from __future__ import annotations

from bot.domain.incident import Incident
from bot.domain.response import Via
from bot.duties.record import held
from bot.escalation.rows import TOLD, clock_of, tells_of
from bot.oncall import Roster, people_with
from bot.plan.models import DrPlan
from bot.store.database import Store


def invited(store: Store, plan: DrPlan, roster: Roster, incident: Incident) -> tuple[str, ...]:
    """Slack ids or handles, as the plan has them: those on call first. A row or a few."""
    duties = (one.person for one in held(store.read, incident.id))
    called = people_with(plan, roster, _called(store, incident))
    wanted = dict.fromkeys(
        (*roster.people, incident.acknowledged_by, *duties, *(person.id for person in called))
    )
    people = (plan.person(one) for one in wanted)
    return tuple(person.slack_id for person in people if person and person.slack_id)


def _called(store: Store, incident: Incident) -> tuple[str, ...]:
    """The roles whose line was told because the ones before did not answer."""
    clock = clock_of(store.read, incident.id)
    if clock is None:
        return ()
    told = (one.step for one in tells_of(store.read, incident.id, clock.round) if one.outcome == TOLD)
    return tuple(role for step in told if step.ways != (Via.CHANNEL,) for role in step.roles)
