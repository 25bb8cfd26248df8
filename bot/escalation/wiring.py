"""The escalation wired to the house: what it reads, and where it says that it was late."""

from __future__ import annotations

from bot.alarms import Alarms
from bot.engine import Engine
from bot.escalation.lateness import Lateness
from bot.escalation.telling import Telling
from bot.escalation.ticker import Escalation
from bot.intake import Intake
from bot.plan.models import DrPlan
from bot.runs import Runs
from bot.store.database import Store


def escalation_of(
    store: Store,
    plan: DrPlan,
    runs: Runs,
    engine: Engine,
    intake: Intake,
    pager: bool,
    mail: bool = True,
) -> Escalation:
    """The escalation over the house's rooms; no thread of it runs before `start`.

    `pager`: pages reach PagerDuty. Without it whoever is to be paged gets a mail and a mention.
    `mail`: letters go out. Without it a mention is all that there is.
    """
    lateness = Lateness(store, Alarms(store, intake.accept))
    telling = Telling(store, plan, pager, mail)
    return Escalation(store, plan, telling, lateness, runs.roster, lambda: engine.ours)
