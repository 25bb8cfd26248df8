"""Verbs about the plan itself."""

from __future__ import annotations

from collections.abc import Sequence

from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.commands.verbs import verb
from bot.domain.answer import Answer, Exit, Table
from bot.drills.trend import drill_records, measured_by_drills
from bot.plan.check import check_plan
from bot.plan.show import show_plan
from bot.store.database import utc_now


@verb("plan check", strangers=True)
def plan_check(desk: Desk, said: Said) -> Answer:
    """Every fault of the plan with its line, and where it promises what it cannot keep."""
    del said
    found = check_plan(desk.plan, desk.actions)
    return findings_answer([(one.level, one.line, one.where, one.message) for one in found])


def findings_answer(found: Sequence[tuple[str, int, str, str]]) -> Answer:
    """What a check found, as (level, line, where, what); a fault makes it fail. Also for an unusable plan."""
    faults = sum(1 for level, *_ in found if level == "fault")
    rows = tuple((level, str(line or ""), where, message) for level, line, where, message in found)
    title = f"The plan has {faults} faults and {len(found) - faults} warnings."
    return Answer(
        title,
        table=Table(("level", "line", "where", "what"), rows) if rows else None,
        exit=Exit.FAILED if faults else Exit.DONE,
        data={"findings": [list(row) for row in rows]},
    )


@verb("plan show", strangers=True)
def plan_show(desk: Desk, said: Said) -> Answer:
    """The plan as the document people know, what was measured beside what is promised."""
    del said
    records = drill_records(desk.store, desk.plan, utc_now())
    return Answer("The plan in force.", document=show_plan(desk.plan, measured_by_drills(records)))
