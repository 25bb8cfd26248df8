"""The replicas as a plan shows them, and how those of now differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from actions.tools.containers.engine_json import Json
from actions.tools.containers.recipe import lonely_because
from actions.tools.containers.replica import Replica, read_replica


@dataclass(frozen=True)
class ReplicaPin:
    """One container as it was shown; `lonely` is why no second one can run beside it ('' where it can)."""

    id: str
    name: str
    number: int
    state: str
    running: bool
    good: bool
    started_at: str
    image_id: str
    reference: str
    lonely: str


def pin_of(container: Json) -> ReplicaPin:
    """The pin of an inspected container."""
    one: Replica = read_replica(container)
    return ReplicaPin(
        one.id, one.name, one.number, one.state, one.running, one.good, one.started_at, one.image_id,
        one.reference, lonely_because(container),
    )  # fmt: skip


def moved_replica(planned: Sequence[ReplicaPin], now: Sequence[ReplicaPin]) -> str | None:
    """How the containers differ from those shown. One that was failing may have been restarted since."""
    there = {pin.id: pin for pin in now}
    for pin in planned:
        if pin.id not in there:
            return f"{pin.name} is not the container that was shown any more: it was removed or made anew"
        if pin.good and there[pin.id].started_at != pin.started_at:
            return f"{pin.name} was started again since the plan was shown"
    more = [pin.name for pin in now if pin.id not in {one.id for one in planned}]
    return f"{', '.join(more[:3])} came since the plan was shown" if more else None
