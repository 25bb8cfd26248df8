"""The outbound of a house: for each way a sender, built from the environment and the plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from bot.domain.outbound import Sender, Way
from bot.outbound.record import Follow
from bot.outbound.service import Outbound
from bot.plan.models import DrPlan
from bot.store.database import Store
from bot.ways.mail import Mail
from bot.ways.unset import Unset

Build: TypeAlias = "Callable[[Mapping[str, str], DrPlan], Sender]"


def _mail(environment: Mapping[str, str], plan: DrPlan) -> Sender:
    url = environment.get("SMTP_URL", "")
    if not url:
        return Unset(Way.MAIL, "SMTP_URL", "no mail was sent")
    return Mail(url, plan.communication.outside.mail_from)


BUILDERS: Mapping[Way, Build] = {
    Way.MAIL: _mail,
}
"""Each way's sender. A way that is not here refuses what it is given."""


def outbound_of(
    environment: Mapping[str, str],
    store: Store,
    plan: DrPlan,
    ours: Callable[[], bool],
    on_trouble: Mapping[Way, Follow] | None = None,
    on_done: Mapping[Way, Follow] | None = None,
) -> Outbound:
    """See Outbound. No thread of it runs before `start`. Raises ValueError where SMTP_URL cannot be read."""
    senders: dict[Way, Sender] = {}
    for way in Way:
        build = BUILDERS.get(way)
        senders[way] = (
            build(environment, plan) if build else Unset(way, f"A sender to {way.value}", "not sent")
        )
    return Outbound(store, plan, senders, ours, on_trouble, on_done)
