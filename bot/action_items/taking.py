"""What the report proposes as action items, with the owner and the day that were said and no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.action_items.owners import people_called
from bot.domain.action_item import same_words
from bot.findings.records import FollowUp
from bot.plan.models import DrPlan
from bot.report import follow_ups_of
from bot.store.database import Store

TEXT_LIMIT = 500


@dataclass(frozen=True)
class Proposed:
    """An item that the report proposes: `owner` a plan id or '', `due` an ISO day or ''."""

    text: str
    owner: str
    due: str
    evidence: tuple[str, ...]


def proposals(store: Store, plan: DrPlan, incident: int) -> tuple[Proposed, ...]:
    """Each once, in the order in which they were said. Raises UsageError, StoreDown."""
    return tuple(_each_once(plan, follow_ups_of(store, plan, incident)))


def _each_once(plan: DrPlan, follow_ups: tuple[FollowUp, ...]) -> Iterator[Proposed]:
    met: set[str] = set()
    for one in follow_ups:
        proposed = _proposed(plan, one)
        if proposed.text and same_words(proposed.text) not in met:
            met.add(same_words(proposed.text))
            yield proposed


def _proposed(plan: DrPlan, one: FollowUp) -> Proposed:
    """Whoever the plan does not name cannot be reminded: their name stays with the words."""
    said = one.owner or ""
    called = people_called(plan, said)
    owner = called[0] if len(called) == 1 else ""
    text = " ".join(one.text.split())
    if said and not owner:
        text = f"{text} (said to be {said}’s, whom the plan does not name)"
    return Proposed(text[:TEXT_LIMIT], owner, one.due.isoformat() if one.due else "", one.evidence)
