"""What the board says of the plan's drills: held, passed, measured, overdue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.domain.drill import Drill, DrillState
from bot.domain.drill_due import DrillDue, drill_due
from bot.drills.chart import points_of, trend_svg
from bot.drills.proof import missed_as_planned, newest_proof
from bot.drills.words import clock, overdue_words, promised, span
from bot.plan.fields import FREQUENCY_DAYS
from bot.plan.models import DrPlan
from bot.plan.promises import PlannedTest
from bot.readiness.board import Light, Standing, short
from bot.readiness.helps import HOLD
from bot.store import drills as rows
from bot.store.database import Store, from_iso


def rehearsals(plan: DrPlan, store: Store, now: datetime) -> tuple[Standing, ...]:
    """A line for each test of section 5.1. Raises StoreDown."""
    tests = plan.testing.tests if plan.testing else {}
    return tuple(_line(plan, name, test, store, now) for name, test in tests.items())


def ages(plan: DrPlan, store: Store, now: datetime) -> Mapping[str, float]:
    """How long ago each drill last proved recovery, in seconds, by `drill:<name>`. Raises StoreDown."""
    tests = plan.testing.tests if plan.testing else {}
    held = {name: newest_proof(store, plan, name) for name in tests}
    return {
        f"drill:{name}": max(0.0, (now - from_iso(drill.started_at)).total_seconds())
        for name, drill in held.items()
        if drill
    }


def trends(plan: DrPlan, store: Store) -> tuple[tuple[str, str], ...]:
    """Title and trend, as SVG, of each drill that was ever held to its end. Raises StoreDown."""
    rto = plan.objectives.get("rto")
    found = []
    for name, test in (plan.testing.tests if plan.testing else {}).items():
        points = points_of(rows.recent(store, name, limit=40))
        if points:
            found.append((test.title, trend_svg(points, rto.target if rto else None)))
    return tuple(found)


def _line(plan: DrPlan, name: str, test: PlannedTest, store: Store, now: datetime) -> Standing:
    wanted = f"{test.every} · {_objectives(plan)}".rstrip("· ")
    if not test.does:
        why = f"{test.owner} holds it by hand: drbot has no part in it yet, and no record of it"
        return Standing(test.title, Light.UNKNOWN, why, key=name, promised=test.every, place="proof")
    newest, passed = rows.newest(store, name), newest_proof(store, plan, name)
    due = drill_due(FREQUENCY_DAYS[test.every], passed, now)
    light, why = _judged(plan, newest, passed, due, now)
    helps = "" if light is Light.GREEN or _under_way(newest) else f"drill {name}"
    return Standing(
        component=test.title,
        light=light,
        why=short(why),
        helps=helps,
        key=name,
        promised=wanted,
        measured=_measured(newest if newest and not _under_way(newest) else passed),
        label=HOLD if helps else "",
        overdue=due.is_due,
        place="proof",
    )


def _judged(
    plan: DrPlan, newest: Drill | None, passed: Drill | None, due: DrillDue, now: datetime
) -> tuple[Light, str]:
    if newest is None:
        return Light.AMBER, "never rehearsed: nobody knows whether it works"
    if missed_as_planned(plan, newest):
        late = f"; {overdue_words(due.overdue)}" if due.overdue else ""
        return Light.AMBER, f"{newest.ref} on {newest.ended_at[:10]}{late}: {newest.said}"
    if newest.state is DrillState.FAILED:
        return Light.RED, f"{newest.ref} failed on {newest.ended_at[:10]}: {newest.said}"
    under_way = f"{newest.ref} is under way since {clock(newest.started_at, now.isoformat())}"
    if passed is None:
        return Light.AMBER, f"{under_way}; it never passed before"
    ago = span(round(max(0.0, (now - from_iso(passed.started_at)).total_seconds())))
    said = f"{passed.ref} {'passed' if passed.state is DrillState.PASSED else 'recovered'} {ago} ago"
    if _under_way(newest):
        said = f"{under_way}; {said}"
    if due.overdue:
        return Light.AMBER, f"{said}: {overdue_words(due.overdue)}"
    return Light.GREEN, said


def _under_way(drill: Drill | None) -> bool:
    return drill is not None and drill.state is DrillState.UNDER_WAY


def _objectives(plan: DrPlan) -> str:
    rto = plan.objectives.get("rto")
    return f"RTO {promised(rto.target)}" if rto else ""


def _measured(drill: Drill | None) -> str:
    """`RTO 41.3 s · RPO 25 min`, as far as the drill could measure them."""
    if drill is None:
        return ""
    found = [("RTO", drill.rto_s), ("RPO", drill.rpo_s)]
    return " · ".join(f"{name} {span(value)}" for name, value in found if value is not None)
