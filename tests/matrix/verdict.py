"""Whether a run ended as it may after a kill: proven, taken back, or a person was called; never twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.matrix.jobs import Told
from tests.matrix.stage import Stage

ENDS = ("verified", "undone", "stopped", "refused", "failed")


@dataclass(frozen=True)
class Case:
    """One row's worth: where it was struck, how it ended, what is wrong with that ('' nothing), how long."""

    place: str
    state: str
    wrong: str
    effects: int
    locks: int
    took_s: float
    note: str = ""


def judged(stage: Stage, told: Told, changes: bool, back: bool) -> tuple[str, str, int]:
    """What is wrong ('' nothing), what to know beside, and how often the action took effect.

    `back`: the run took an earlier one back, so verified means that nothing of it is left.
    """
    effects = stage.effects()
    worse = stage.worse()
    wrong = list(_wrong(told, effects, changes, back))
    note = ""
    if worse and told.state == "stopped" and told.called:
        note = f"{worse}; a person was called: {told.called}"
    elif worse:
        wrong.append(f"the service is worse off: {worse}")
    return "; ".join(wrong), note, effects


def _wrong(told: Told, effects: int, changes: bool, back: bool) -> Iterator[str]:
    if told.state not in ENDS:
        yield f"the run did not end: it is {told.state or 'not there'}"
    if told.state == "stopped" and not told.called:
        yield "it stopped half-way and nobody was called"
    if told.locks:
        yield f"locks are left on {', '.join(told.locks)}"
    if told.twice:
        yield f"the journal holds twice: {', '.join(told.twice)}"
    if effects > 1:
        yield f"it took effect {effects} times"
    done = 1 if changes else 0
    right = {"verified": 0 if back else done, "undone": 0, "refused": int(back), "failed": int(back)}
    if effects <= 1 and told.state in right and effects != right[told.state]:
        yield f"it ended {told.state} and took effect {effects} times ({told.outcome})"
