"""What people's own work adds to an incident's card: who answers by when, who leads, what is told outside."""

from __future__ import annotations

from bot.beside.duties import duty_facts, duty_presses
from bot.beside.items import item_facts, keep_items
from bot.beside.outside import outside_after, outside_facts, outside_presses
from bot.domain.incident import Incident
from bot.plan.models import DrPlan
from bot.slack.cards.response import response_facts, response_presses
from bot.slack.scene import Press
from bot.store.database import Clock, Store, utc_now


def facts_beside(
    store: Store, plan: DrPlan, incident: Incident, clock: Clock = utc_now
) -> tuple[tuple[str, str], ...]:
    """Label and text (Slack's mrkdwn, escaped), in the order in which they are shown. A row or a few each."""
    answer = response_facts(store, incident, plan.called, plan.local(clock()))
    outside = outside_facts(store, plan, incident)
    return (*answer, *duty_facts(store, plan, incident), *outside, *item_facts(store, plan, incident))


def presses_beside(store: Store, plan: DrPlan, incident: Incident) -> tuple[Press, ...]:
    """Buttons of an open incident's card beside those that it always has, at most five."""
    outside = outside_presses(store, plan, incident)
    return (*response_presses(store, incident), *outside, *duty_presses(store, incident))


def presses_after(store: Store, plan: DrPlan, incident: Incident) -> tuple[Press, ...]:
    """Buttons of a resolved incident's card beside report and timeline, at most three."""
    return (*outside_after(store, plan, incident), *keep_items(store, plan, incident))
