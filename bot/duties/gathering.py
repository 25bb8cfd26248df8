"""Reads what a handover is written from, as it stands now."""

from __future__ import annotations

from collections.abc import Sequence

from bot import messages
from bot.domain.alert import AlertStatus
from bot.domain.breaker import Breaker
from bot.domain.incident import Incident
from bot.domain.policy import names
from bot.domain.response import Via
from bot.domain.response_clock import ResponseClock
from bot.domain.run import Run
from bot.duties import record
from bot.duties.facts import Facts, Firing, Line, Text
from bot.escalation.rows import VACANT, clock_of, tells_of
from bot.findings.records import Said
from bot.outside import rules
from bot.outside.standing import standing as outside
from bot.plan.models import DrPlan
from bot.report.publication import case_of
from bot.runbooks.findings import findings
from bot.runbooks.view import view
from bot.runs import Runs
from bot.store import breakers, journal
from bot.store import incidents as incident_rows
from bot.store import looked as looked_rows
from bot.store import runs as run_rows
from bot.store import walks as walk_rows
from bot.store.database import Store, iso
from bot.store.outbound import jobs_of

ALERTS_READ = 200
TEXTS_READ = 50


def facts_of(store: Store, plan: DrPlan, runs: Runs, incident: Incident, now: str) -> Facts:
    """The incident's records. Raises StoreDown where they cannot be read."""
    own = run_rows.of_incident(store, incident.id)
    looked = looked_rows.of_incident(store, incident.id)
    looks = {one.run: run for one in looked if one.run and (run := run_rows.get(store, one.run)) is not None}
    walks = walk_rows.of_incident(store, incident.id)
    clock = clock_of(store.read, incident.id)
    return Facts(
        incident=incident,
        now=now,
        entries=journal.of_incident(store, incident.id),
        held=record.held(store.read, incident.id),
        firing=_firing(store, incident),
        answer_by=clock.due_at if clock and clock.runs else "",
        lines=_lines(store, clock),
        findings=findings(looked, looks),
        runs=own,
        approvers=lambda run: names(runs.approvers(run)),
        walks=[view(store, plan, runs, walk) for walk in walks],
        said=_said(store, plan, incident),
        texts=_texts(store, incident.id),
        next_update_at=outside(store.read, incident).next_update_at,
        tells_outside=rules.tells_outside(plan) and rules.customers_notice(plan, incident),
        jobs=jobs_of(store.read, incident.id),
        locks=[lock for lock in run_rows.locks(store) if _concerns(incident, lock.target, lock.run, own)],
        breakers=[one for one in breakers.open_breakers(store.read) if _concerns_place(incident, one)],
        called=plan.called,
    )


def _firing(store: Store, incident: Incident) -> Sequence[Firing]:
    """By name, those that fire the longest first."""
    found: dict[str, Firing] = {}
    for alert in incident_rows.alerts_of(store, incident.id, ALERTS_READ):
        if alert.status is AlertStatus.FIRING:
            since, before = iso(alert.starts_at), found.get(alert.name)
            count = before.count + 1 if before else 1
            found[alert.name] = Firing(alert.name, min(since, before.since) if before else since, count)
    return sorted(found.values(), key=lambda one: (one.since, one.name))


def _lines(store: Store, clock: ResponseClock | None) -> Sequence[Line]:
    """The people's lines of the round that is or was the last, in the order of the plan."""
    if clock is None or not clock.round:
        return ()
    return [
        Line(one.step.tell, one.told_at or one.due_at, bool(one.told_at), one.outcome == VACANT)
        for one in tells_of(store.read, clock.incident, clock.round)
        if one.step.ways != (Via.CHANNEL,)
    ]


def _said(store: Store, plan: DrPlan, incident: Incident) -> Sequence[Said]:
    called = {key: entry.name for key, entry in plan.people.items()}
    return case_of(incident, (), messages.of_incident(store, incident.id), called).said


def _texts(store: Store, incident: int) -> Sequence[Text]:
    """The newest texts for the outside, oldest first."""
    rows = store.read(
        "SELECT p.id, p.kind, p.stage, p.state, p.decided_by, p.decided_at, p.drafted_at,"
        " COALESCE(o.state, '') FROM publications p LEFT JOIN outbound o ON o.key = p.job AND p.job <> ''"
        " WHERE p.incident = ? ORDER BY p.id DESC LIMIT ?",
        (incident, TEXTS_READ),
    )
    return [
        Text(int(number), kind, stage, state, by, decided_at or drafted_at, sent)
        for number, kind, stage, state, by, decided_at, drafted_at, sent in reversed(rows)
    ]


def _concerns(incident: Incident, target: str, run: int, own: Sequence[Run]) -> bool:
    """Whether a lock is of the incident's runs, or of its place."""
    return any(one.id == run for one in own) or _in_place(incident, target)


def _concerns_place(incident: Incident, breaker: Breaker) -> bool:
    return _in_place(incident, breaker.target)


def _in_place(incident: Incident, target: str) -> bool:
    return bool(incident.environment) and target.partition("/")[0] == incident.environment
