"""The verb about what drbot does by itself."""

from __future__ import annotations

from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.commands.verbs import verb
from bot.domain.answer import Answer, Table
from bot.schedules.view import shown
from bot.store.database import utc_now


@verb("schedules", strangers=True)
def schedules(desk: Desk, said: Said) -> Answer:
    """What the plan has drbot do by itself: when each is due next, and what it did last."""
    del said
    found = shown(desk.plan, desk.store, utc_now())
    if not found:
        return Answer("The plan schedules nothing: drbot does nothing by itself but look at incidents.")
    rows = tuple((one.name, one.title, one.does, one.due, one.last[:160]) for one in found)
    return Answer(
        f"drbot does {len(found)} thing{'s' if len(found) > 1 else ''} by itself.",
        table=Table(("schedule", "title", "does", "due", "last"), rows),
        data={"schedules": [list(row) for row in rows]},
    )
