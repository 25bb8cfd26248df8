"""What action items add to an incident's card: how many are open, and the button that keeps the report's."""

from __future__ import annotations

from bot.action_items import ActionItems
from bot.domain.incident import Incident
from bot.plan.models import DrPlan
from bot.slack.scene import Press
from bot.slack.text import counted
from bot.store.database import Store

COUNTED_UP_TO = 2_000
"""A longer record (messages and alerts alike) is not read anew for a number on a button."""


def item_facts(store: Store, plan: DrPlan, incident: Incident) -> tuple[tuple[str, str], ...]:
    """How many are open, where there are any."""
    room = ActionItems(store, plan)
    still = [one for one in room.of_incident(incident.id) if one.is_open]
    if not still:
        return ()
    late = sum(1 for one in still if one.is_overdue(room.today()))
    return (("Action items", f"{len(still)} open" + (f", {late} overdue" if late else "")),)


def keep_items(store: Store, plan: DrPlan, incident: Incident) -> tuple[Press, ...]:
    """Keep what the report proposes, in one press; what is kept, to look at."""
    room = ActionItems(store, plan)
    kept = room.of_incident(incident.id)
    look = Press(counted(len(kept), "action item"), f"items {incident.ref} all", "items")
    if _is_long(store, incident):
        keep = Press("Keep its action items", f"items take {incident.ref}", "items-take", primary=True)
        return (look,) if kept else (keep,)
    wanted = len(room.proposed(incident.id))
    keep = Press(
        f"Keep {counted(wanted, 'action item')}", f"items take {incident.ref}", "items-take", primary=True
    )
    return (*((keep,) if wanted else ()), *((look,) if kept else ()))


def _is_long(store: Store, incident: Incident) -> bool:
    lengths = store.read(
        "SELECT COUNT(*) FROM messages WHERE incident = ? UNION ALL"
        " SELECT COUNT(*) FROM journal WHERE incident = ?",
        (incident.id, incident.id),
    )
    return any(count > COUNTED_UP_TO for (count,) in lengths)
