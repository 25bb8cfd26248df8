"""What was under way in a copy of drbot's memory, ended: how far it came since then is not known."""

from __future__ import annotations

from dataclasses import replace

from bot.announce import card_key
from bot.domain.drill import Drill, DrillPart, DrillState, PartState
from bot.domain.policy import LOOK
from bot.domain.run import Run, RunState
from bot.domain.walk import Walk, WalkState
from bot.domain.walk_clock import rested
from bot.runbooks.record import keep as keep_walk
from bot.runs.record import keep
from bot.runs.told import announce_drill, call_person, walk_key
from bot.store import drills, runs, walks
from bot.store.database import Tx
from bot.store.outbox import Wanted, want

_OPEN = (RunState.PROPOSED, RunState.APPROVED, RunState.RUNNING)


def end_runs(tx: Tx, channel: str, actor: str, since: str) -> list[Run]:
    """Stopped where it may have changed something, with a person called; else given up."""
    marks = ", ".join("?" * len(_OPEN))
    found = tx.all(
        f"SELECT id FROM runs WHERE state IN ({marks}) ORDER BY id",  # noqa: S608 - marks
        [state.value for state in _OPEN],
    )
    all_ended = []
    for run in (runs.find(tx, number) for (number,) in found):
        if run is None:
            continue
        ended = _ended(run, since, tx.now)
        keep(tx, channel, ended, f"run-{ended.state.value}", actor, {"outcome": ended.outcome})
        if ended.state is RunState.STOPPED:
            call_person(tx, channel, ended, f"{ended.ref} {ended.outcome}")
        all_ended.append(ended)
    return all_ended


def _ended(run: Run, since: str, now: str) -> Run:
    if run.risk == LOOK or run.state is RunState.PROPOSED:
        state = RunState.EXPIRED if run.state is RunState.PROPOSED else RunState.FAILED
        outcome = f"given up: {since}; ask again"
    else:
        state = RunState.STOPPED
        was = "was running" if run.state is RunState.RUNNING else "was approved"
        outcome = (
            f"stopped half-way: it {was} then, {since}, and how far it came since is not known."
            " A person must look at the target."
        )
    return replace(run, state=state, ended_at=now, current="", outcome=outcome)


def stop_walks(tx: Tx, channel: str, actor: str, since: str) -> tuple[str, ...]:
    """A runbook that stands at a step of then would be continued from the wrong one: it is begun anew."""
    found = tx.all("SELECT id FROM walks WHERE state = 'under way' ORDER BY id")
    all_stopped = [walk for walk in (walks.find(tx, number) for (number,) in found) if walk is not None]
    for walk in all_stopped:
        said = f"stopped: {since}, and which steps were done since is not known. Begin it anew"
        stopped = replace(rested(walk, tx.now), state=WalkState.STOPPED, ended_at=tx.now, said=said)
        keep_walk(tx, channel, stopped, "runbook-stopped", actor, reason=said)
        _tell(tx, channel, stopped)
    return tuple(walk.ref for walk in all_stopped)


def _tell(tx: Tx, channel: str, walk: Walk) -> None:
    parent = walk_key(walk.id) if walk.incident is None else card_key(walk.incident)
    said = f"{walk.ref} {walk.title}: {walk.said}."
    key = f"walk:{walk.id}:stopped"
    want(tx, Wanted(key, "incident-note", walk.incident or 0, channel, parent, rank=1, payload=said))


def end_drills(tx: Tx, channel: str, since: str) -> tuple[str, ...]:
    """A drill that goes on after a loss would be approved and measured by what was true before it.

    Nothing was measured, so it has no certificate; whether its promise holds, the next drill says.
    """
    found = tx.all("SELECT id FROM drills WHERE state = 'under way' ORDER BY id")
    all_ended = [drill for drill in (drills.find(tx, number) for (number,) in found) if drill is not None]
    for drill in all_ended:
        said = f"not finished when the memory was copied ({since}): nothing is certified. Hold it anew"
        ended = replace(drill, state=DrillState.FAILED, ended_at=tx.now, said=said, parts=_parts(drill))
        drills.save(tx, ended)
        announce_drill(tx, channel, ended)
    return tuple(drill.ref for drill in all_ended)


def _parts(drill: Drill) -> tuple[DrillPart, ...]:
    ends = {PartState.DOING: PartState.FAILED, PartState.TODO: PartState.SPARED}
    said = {PartState.DOING: "how it ended is not known", PartState.TODO: "not run"}
    return tuple(
        replace(part, state=ends[part.state], said=said[part.state]) if part.state in ends else part
        for part in drill.parts
    )
