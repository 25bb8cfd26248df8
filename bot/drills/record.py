"""What a drill writes down, each change one transaction: its row, the journal, its card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.drill import Drill, DrillState
from bot.domain.entry import Entry, Json, NewEntry
from bot.domain.run import Run
from bot.drills.certificate import Against, Certificate, Part, PhaseRow, Proof, stored
from bot.drills.measure import Measured, measure
from bot.drills.verdict import Promises, Verdict, judge
from bot.drills.words import between_s, span
from bot.plan.models import DrPlan
from bot.plan.rpo import least_loss
from bot.runs.told import announce_drill, show_drill
from bot.store import drills as rows
from bot.store.database import Tx
from bot.store.journal import append

SAID_LIMIT = 500
FACTS_KEPT = 30
PHASES_KEPT = 200
RunWithEntries = tuple[Run, Sequence[Entry]]


def begin(tx: Tx, channel: str, drill: Drill, request_key: str) -> Drill:
    """Store it, remember it, say so, and wake whoever advances drills."""
    began = rows.insert(tx, replace(drill, started_at=tx.now), request_key)
    does: list[Json] = [
        {"action": part.doing.action, "params": dict(part.doing.params)} for part in began.parts
    ]
    data: dict[str, Json] = {"drill": began.ref, "name": began.name, "title": began.title, "does": does}
    append(tx, NewEntry("drill-started", began.started_by, data))
    show_drill(tx, channel, began)
    tx.ring("walks")
    return began


def keep(tx: Tx, channel: str, drill: Drill) -> Drill:
    """Save it as it is now, and want its card shown."""
    rows.save(tx, drill)
    show_drill(tx, channel, drill)
    return drill


def end(tx: Tx, plan: DrPlan, drill: Drill, runs: Sequence[RunWithEntries]) -> Drill:
    """Measure, judge, certify: the certificate is journalled whole, and announced."""
    measured = measure(drill.started_at, runs)
    promises = promises_of(plan)
    verdict = judge(drill.parts, measured, drill.started_at, promises)
    certificate = certify(plan, drill, tx.now, runs, measured, verdict, promises)
    kind = "drill-passed" if verdict.passed else "drill-failed"
    (entry,) = append(tx, NewEntry(kind, "drbot", certificate.as_json()))
    own = Proof("this certificate", entry.seq, entry.hash)
    ended = replace(
        drill,
        state=DrillState.PASSED if verdict.passed else DrillState.FAILED,
        ended_at=tx.now,
        rto_s=verdict.rto_s,
        rpo_s=verdict.rpo_s,
        said=verdict.said,
        certificate=stored(replace(certificate, journal=own)),
    )
    rows.save(tx, ended)
    announce_drill(tx, plan.communication.channel, ended)
    tx.ring("drills")
    return ended


def promises_of(plan: DrPlan) -> Promises:
    """The plan's objectives of section 1.1."""
    rto, rpo = plan.objectives.get("rto"), plan.objectives.get("rpo")
    return Promises(rto.target if rto else None, rpo.target if rpo else None)


def certify(
    plan: DrPlan,
    drill: Drill,
    ended_at: str,
    runs: Sequence[RunWithEntries],
    measured: Measured,
    verdict: Verdict,
    promises: Promises,
) -> Certificate:
    """Everything known, put in order. Pure."""
    test = plan.testing.tests.get(drill.name) if plan.testing else None
    phases = [
        PhaseRow(
            one.group, one.title, round(one.seconds, 3), one.run, one.said[:SAID_LIMIT], one.held, one.light
        )
        for one in measured.phases[:PHASES_KEPT]
    ]
    return Certificate(
        ref=drill.ref,
        drill=drill.name,
        title=drill.title,
        section="5.1 and 5.2" if measured.rehearsed else "5.1",
        every=test.every if test else "no longer in the plan",
        owner=test.owner if test else "",
        asked_by=plan.called(drill.started_by),
        started_at=drill.started_at,
        ended_at=ended_at,
        passed=verdict.passed,
        recovered=verdict.recovered,
        said=verdict.said,
        objectives=_objectives(plan, verdict, promises),
        parts=_parts(drill, runs),
        rehearsed=measured.rehearsed,
        phases=tuple(phases),
        groups=_groups(measured, drill.started_at, ended_at),
        proofs=tuple(
            Proof(f"{run.ref} {run.state.value}", entries[-1].seq, entries[-1].hash)
            for run, entries in runs
            if entries
        ),
        caveat=_caveat(plan, measured, verdict, promises),
    )


def _objectives(plan: DrPlan, verdict: Verdict, promises: Promises) -> tuple[Against, ...]:
    rto, rpo = plan.objectives.get("rto"), plan.objectives.get("rpo")
    return (
        Against(
            "RTO",
            rto.title if rto else "Recovery Time Objective",
            promises.rto_s,
            _rounded(verdict.rto_s),
            verdict.within_rto,
        ),
        Against(
            "RPO",
            rpo.title if rpo else "Recovery Point Objective",
            promises.rpo_s,
            _rounded(verdict.rpo_s),
            verdict.within_rpo,
        ),
    )


def _caveat(plan: DrPlan, measured: Measured, verdict: Verdict, promises: Promises) -> str:
    """A drill soon after the backup keeps an RPO that the backups do not: that is said beside it."""
    worst = least_loss(plan)
    of_backups = any(came.backup for came in measured.rehearsed)
    if not (verdict.within_rpo and of_backups and worst and promises.rpo_s):
        return ""
    if worst.most_s <= promises.rpo_s:
        return ""
    return (
        f"The RPO was kept at this hour. At the worst one a loss costs up to {span(worst.most_s)}, with"
        f" {worst.way}: the promise of {span(promises.rpo_s)} is not kept around the clock."
    )


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _parts(drill: Drill, runs: Sequence[RunWithEntries]) -> tuple[Part, ...]:
    facts = {run.id: run.plan.facts[:FACTS_KEPT] for run, _ in runs}
    return tuple(
        Part(
            part.doing.title,
            part.doing.action,
            f"RUN-{part.run}" if part.run else "",
            part.state.value,
            part.said[:SAID_LIMIT],
            facts.get(part.run, ()),
        )
        for part in drill.parts
    )


def _groups(measured: Measured, started_at: str, ended_at: str) -> tuple[tuple[str, float], ...]:
    """The coarse phases, and what lay between them, so that they add up to the whole."""
    groups = measured.by_group()
    rest_s = between_s(started_at, ended_at) - sum(groups.values())
    named = [(name, round(seconds, 3)) for name, seconds in groups.items()]
    return (*named, ("between them", round(max(0.0, rest_s), 3)))
