"""One change of a walk: its row, its journal entry and its card, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.domain.entry import Json, NewEntry
from bot.domain.run import Run, RunState
from bot.domain.walk import Settle, StepState, Walk, WalkState
from bot.domain.walk_clock import Promise, clock_text, measured, stamped
from bot.runs.record import keep as keep_run
from bot.runs.told import show_walk
from bot.store import runs as run_rows
from bot.store import walks as rows
from bot.store.database import Tx
from bot.store.journal import append

_UNPROMISED = Promise()
_KINDS: Mapping[StepState, str] = {
    StepState.HELD: "runbook-step-done",
    StepState.FAILED: "runbook-step-failed",
    StepState.REFUSED: "runbook-step-failed",
    StepState.NOT_RUN: "runbook-step-failed",
    StepState.PASSED: "runbook-step-passed",
    StepState.SPARED: "runbook-step-passed",
}


def keep(tx: Tx, channel: str, walk: Walk, kind: str = "", actor: str = "drbot", **data: Json) -> Walk:
    """Save the changed walk, remember why (where there is a kind), want its card shown. Returns the walk."""
    rows.save(tx, walk)
    if kind:
        append(tx, NewEntry(kind, actor, {"walk": walk.ref, **data}, walk.incident))
    show_walk(tx, channel, walk)
    return walk


def keep_step(
    tx: Tx, channel: str, walk: Walk, index: int, actor: str = "drbot", kind: str = "", reason: str = ""
) -> Walk:
    """The same for a walk whose step `index` has just changed; the step's state says what is remembered."""
    step = stamped(walk.steps[index], tx.now)
    walk = walk.with_step(index, step)
    kind = kind or _KINDS.get(step.state, "")
    said: dict[str, Json] = {"step": index + 1, "title": step.title, "said": step.said[:500]}
    if reason:
        said["reason"] = reason
    return keep(tx, channel, walk, kind, actor, **said)


def settle(tx: Tx, channel: str, walk: Walk, move: Settle) -> Walk:
    """End a step as the decision says."""
    step = replace(walk.steps[move.step], state=move.state, said=move.said, held=move.held)
    return keep_step(tx, channel, walk.with_step(move.step, step), move.step)


def finish(tx: Tx, channel: str, walk: Walk, promise: Promise = _UNPROMISED) -> Walk:
    """Every step is behind it: how it went and how long it took, beside what is promised."""
    done = replace(walk, state=WalkState.DONE, ended_at=tx.now, said=outcome(walk))
    took, times = timed(tx, done, promise)
    if promise.target_s is not None:
        done = replace(done, said=f"{took}. {done.said}")
    return keep(tx, channel, done, "runbook-done", said=done.said, title=walk.title, took=took, times=times)


def timed(tx: Tx, walk: Walk, promise: Promise) -> tuple[str, dict[str, Json]]:
    """How long an ended walk took: in a sentence, and in seconds as the journal remembers it."""
    clock = measured(walk, rows.find_askings(tx, walk.id), tx.now)
    steps: list[Json] = [
        {"title": step.title, "took_s": round(one.took_s, 1), "waited_s": round(one.waited_s, 1)}
        for step, one in zip(walk.steps, clock.steps, strict=True)
        if one is not None
    ]
    return clock_text(walk, clock, promise, tx.now), {
        "total_s": round(clock.total_s, 1),
        "waited_s": round(clock.waited_s, 1),
        "promised_s": promise.target_s,
        "steps": steps,
    }


def outcome(walk: Walk) -> str:
    """How it went, in a sentence: `3 of 4 steps held, 1 was not needed`."""
    count = {state: sum(1 for one in walk.steps if one.state is state) for state in StepState}
    said = [f"{count[StepState.HELD]} of {len(walk.steps)} steps held"]
    for state, words in (
        (StepState.FAILED, "failed and what follows held"),
        (StepState.SPARED, "not needed"),
        (StepState.PASSED, "passed by a person"),
    ):
        if count[state]:
            said.append(f"{count[state]} {words}")
    return ", ".join(said)


def withdraw(tx: Tx, channel: str, proposals: Sequence[int], actor: str, name: str, ref: str) -> None:
    """Take back what a stopped walk had asked for and nobody has decided on. A run that runs goes on."""
    for number in proposals:
        run = run_rows.find(tx, number)
        if run is not None and run.state is RunState.PROPOSED:
            keep_run(tx, channel, _cancelled(run, tx.now, name, ref), "run-cancelled", actor, {"walk": ref})


def _cancelled(run: Run, now: str, name: str, ref: str) -> Run:
    said = f"cancelled: {ref} was stopped by {name}"
    return replace(run, state=RunState.CANCELLED, ended_at=now, outcome=said)
