"""What a drill that has ended proves: that recovery works, though perhaps not the promise of a plan that says
itself that it cannot be kept."""

from __future__ import annotations

from bot.domain.drill import Drill, DrillState
from bot.drills.view import certificate_of
from bot.plan.models import DrPlan
from bot.plan.rpo import least_loss
from bot.store import drills as rows
from bot.store.database import Store

LOOKED_BACK = 20
SLACK_S = 3600.0
"""A backup is published some time after the moment of which its data is."""


def missed_as_planned(plan: DrPlan, drill: Drill) -> bool:
    """Whether all that it missed is an RPO that nothing which the plan sets up could keep at that hour.

    That is the plan's own finding (`plan check`, the readiness board), and no news of the recovery. Data that
    is older than the plan's backups ever let it be is news.
    """
    certificate = certificate_of(drill) if drill.state is DrillState.FAILED else None
    worst = least_loss(plan)
    if certificate is None or not certificate.recovered or worst is None:
        return False
    missed = [one for one in certificate.objectives if one.kept is False]
    if [one.name for one in missed] != ["RPO"]:
        return False
    promised_s, measured_s = missed[0].promised_s, missed[0].measured_s
    if promised_s is None or measured_s is None:
        return False
    return promised_s < worst.most_s and measured_s <= worst.most_s + SLACK_S


def proves_recovery(plan: DrPlan, drill: Drill) -> bool:
    """Whether it passed, or missed only what the plan says itself that it misses."""
    return drill.state is DrillState.PASSED or missed_as_planned(plan, drill)


def newest_proof(store: Store, plan: DrPlan, name: str) -> Drill | None:
    """The newest of this name that proves recovery; the next one is reckoned from it. Raises StoreDown."""
    newest = rows.recent(store, name, LOOKED_BACK)
    found = next((one for one in newest if proves_recovery(plan, one)), None)
    return found or rows.newest_passed(store, name)
