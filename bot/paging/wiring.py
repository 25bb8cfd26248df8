"""Paging as the house wires it: who folds PagerDuty's answers, and what a missing key switches off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.incidents import Incidents
from bot.paging.answers import Answers
from bot.paging.hearing import Hearing
from bot.paging.who import who_of
from bot.plan.models import DrPlan
from bot.store.database import Store

NO_PAGES = "nobody is paged: whoever is on call gets a mail and a mention instead"
NO_WRITING = (
    "nothing but pages is written at PagerDuty: no notes, no priorities, and incidents that it raised itself"
    " are neither acknowledged nor resolved there"
)


def answers_of(store: Store, plan: DrPlan, incidents: Incidents, environment: Mapping[str, str]) -> Answers:
    """The thread that applies what PagerDuty tells; it does not run before `start`."""
    return Answers(store, Hearing(plan, incidents), who_of(plan, environment))


def off_in_paging(plan: DrPlan, environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each key of PagerDuty that is missing though the plan, or another key, says that it is used."""
    pager = plan.communication.pager
    wanted = any("pagerduty" in line.via.lower() for line in plan.communication.internal)
    routing_key, secret = (environment.get(f"PAGERDUTY_{name}") for name in ("ROUTING_KEY", "WEBHOOK_SECRET"))
    if wanted and not routing_key:
        yield "PAGERDUTY_ROUTING_KEY", NO_PAGES
    used = routing_key or secret or pager.notes or pager.priorities
    if used and not environment.get("PAGERDUTY_API_KEY"):
        yield "PAGERDUTY_API_KEY", NO_WRITING
