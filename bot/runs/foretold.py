"""The forecast of a proposal: what runs of the same action took, where any was verified."""

from __future__ import annotations

import json
from dataclasses import replace

from bot.domain.forecast import Took, forecast
from bot.domain.run import PlanText, Run
from bot.store.database import Store, from_iso

LOOKED_BACK = 10


def forecast_from_past(store: Store, run: Run, plan: PlanText) -> PlanText:
    """The plan with the measured forecast in place of the reckoned one; as it is without a past."""
    found = forecast(_took(store, run), plan.amount)
    if found is None:
        return plan
    return replace(plan, forecast_s=found.seconds, forecast_runs=found.runs)


def _took(store: Store, run: Run) -> list[Took]:
    """The newest verified runs of the action (those taken back later were verified too)."""
    rows = store.read(
        "SELECT target, started_at, ended_at, plan FROM runs WHERE action = ? AND undo_of IS NULL"
        " AND (state = 'verified' OR undone_by IS NOT NULL) AND started_at <> ''"
        " ORDER BY id DESC LIMIT ?",
        (run.action, LOOKED_BACK),
    )
    return [
        Took(
            max(0.1, (from_iso(ended_at) - from_iso(started_at)).total_seconds()),
            float(json.loads(plan).get("amount", 1.0)),
            target == run.target,
        )
        for target, started_at, ended_at, plan in rows
    ]
