"""A publication with what its card tells beside its words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bot.domain.incident import Incident
from bot.domain.publication import Publication
from bot.outside import record, rules
from bot.outside.ways import by_hand
from bot.outside.words import doubts, goes_to
from bot.plan.models import DrPlan
from bot.store import incidents
from bot.store.database import Store


@dataclass(frozen=True)
class PublicationView:
    """`approvers` are written as people read them; `components` are plan titles with Statuspage's words.

    `by_hand` says that its way is not set up, and what to do; empty where it can go out.
    """

    publication: Publication
    incident: Incident
    goes_to: str
    approvers: str
    doubts: tuple[str, ...] = ()
    components: tuple[tuple[str, str], ...] = ()
    by_hand: str = ""


def publication_view(
    store: Store, plan: DrPlan, number: int, unset: Collection[str] = ()
) -> PublicationView | None:
    """The newest committed state, or None."""
    one = record.find(store.read, number)
    incident = incidents.get(store, one.incident) if one else None
    if one is None or incident is None:
        return None
    titles = {page_id: name for name, page_id in plan.communication.outside.components.items()}
    known = {name: component.title for name, component in plan.components.items()}
    return PublicationView(
        one,
        incident,
        goes_to(one),
        rules.approvers(plan),
        doubts(plan, incident, one),
        tuple(
            (known.get(titles.get(page_id, ""), page_id), state.replace("_", " "))
            for page_id, state in one.components.items()
        ),
        by_hand(plan, incident, one.kind, unset),
    )
