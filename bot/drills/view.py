"""Where a drill stands, for every face; and whether its certificate is still the one that was journalled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.drill import Drill, PartState
from bot.domain.entry import NewEntry, canonical, chain_hash
from bot.domain.run import Run
from bot.drills.certificate import Certificate, read_certificate
from bot.drills.record import promises_of
from bot.drills.verdict import Promises
from bot.plan.models import DrPlan
from bot.store import runs as run_rows
from bot.store.database import Store
from bot.store.journal import find_entry


@dataclass(frozen=True)
class DrillView:
    """A drill with its runs by number, what is promised, and its certificate once it has ended."""

    drill: Drill
    runs: Mapping[int, Run]
    promises: Promises
    certificate: Certificate | None = None

    @property
    def now(self) -> str:
        """What is being done at this moment; '' once it is over."""
        part = next((one for one in self.drill.parts if one.state is PartState.DOING), None)
        run = self.runs.get(part.run) if part else None
        if run is None:
            return ""
        return f"{run.ref} {run.current or run.state.value}"


def drill_view(store: Store, plan: DrPlan, drill: Drill) -> DrillView:
    """The drill with the newest state of its runs. A certificate that cannot be read is left out."""
    found = {number: run for number in drill.runs if (run := run_rows.get(store, number)) is not None}
    return DrillView(drill, found, promises_of(plan), certificate_of(drill))


def certificate_of(drill: Drill) -> Certificate | None:
    """Its certificate; None while it is under way, or where this version cannot read it."""
    try:
        return read_certificate(drill.certificate) if drill.certificate else None
    except ValueError:
        return None


def trouble_with(store: Store, certificate: Certificate) -> str:
    """Why the certificate is not the one that was journalled, in a sentence; '' where it is.

    Looks at its own entry; that the chain around it holds is what `journal verify` says.
    """
    proof = certificate.journal
    if proof is None:
        return "it names no entry of the journal"
    entry = find_entry(store, proof.seq)
    if entry is None:
        return f"the journal has no entry {proof.seq}"
    new = NewEntry(entry.kind, entry.actor, entry.data, entry.incident, entry.run)
    digest = chain_hash(entry.previous, entry.seq, entry.at, new, canonical(entry.data))
    if not digest == entry.hash == proof.hash:
        return f"entry {proof.seq} of the journal was changed after it was written"
    if canonical(entry.data) != canonical(certificate.as_json()):
        return f"it says something else than entry {proof.seq} of the journal"
    return ""
