"""An account at PagerDuty: its users, its incidents by their rules, and the events that it tells of them."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Event = dict[str, Any]
SERVICE = {"id": "PSERVICE", "type": "service_reference", "summary": "drbot"}
INTEGRATION = {"id": "PEVENTS", "type": "events_api_v2_inbound_integration_reference", "summary": "drbot"}


@dataclass
class Incident:
    """One incident there. `log` holds what was done to it, `severities` those of its triggers."""

    id: str
    number: int
    title: str
    key: str
    created_at: str
    status: str = "triggered"
    priority: dict[str, str] | None = None
    notes: list[dict[str, Any]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    severities: list[str] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)


def moment() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Account:
    """`users`: e-mail to (id, name). Whatever changes an incident is an event, in `events` and to `told`."""

    def __init__(self) -> None:
        self.users: dict[str, tuple[str, str]] = {}
        self.priorities = {"P1": "PPRIO1", "P2": "PPRIO2"}
        self.incidents: dict[str, Incident] = {}
        self.events: list[Event] = []
        self.told: Callable[[Event], None] = lambda _event: None
        self._numbers = itertools.count(1)

    def user(self, email: str) -> dict[str, str]:
        """A user as others refer to them: by id and name, never by e-mail."""
        user_id, name = self.users[email]
        return {"id": user_id, "type": "user_reference", "summary": name}

    def only(self) -> Incident:
        """The one incident that there is."""
        (incident,) = self.incidents.values()
        return incident

    def open_by(self, key: str) -> Incident | None:
        found = [one for one in self.incidents.values() if one.key == key and one.status != "resolved"]
        return found[-1] if found else None

    def event(self, action: str, key: str, payload: dict[str, Any]) -> None:
        """What an event of the Events API does; for what is not open, acknowledge and resolve do nothing."""
        found = self.open_by(key)
        if action == "trigger":
            if found is None:
                found = self.raise_incident(payload["summary"], key, INTEGRATION)
                found.details = payload
            found.log.append("trigger")
            found.severities.append(payload["severity"])
        elif found is not None:
            self.change(found, "acknowledged" if action == "acknowledge" else "resolved", INTEGRATION)

    def raise_incident(self, title: str, key: str, agent: dict[str, str] | None = None) -> Incident:
        number = next(self._numbers)
        made = Incident(f"QPAGE{number:04}", number, title, key, moment())
        self.incidents[made.id] = made
        self._tell("triggered", made, agent)
        return made

    def change(self, incident: Incident, status: str, agent: dict[str, str] | None) -> None:
        """To a state; nothing, and no event, where it is there already or ended."""
        if incident.status == status or (incident.status == "resolved" and status != "triggered"):
            return
        kinds = {"acknowledged": "acknowledged", "resolved": "resolved"}
        kind = kinds.get(status) or ("reopened" if incident.status == "resolved" else "unacknowledged")
        incident.status = status
        incident.log.append(kind)
        self._tell(kind, incident, agent)

    def acknowledge(self, incident: Incident, email: str) -> None:
        self.change(incident, "acknowledged", self.user(email))

    def resolve(self, incident: Incident, email: str) -> None:
        self.change(incident, "resolved", self.user(email))

    def prioritize(self, incident: Incident, name: str, agent: dict[str, str] | None) -> None:
        incident.priority = {"id": self.priorities[name], "type": "priority_reference", "summary": name}
        self._tell("priority_updated", incident, agent)

    def note(self, incident: Incident, text: str, email: str) -> dict[str, Any]:
        note = {
            "id": f"PNOTE{len(incident.notes)}",
            "content": text,
            "user": self.user(email),
            "created_at": moment(),
        }
        incident.notes.append(note)
        reference = {"id": incident.id, "type": "incident_reference", "summary": incident.title}
        data = {"id": note["id"], "type": "incident_note", "content": text, "trimmed": False}
        self.send("incident.annotated", {"incident": reference, **data}, self.user(email))
        return note

    def pass_on(self, kind: str, incident: Incident, to: str) -> None:
        """`escalated`, `reassigned` or `delegated` to the user with this e-mail, by nobody: it rings anew."""
        if incident.status == "acknowledged":
            incident.status = "triggered"
        self._tell(kind, incident, None, assignees=[self.user(to)])

    def _tell(self, kind: str, incident: Incident, agent: dict[str, str] | None, **more: object) -> None:
        self.send(f"incident.{kind}", _data(incident) | more, agent)

    def send(self, kind: str, data: dict[str, Any], agent: dict[str, str] | None) -> Event:
        event: Event = {
            "event": {
                "id": f"event-{next(self._numbers)}",
                "event_type": kind,
                "resource_type": "incident",
                "occurred_at": moment(),
                "agent": agent,
                "client": None,
                "data": copy.deepcopy(data),
            }
        }
        self.events.append(event)
        self.told(event)
        return event


def _data(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.id,
        "type": "incident",
        "self": f"https://api.example/incidents/{incident.id}",
        "html_url": f"https://acme.example/incidents/{incident.id}",
        "number": incident.number,
        "status": incident.status,
        "incident_key": incident.key,
        "created_at": incident.created_at,
        "reopened_at": None,
        "title": incident.title,
        "service": SERVICE,
        "assignees": [],
        "escalation_policy": {
            "id": "PPOLICY",
            "type": "escalation_policy_reference",
            "summary": "Default",
        },
        "priority": incident.priority,
        "urgency": "high",
        "resolve_reason": None,
    }
