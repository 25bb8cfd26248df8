"""One batch of stored alerts folded into incidents: journal, rows and cards in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from bot.announce import OnResolve, tell_thread
from bot.consequences import follow, tell_turn
from bot.domain.alert import Alert, AlertStatus
from bot.domain.entry import Json, NewEntry
from bot.domain.incident import Incident, IncidentState
from bot.domain.severity import Severity
from bot.plan.models import DrPlan
from bot.store import incidents as rows
from bot.store.database import Tx, from_iso
from bot.store.journal import append

CLIP = 300


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


@dataclass(frozen=True)
class Unjudged:
    """A stored alert that waits, with what tells whether it changed meanwhile."""

    alert: Alert
    incident: int | None
    truncated: int
    last_seen: str


@dataclass
class _Open:
    """An incident while one batch is folded into it."""

    incident: Incident
    last_alert_at: str
    entries: list[NewEntry]
    told: dict[int, str]
    turns: dict[int, str]

    def add(self, kind: str, actor: str, data: Mapping[str, Json], told: str = "", turn: str = "") -> None:
        """One entry, and the words where it deserves some: for the thread, or, as a turn, for the channel."""
        if told:
            self.told[len(self.entries)] = told
        if turn:
            self.turns[len(self.entries)] = turn
        self.entries.append(NewEntry(kind, actor, data, self.incident.id))


class Batch:
    """One transaction's worth of folding."""

    def __init__(self, tx: Tx, plan: DrPlan, on_resolve: OnResolve) -> None:
        self._tx = tx
        self._plan = plan
        self._on_resolve = on_resolve
        self._by_correlation: dict[str, _Open] = {}
        self._by_id: dict[int, _Open] = {}
        self._next_id = 0

    def fold(self, judged: Sequence[tuple[Unjudged, Judged]]) -> None:
        marks: list[tuple[object, ...]] = []
        for waiting, judgement in judged:
            alert = waiting.alert
            if alert.status is AlertStatus.FIRING:
                incident = self._fire(alert, judgement, waiting.truncated)
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

    def _fire(self, alert: Alert, judgement: Judged, truncated: int) -> int | None:
        if judgement.severity is Severity.NONE:
            return None
        key = correlation_key(self._plan, alert, judgement)
        held = self._joined(key, alert.name) or self._opened(key, alert, judgement)
        incident = held.incident
        held.add("alert-fired", f"monitor:{alert.source}", _fired(alert, judgement))
        held.last_alert_at = self._tx.now
        if alert.name not in incident.alert_names:
            incident = replace(incident, alert_names=(*incident.alert_names, alert.name)[: rows.NAMES_LIMIT])
        if judgement.severity.worse_than(incident.severity) and not incident.severity_held:
            incident = self._raised(held, incident, judgement, alert)
        if truncated > incident.truncated:
            said = f"The monitor left {truncated} alerts out of its notification"
            held.add("alerts-truncated", f"monitor:{alert.source}", {"truncated": truncated}, told=said)
            incident = replace(incident, truncated=truncated)
        held.incident = replace(incident, alerts_total=incident.alerts_total + 1)
        return incident.id

    def _raised(self, held: _Open, incident: Incident, judgement: Judged, alert: Alert) -> Incident:
        was, now = incident.severity.value, judgement.severity.value
        reason = f"{alert.name} joined"
        held.add(
            "severity-changed",
            "drbot",
            {"from": was, "to": now, "reason": reason, "why": list(judgement.why)},
            turn=f"{was} → {now}, {reason}",
        )
        return replace(incident, severity=judgement.severity, impact=judgement.impact, why=judgement.why)

    def _resolve(self, alert: Alert, incident: int | None) -> int | None:
        held = self._held(incident) if incident is not None else None
        if held is None:
            return incident
        held.add(
            "alert-resolved",
            f"monitor:{alert.source}",
            {"name": alert.name, "fingerprint": alert.fingerprint, "summary": alert.summary[:CLIP]},
        )
        return held.incident.id

    def _joined(self, key: str, name: str) -> _Open | None:
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
            incident = replace(
                incident,
                state=IncidentState.OPEN,
                acknowledged_at="",
                acknowledged_by="",
                resolved_at="",
                resolved_by="",
            )
            held = self._hold(incident, found.last_alert_at)
            held.add(
                "incident-reopened",
                "drbot",
                {"reason": f"{name} came back"},
                turn=f"reopened, {name} came back",
            )
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
        held.add(
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
        )
        return held

    def _held(self, incident: int) -> _Open | None:
        if incident in self._by_id:
            return self._by_id[incident]
        found = rows.find(self._tx, incident)
        return self._hold(found.incident, found.last_alert_at) if found else None

    def _hold(self, incident: Incident, last_alert_at: str) -> _Open:
        held = self._by_id.get(incident.id) or _Open(incident, last_alert_at, [], {}, {})
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
            held.add(
                "incident-resolved",
                "drbot",
                {"reason": "every alert is resolved"},
                told="Resolved: the monitor says that every alert is over",
            )
        stored = append(self._tx, *held.entries)
        rows.save(self._tx, incident, held.last_alert_at)
        follow(self._tx, self._plan, incident)
        for position, said in held.told.items():
            tell_thread(self._tx, self._plan, incident, stored[position].seq, said)
        if held.turns:
            last = stored[max(held.turns)].seq
            tell_turn(self._tx, self._plan, incident, last, "; ".join(held.turns.values()))
        if over:
            self._on_resolve(self._tx, incident)


def set_aside(tx: Tx, waiting: Unjudged) -> None:
    """Pass over one alert that cannot be folded; it stays stored, and comes round again when it changes."""
    alert = waiting.alert
    tx.run(
        "UPDATE alerts SET judged = 1 WHERE source = ? AND fingerprint = ? AND last_seen = ?",
        (alert.source, alert.fingerprint, waiting.last_seen),
    )


def correlation_key(plan: DrPlan, alert: Alert, judgement: Judged) -> str:
    """What makes alerts one trouble; an alert of no known component is a trouble of its own name."""
    parts = {
        "component": judgement.component or f"alert:{alert.name}",
        "environment": judgement.environment,
        "alertname": alert.name,
    }
    return "/".join(parts[name] for name in plan.correlation.by)


def _fired(alert: Alert, judgement: Judged) -> Mapping[str, Json]:
    return {
        "name": alert.name,
        "fingerprint": alert.fingerprint,
        "summary": alert.summary[:CLIP],
        "description": alert.description[:CLIP],
        "instance": alert.labels.get("instance", "")[:CLIP],
        "starts_at": alert.starts_at.isoformat(),
        "severity": judgement.severity.value,
    }
