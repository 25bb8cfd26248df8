"""What a run wants Slack to show: its card, and a call for a person when it stopped half-way."""

from __future__ import annotations

from bot.announce import card_key as incident_card_key
from bot.domain.run import Run
from bot.store import incidents
from bot.store.database import Tx
from bot.store.outbox import Wanted, want

ALONE_RANK = 2


def card_key(run: int) -> str:
    """The outbox key of a run's card."""
    return f"run:{run}:card"


def show_run(tx: Tx, channel: str, run: Run) -> None:
    """The card anew, in its incident's thread where it has one. Safe to ask twice."""
    parent = "" if run.incident is None else incident_card_key(run.incident)
    want(tx, Wanted(card_key(run.id), "run-card", run.id, channel, parent, _rank(tx, run)))


def call_person(tx: Tx, channel: str, run: Run, said: str) -> None:
    """One note under the card: this run needs a person now. Told once, however often it is asked."""
    parent = card_key(run.id) if run.incident is None else incident_card_key(run.incident)
    want(
        tx,
        Wanted(f"run:{run.id}:stopped", "incident-note", run.incident or 0, channel, parent, 1, payload=said),
    )


def _rank(tx: Tx, run: Run) -> int:
    found = incidents.find(tx, run.incident) if run.incident is not None else None
    return found.incident.severity.rank if found else ALONE_RANK
