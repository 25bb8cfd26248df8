"""The outbound of a house: for each way a sender, built from the environment and the plan."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TypeAlias

from bot.domain.outbound import Sender, Way
from bot.outbound.record import Follow
from bot.outbound.service import Outbound
from bot.plan.models import DrPlan
from bot.store.database import Store
from bot.ways.mail import Mail
from bot.ways.pagerduty import PagerDuty
from bot.ways.smtp_url import FORM
from bot.ways.statuspage import StatusPage
from bot.ways.unset import Unset

Build: TypeAlias = "Callable[[Mapping[str, str], DrPlan], Sender]"
_log = logging.getLogger(__name__)


def _mail(environment: Mapping[str, str], plan: DrPlan) -> Sender:
    url = environment.get("SMTP_URL", "")
    if not url:
        return Unset(Way.MAIL, "SMTP_URL", "no mail was sent")
    try:
        return Mail(url, plan.communication.outside.mail_from)
    except ValueError as error:  # no reason not to start: whatever needs no mail still works
        _log.warning("%s; until then no mail is sent", error)
        return Unset(Way.MAIL, "SMTP_URL", "no mail was sent", f"cannot be read ({FORM})")


def _status_page(environment: Mapping[str, str], plan: DrPlan) -> Sender:
    del plan
    return StatusPage(environment)


def _social(environment: Mapping[str, str], plan: DrPlan) -> Sender:
    del plan
    if not environment.get("DR_SOCIAL_URL", ""):
        return Unset(Way.SOCIAL, "DR_SOCIAL_URL", "nothing was posted")
    from bot.ways.social import Social  # apprise is loaded only where somebody posts

    return Social(environment)


def _pagerduty(environment: Mapping[str, str], plan: DrPlan) -> Sender:
    del plan
    return PagerDuty(
        environment.get("PAGERDUTY_ROUTING_KEY", ""),
        environment.get("PAGERDUTY_API_KEY", ""),
        environment.get("DR_PAGERDUTY_EVENTS_URL", ""),
        environment.get("DR_PAGERDUTY_API_URL", ""),
    )


BUILDERS: Mapping[Way, Build] = {
    Way.PAGERDUTY: _pagerduty,
    Way.MAIL: _mail,
    Way.STATUS_PAGE: _status_page,
    Way.SOCIAL: _social,
}
"""Each way's sender: one that lacks a setting refuses what it is given, naming the setting."""


def outbound_of(
    environment: Mapping[str, str],
    store: Store,
    plan: DrPlan,
    ours: Callable[[], bool],
    on_trouble: Mapping[Way, Follow] | None = None,
    on_done: Mapping[Way, Follow] | None = None,
) -> Outbound:
    """See Outbound. No thread of it runs before `start`."""
    senders = {way: build(environment, plan) for way, build in BUILDERS.items()}
    return Outbound(store, plan, senders, ours, on_trouble, on_done)
