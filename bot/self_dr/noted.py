"""What the scheduled copies of drbot's memory noted last, for the readiness board."""

from __future__ import annotations

from collections.abc import Iterator

from bot.plan.models import DrPlan
from bot.plan.recovery import SELF_BACKUP
from bot.readiness.own import Trouble
from bot.self_dr.backup import KEPT
from bot.store.database import Store
from bot.store.schedules import all_answers


def copy_troubles(plan: DrPlan, store: Store) -> Iterator[Trouble]:
    """The newest copy is made, and all is not well with its place: the memory's own disk, unreadable ones."""
    answers = all_answers(store)
    for name, entry in plan.schedules.items():
        answer = answers.get(name)
        if entry.action != SELF_BACKUP or answer is None or answer.outcome != "done":
            continue
        _, _, notes = answer.said.partition(f"{KEPT}; ")
        if notes:
            yield Trouble(entry.title, notes)
