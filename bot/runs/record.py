"""One change of a run: its row, its journal entries and its card, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.entry import Json, NewEntry
from bot.domain.run import Run
from bot.runs.told import show_around, show_run
from bot.store import runs as rows
from bot.store.database import Tx
from bot.store.journal import append


def keep(tx: Tx, channel: str, run: Run, kind: str, actor: str, data: Mapping[str, Json]) -> Run:
    """Save the changed run, remember why, want its card shown. Returns the run for chaining."""
    rows.save(tx, run)
    append(tx, entry(run, kind, actor, data))
    show_run(tx, channel, run)
    if kind.startswith("run-"):
        show_around(tx, channel, run)
    return run


def entry(run: Run, kind: str, actor: str, data: Mapping[str, Json]) -> NewEntry:
    """A journal entry about a run, tied to its incident."""
    return NewEntry(kind, actor, data, run.incident, run.id)


def proposed_data(run: Run) -> dict[str, Json]:
    """What the journal remembers of a proposal: everything that an approval will name."""
    return {
        "action": run.action,
        "title": run.title,
        "risk": run.risk,
        "target": run.target,
        "params": run.params,
        "digest": run.digest,
        "facts": [[name, value] for name, value in run.plan.facts],
        "warnings": list(run.plan.warnings),
        "before": list(run.plan.before),
        "steps": list(run.plan.steps),
        "after": list(run.plan.after),
        "undo": list(run.plan.undo),
        "expires_at": run.expires_at,
        "undo_of": run.undo_of,
    }
