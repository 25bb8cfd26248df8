"""Incident rows: the present state that the journal's entries add up to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.alert import Alert, AlertStatus
from bot.domain.incident import Incident, IncidentState
from bot.domain.severity import Severity
from bot.store.database import Row, Store, Tx, from_iso

_COLUMNS = (
    "id, title, severity, severity_held, state, component, environment, correlation, impact, why,"
    " alert_names, alerts_firing, alerts_total, notifications, truncated, opened_at, acknowledged_at,"
    " acknowledged_by, resolved_at, resolved_by, channel, thread, last_alert_at, updated_at"
)
_SELECT = f"SELECT {_COLUMNS} FROM incidents"  # noqa: S608 - a constant
_MARKS = ", ".join("?" * len(_COLUMNS.split(",")))
_UPSERT = (
    f"INSERT INTO incidents ({_COLUMNS}) VALUES ({_MARKS}) ON CONFLICT (id) DO UPDATE SET "  # noqa: S608
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS.replace(" ", "").split(",")[1:])
)
NAMES_LIMIT = 20


@dataclass(frozen=True)
class Grouped:
    """An incident with the moment of its newest alert, which correlation decides by."""

    incident: Incident
    last_alert_at: str


def next_id(tx: Tx) -> int:
    """The number of the next incident."""
    row = tx.one("SELECT COALESCE(MAX(id), 0) + 1 FROM incidents")
    return int(row[0]) if row else 1


def save(tx: Tx, incident: Incident, last_alert_at: str) -> None:
    """Write the whole row, new or changed."""
    tx.run(
        _UPSERT,
        (
            incident.id,
            incident.title,
            incident.severity.value,
            int(incident.severity_held),
            incident.state.value,
            incident.component,
            incident.environment,
            incident.correlation,
            incident.impact,
            json.dumps(list(incident.why)),
            json.dumps(list(incident.alert_names[:NAMES_LIMIT])),
            incident.alerts_firing,
            incident.alerts_total,
            incident.notifications,
            incident.truncated,
            incident.opened_at,
            incident.acknowledged_at,
            incident.acknowledged_by,
            incident.resolved_at,
            incident.resolved_by,
            incident.channel,
            incident.thread,
            last_alert_at,
            incident.updated_at,
        ),
    )


def find(tx: Tx, incident: int) -> Grouped | None:
    """The incident inside a transaction, or None."""
    row = tx.one(f"{_SELECT} WHERE id = ?", (incident,))
    return _grouped(row) if row else None


def newest_of(tx: Tx, correlation: str) -> Grouped | None:
    """The newest incident of one correlation, open or not, or None."""
    row = tx.one(f"{_SELECT} WHERE correlation = ? ORDER BY id DESC LIMIT 1", (correlation,))
    return _grouped(row) if row else None


def get(store: Store, incident: int) -> Incident | None:
    """The committed incident, or None."""
    rows = store.read(f"{_SELECT} WHERE id = ?", (incident,))
    return _grouped(rows[0]).incident if rows else None


def open_incidents(store: Store, limit: int = 500) -> Sequence[Incident]:
    """Every incident that is not resolved: the worst first, then the oldest."""
    rows = store.read(f"{_SELECT} WHERE state <> 'resolved' ORDER BY severity, id LIMIT ?", (limit,))
    return [_grouped(row).incident for row in rows]


def recent(store: Store, limit: int = 20) -> Sequence[Incident]:
    """The newest incidents, resolved or not."""
    rows = store.read(f"{_SELECT} ORDER BY id DESC LIMIT ?", (limit,))
    return [_grouped(row).incident for row in rows]


def alerts_of(store: Store, incident: int, limit: int = 50) -> Sequence[Alert]:
    """The incident's alerts as they stand, firing first, then the newest."""
    rows = store.read(
        "SELECT source, fingerprint, status, starts_at, ends_at, labels, annotations, url, grouped"
        " FROM alerts WHERE incident = ? ORDER BY status, last_seen DESC LIMIT ?",
        (incident, limit),
    )
    return [alert_of(row) for row in rows]


def firing_of(tx: Tx, incident: int, limit: int) -> Sequence[Alert]:
    """Some of the incident's alerts that fire, the newest, inside a transaction."""
    found = tx.all(
        "SELECT source, fingerprint, status, starts_at, ends_at, labels, annotations, url, grouped"
        " FROM alerts WHERE incident = ? AND status = 'firing' ORDER BY last_seen DESC LIMIT ?",
        (incident, limit),
    )
    return [alert_of(row) for row in found]


def alert_of(row: Row) -> Alert:
    """An alert from its columns: source … url, grouped."""
    source, fingerprint, status, starts_at, ends_at, labels, annotations, url, grouped = row
    return Alert(
        source=source,
        fingerprint=fingerprint,
        status=AlertStatus(status),
        starts_at=from_iso(starts_at),
        ends_at=from_iso(ends_at) if ends_at else None,
        labels=json.loads(labels),
        annotations=json.loads(annotations),
        url=url,
        group=grouped,
    )


def _grouped(row: Row) -> Grouped:
    (
        number,
        title,
        severity,
        held,
        state,
        component,
        environment,
        correlation,
        impact,
        why,
        alert_names,
        alerts_firing,
        alerts_total,
        notifications,
        truncated,
        opened_at,
        acknowledged_at,
        acknowledged_by,
        resolved_at,
        resolved_by,
        channel,
        thread,
        last_alert_at,
        updated_at,
    ) = row
    incident = Incident(
        id=number,
        title=title,
        severity=Severity(severity),
        state=IncidentState(state),
        component=component,
        environment=environment,
        correlation=correlation,
        opened_at=opened_at,
        severity_held=bool(held),
        why=tuple(json.loads(why)),
        impact=impact,
        acknowledged_at=acknowledged_at,
        acknowledged_by=acknowledged_by,
        resolved_at=resolved_at,
        resolved_by=resolved_by,
        alerts_firing=alerts_firing,
        alerts_total=alerts_total,
        alert_names=tuple(json.loads(alert_names)),
        notifications=notifications,
        truncated=truncated,
        channel=channel,
        thread=thread,
        updated_at=updated_at,
    )
    return Grouped(incident, last_alert_at)
