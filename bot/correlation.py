"""Stored alerts become incidents: judged, joined to one trouble, journalled and shown, in one transaction.

Intake only stores; this folds what is stored and not yet judged, in bounded batches, so a storm never
holds up the answer to a monitor and a crash in between loses nothing: the rows are still there.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from bot.announce import show_incident, tell_thread
from bot.domain.alert import Alert, AlertStatus
from bot.domain.entry import Json, NewEntry
from bot.domain.incident import Incident, IncidentState
from bot.domain.severity import Severity
from bot.plan.models import DrPlan
from bot.store import incidents as rows
from bot.store.database import Store, StoreDown, Tx, from_iso
from bot.store.journal import append

BATCH = 500
RETRY_S = 1.0
CLIP = 300
_log = logging.getLogger(__name__)


class Judged(Protocol):
    """What triage says of one alert."""

    @property
    def severity(self) -> Severity: ...
    @property
    def impact(self) -> str: ...
    @property
    def component(self) -> str: ...
    @property
    def environment(self) -> str: ...
    @property
    def why(self) -> tuple[str, ...]: ...


class Judge(Protocol):
    """Triage: pure, quick, never raises."""

    def judge(self, alert: Alert) -> Judged: ...


@dataclass(frozen=True)
class Unjudged:
    """A stored alert that waits, with what tells whether it changed meanwhile."""

    alert: Alert
    incident: int | None
    first_seen: str
    last_seen: str


@dataclass
class _Open:
    """An incident while one batch is folded into it."""

    incident: Incident
    last_alert_at: str
    entries: list[NewEntry]
    told: list[str]
    fresh: bool = False


class Correlator:
    """Folds unjudged alerts in a thread of its own, woken by the bell `alerts`."""

    def __init__(self, store: Store, plan: DrPlan, judge: Judge) -> None:
        self._store = store
        self._plan = plan
        self._judge = judge
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._fold_for_ever, name="correlator", daemon=True)

    def start(self) -> None:
        """Fold what a crash left, then whatever arrives."""
        self._store.listen("alerts", self._wake.set)
        self._wake.set()
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch under way. Safe to call twice."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    def fold_once(self) -> int:
        """Fold one batch; how many alerts it held. Raises StoreDown; nothing is lost then."""
        waiting = self._waiting()
        if waiting:
            judged = [(one, self._judge.judge(one.alert)) for one in waiting]
            self._store.write(lambda tx: _Batch(tx, self._plan).fold(judged))
        return len(waiting)

    def _fold_for_ever(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait()
            self._wake.clear()
            try:
                while not self._stopping.is_set() and self.fold_once():
                    pass
            except StoreDown as error:
                _log.error("alerts wait on disk until the store answers again: %s", error)
                self._wake.set()
                self._stopping.wait(RETRY_S)

    def _waiting(self) -> Sequence[Unjudged]:
        found = self._store.read(
            "SELECT incident, first_seen, last_seen, source, fingerprint, status, starts_at, ends_at, labels,"
            " annotations, url, grouped FROM alerts WHERE judged = 0 ORDER BY last_seen LIMIT ?",
            (BATCH,),
        )
        return [Unjudged(rows.alert_of(row[3:]), row[0], row[1], row[2]) for row in found]


class _Batch:
    """One transaction's worth of folding."""

    def __init__(self, tx: Tx, plan: DrPlan) -> None:
        self._tx = tx
        self._plan = plan
        self._by_correlation: dict[str, _Open] = {}
        self._by_id: dict[int, _Open] = {}
        self._next_id = 0

    def fold(self, judged: Sequence[tuple[Unjudged, Judged]]) -> None:
        marks: list[tuple[object, ...]] = []
        for waiting, judgement in judged:
            alert = waiting.alert
            if alert.status is AlertStatus.FIRING:
                incident = self._fire(alert, judgement)
            else:
                incident = self._resolve(alert, waiting.incident)
            marks.append(
                (
                    incident,
                    judgement.severity.value,
                    alert.source,
                    alert.fingerprint,
                    alert.status.value,
                    waiting.last_seen,
                )
            )
        # A row that changed since it was read stays unjudged and comes round again.
        self._tx.many(
            "UPDATE alerts SET judged = 1, incident = ?, severity = ?"
            " WHERE source = ? AND fingerprint = ? AND status = ? AND last_seen = ?",
            marks,
        )
        for held in self._by_id.values():
            self._settle(held)

    def _fire(self, alert: Alert, judgement: Judged) -> int | None:
        if judgement.severity is Severity.NONE:
            return None
        key = correlation_key(self._plan, alert, judgement)
        held = self._joined(key) or self._opened(key, alert, judgement)
        incident = held.incident
        held.entries.append(_fired(alert, incident.id, judgement))
        held.last_alert_at = self._tx.now
        if alert.name not in incident.alert_names:
            incident = replace(incident, alert_names=(*incident.alert_names, alert.name)[: rows.NAMES_LIMIT])
        if judgement.severity.worse_than(incident.severity) and not incident.severity_held:
            incident = self._raised(held, incident, judgement, alert)
        held.incident = replace(incident, alerts_total=incident.alerts_total + 1)
        return incident.id

    def _raised(self, held: _Open, incident: Incident, judgement: Judged, alert: Alert) -> Incident:
        said = f"{incident.severity.value} → {judgement.severity.value}: {alert.name} joined"
        held.entries.append(
            NewEntry(
                "severity-changed",
                "drbot",
                {
                    "from": incident.severity.value,
                    "to": judgement.severity.value,
                    "reason": f"{alert.name} joined",
                    "why": list(judgement.why),
                },
                incident.id,
            )
        )
        held.told.append(said)
        return replace(incident, severity=judgement.severity, impact=judgement.impact, why=judgement.why)

    def _resolve(self, alert: Alert, incident: int | None) -> int | None:
        held = self._held(incident) if incident is not None else None
        if held is None:
            return incident
        held.entries.append(
            NewEntry(
                "alert-resolved",
                f"monitor:{alert.source}",
                {"name": alert.name, "fingerprint": alert.fingerprint, "summary": alert.summary[:CLIP]},
                held.incident.id,
            )
        )
        return held.incident.id

    def _joined(self, key: str) -> _Open | None:
        if key in self._by_correlation:
            return self._by_correlation[key]
        found = rows.newest_of(self._tx, key)
        if found is None:
            return None
        incident = found.incident
        if not incident.is_open:
            window = timedelta(seconds=self._plan.correlation.window)
            came_back = incident.resolved_by.startswith("monitor") and (
                from_iso(self._tx.now) - from_iso(incident.resolved_at) <= window
            )
            if not came_back:
                return None
            incident = replace(incident, state=IncidentState.OPEN, resolved_at="", resolved_by="")
            held = self._hold(incident, found.last_alert_at)
            held.entries.append(
                NewEntry("incident-reopened", "drbot", {"reason": "an alert came back"}, incident.id)
            )
            held.told.append("Reopened: an alert came back")
            return held
        return self._hold(incident, found.last_alert_at)

    def _opened(self, key: str, alert: Alert, judgement: Judged) -> _Open:
        self._next_id = self._next_id + 1 if self._next_id else rows.next_id(self._tx)
        incident = Incident(
            id=self._next_id,
            title=alert.summary[:CLIP],
            severity=judgement.severity,
            state=IncidentState.OPEN,
            component=judgement.component,
            environment=judgement.environment,
            correlation=key,
            opened_at=self._tx.now,
            why=judgement.why,
            impact=judgement.impact,
        )
        held = self._hold(incident, self._tx.now)
        held.fresh = True
        held.entries.append(
            NewEntry(
                "incident-opened",
                "drbot",
                {
                    "title": incident.title,
                    "severity": incident.severity.value,
                    "impact": judgement.impact,
                    "component": judgement.component,
                    "environment": judgement.environment,
                    "why": list(judgement.why),
                },
                incident.id,
            )
        )
        return held

    def _held(self, incident: int) -> _Open | None:
        if incident in self._by_id:
            return self._by_id[incident]
        found = rows.find(self._tx, incident)
        return self._hold(found.incident, found.last_alert_at) if found else None

    def _hold(self, incident: Incident, last_alert_at: str) -> _Open:
        held = self._by_id.get(incident.id) or _Open(incident, last_alert_at, [], [])
        self._by_id[incident.id] = held
        self._by_correlation[incident.correlation] = held
        return held

    def _settle(self, held: _Open) -> None:
        """Count, decide whether it is over, journal, store and show."""
        incident = held.incident
        row = self._tx.one(
            "SELECT COUNT(*) FROM alerts WHERE incident = ? AND status = 'firing'", (incident.id,)
        )
        incident = replace(incident, alerts_firing=int(row[0]) if row else 0, updated_at=self._tx.now)
        over = incident.is_open and incident.alerts_total > 0 and incident.alerts_firing == 0
        if over:
            incident = replace(
                incident, state=IncidentState.RESOLVED, resolved_at=self._tx.now, resolved_by="monitor"
            )
            held.entries.append(
                NewEntry("incident-resolved", "drbot", {"reason": "every alert is resolved"}, incident.id)
            )
            held.told.append("Resolved: the monitor says every alert is over")
        stored = append(self._tx, *held.entries)
        rows.save(self._tx, incident, held.last_alert_at)
        show_incident(self._tx, self._plan, incident)
        for said in held.told:
            tell_thread(self._tx, self._plan, incident, stored[-1].seq * 100 + held.told.index(said), said)
        if over:
            self._tx.ring("resolved")


def correlation_key(plan: DrPlan, alert: Alert, judgement: Judged) -> str:
    """What makes alerts one trouble; an alert of no known component is a trouble of its own name."""
    parts = {
        "component": judgement.component or f"alert:{alert.name}",
        "environment": judgement.environment,
        "alertname": alert.name,
    }
    return "/".join(parts[name] for name in plan.correlation.by)


def _fired(alert: Alert, incident: int, judgement: Judged) -> NewEntry:
    data: dict[str, Json] = {
        "name": alert.name,
        "fingerprint": alert.fingerprint,
        "summary": alert.summary[:CLIP],
        "description": alert.description[:CLIP],
        "instance": alert.labels.get("instance", "")[:CLIP],
        "starts_at": alert.starts_at.isoformat(),
        "severity": judgement.severity.value,
    }
    return NewEntry("alert-fired", f"monitor:{alert.source}", data, incident)
