"""What a run wants Slack to show: its card, and a call for a person when it stopped half-way."""

from __future__ import annotations

from bot.announce import card_key as incident_card_key
from bot.domain.drill import Drill, DrillState
from bot.domain.person import DRBOT
from bot.domain.policy import LOOK
from bot.domain.run import Run
from bot.domain.schedule import SCHEDULE
from bot.domain.walk import Walk
from bot.store import drills, incidents, looked, walks
from bot.store.database import Tx
from bot.store.outbox import Wanted, want

ALONE_RANK = 2


def card_key(run: int) -> str:
    """The outbox key of a run's card."""
    return f"run:{run}:card"


def walk_key(walk: int) -> str:
    """The outbox key of a walk's card."""
    return f"walk:{walk}:card"


def drill_key(drill: int) -> str:
    """The outbox key of a drill's card."""
    return f"drill:{drill}:card"


def show_run(tx: Tx, channel: str, run: Run) -> None:
    """The card anew, in the thread of its incident or its drill where it has one. Safe to ask twice.

    What drbot looks at by itself has no card of its own: its findings stand on the incident's.
    """
    drill = drills.find_of_run(tx, run.id) if run.incident is None else None
    if drill is not None:
        show_drill(tx, channel, drill)
    if looks_by_itself(run):
        return
    parent = drill_key(drill.id) if drill else ""
    if run.incident is not None:
        parent = incident_card_key(run.incident)
    want(tx, Wanted(card_key(run.id), "run-card", run.id, channel, parent, _rank(tx, run)))


def show_around(tx: Tx, channel: str, run: Run) -> None:
    """A run came to another state: the cards that tell of it anew, and a ring for the runbooks."""
    tx.ring("walks")
    if looks_by_itself(run):
        told = looked.find_incidents_of(tx, run.id) if run.state.ended else ()
    else:
        told = () if run.incident is None else (run.incident,)
    for incident in told:
        _show_incident(tx, channel, incident)
    for walk in walks.find_waiting_for(tx, run.id):
        show_walk(tx, channel, walk)


def show_walk(tx: Tx, channel: str, walk: Walk) -> None:
    """The walk's card anew, in its incident's thread where it has one, whose card tells of it. Safe twice."""
    if walk.incident is None:
        want(tx, Wanted(walk_key(walk.id), "walk-card", walk.id, channel, rank=ALONE_RANK))
        return
    rank = _show_incident(tx, channel, walk.incident)
    parent = incident_card_key(walk.incident)
    want(tx, Wanted(walk_key(walk.id), "walk-card", walk.id, channel, parent, rank))


def show_drill(tx: Tx, channel: str, drill: Drill) -> None:
    """The drill's card anew. Safe to ask twice."""
    want(tx, Wanted(drill_key(drill.id), "drill-card", drill.id, channel, rank=ALONE_RANK))


def announce_drill(tx: Tx, channel: str, drill: Drill) -> None:
    """A drill ended: its card anew, and its verdict told once. A failed one is told to the whole channel."""
    show_drill(tx, channel, drill)
    failed = drill.state is DrillState.FAILED
    parent, rank = ("", 1) if failed else (drill_key(drill.id), ALONE_RANK)
    said = f"{drill.ref} {drill.title}: {drill.state.value}. {drill.said}"
    want(tx, Wanted(f"drill:{drill.id}:end", "incident-note", 0, channel, parent, rank, payload=said))


def _show_incident(tx: Tx, channel: str, incident: int) -> int:
    """The incident's card anew; its rank."""
    found = incidents.find(tx, incident)
    if found is None:
        return ALONE_RANK
    rank = found.incident.severity.rank
    want(tx, Wanted(incident_card_key(incident), "incident-card", incident, channel, rank=rank))
    return rank


def looks_by_itself(run: Run) -> bool:
    """Whether nobody asked for it: drbot's own first look at an incident, or a look that is scheduled."""
    return run.risk == LOOK and (run.requested_by == DRBOT or run.requested_by.startswith(SCHEDULE))


def call_person(tx: Tx, channel: str, run: Run, said: str) -> None:
    """One note under the card: this run needs a person now. Told once, however often it is asked."""
    parent = card_key(run.id) if run.incident is None else incident_card_key(run.incident)
    want(
        tx,
        Wanted(f"run:{run.id}:stopped", "incident-note", run.incident or 0, channel, parent, 1, payload=said),
    )


def tell_glass(tx: Tx, channel: str, run: Run, said: str) -> None:
    """Rules of the plan were overridden: told where the run's incident is told, else in the channel."""
    parent = "" if run.incident is None else incident_card_key(run.incident)
    key = f"run:{run.id}:glass"
    want(tx, Wanted(key, "incident-note", run.incident or 0, channel, parent, _rank(tx, run), payload=said))


def tell_breaker(tx: Tx, channel: str, run: Run, said: str) -> None:
    """A breaker opened with the end of this run: told once, in the channel, for all who want to act there."""
    want(
        tx, Wanted(f"run:{run.id}:breaker", "incident-note", run.incident or 0, channel, rank=1, payload=said)
    )


def _rank(tx: Tx, run: Run) -> int:
    found = incidents.find(tx, run.incident) if run.incident is not None else None
    return found.incident.severity.rank if found else ALONE_RANK
