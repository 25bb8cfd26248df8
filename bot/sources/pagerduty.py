"""PagerDuty's V3 webhooks: one event a request, signed, delivered at least once.

A body, shortened:

    {"event": {"id": "5ac64822-…", "event_type": "incident.triggered", "resource_type": "incident",
     "occurred_at": "2020-10-02T18:45:22.169Z", "data": {"type": "incident", "id": "PGR0VU2", "number": 2,
     "status": "triggered", "title": "A little bump in the road", "urgency": "high",
     "priority": {"summary": "P1"}, "service": {"summary": "API Service"},
     "created_at": "2020-04-09T15:16:27Z", "reopened_at": null, "html_url": "https://…"}}}
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from bot.domain.alert import Alert, AlertStatus, Notification
from bot.domain.pager import Agent, PagerEvent, Told
from bot.sources.body import MAX_NAME_CHARS, Malformed, Texts, Unauthorized, decode
from bot.sources.pagerduty_pages import (
    DATA,
    Reference,
    ResolveReason,
    agent_of,
    merged_into,
    moment,
    note_of,
    people,
    told_by,
)

SOURCE = "pagerduty"
SIGNATURES_READ = 10
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME_CHARS)]
_STATUS = {
    "triggered": AlertStatus.FIRING,
    "acknowledged": AlertStatus.FIRING,
    "resolved": AlertStatus.RESOLVED,
}


class _Event(msgspec.Struct):
    id: _Id
    event_type: str
    occurred_at: _Moment
    data: msgspec.Raw
    agent: Reference | None = None


class _Webhook(msgspec.Struct):
    event: _Event


class _Typed(msgspec.Struct):
    type: str = ""


class _Incident(msgspec.Struct):
    id: _Id
    status: str
    title: str
    created_at: _Moment
    reopened_at: _Moment | None = None
    number: int | None = None
    urgency: str | None = None
    html_url: str | None = None
    incident_key: str | None = None
    priority: Reference | None = None
    service: Reference | None = None
    escalation_policy: Reference | None = None
    assignees: list[Reference] = msgspec.field(default_factory=list)
    resolve_reason: ResolveReason | None = None


_WEBHOOK = msgspec.json.Decoder(_Webhook)
_TYPED = msgspec.json.Decoder(_Typed)
_INCIDENT = msgspec.json.Decoder(_Incident)


def sign(body: bytes, secret: str) -> str:
    """HMAC-SHA256 of the raw body in hex, as PagerDuty sends it after `v1=`."""
    return hmac.digest(secret.encode(), body, "sha256").hex()


def verify(body: bytes, signatures: bytes, secrets: Sequence[str]) -> None:
    """`X-PagerDuty-Signature` over the raw body; while a secret is rotated any of several may fit.

    Raises Unauthorized. There is no time in the signature: a replay is met by the event's id.
    """
    if not signatures:
        raise Unauthorized("the X-PagerDuty-Signature header is missing")
    expected = [sign(body, secret).encode() for secret in secrets]
    given = [one.strip() for one in signatures.split(b",", SIGNATURES_READ)[:SIGNATURES_READ]]
    fits = [
        hmac.compare_digest(signature.removeprefix(b"v1="), right)
        for signature in given
        if signature.startswith(b"v1=")
        for right in expected
    ]
    if not any(fits):
        raise Unauthorized("no signature fits the body: check PAGERDUTY_WEBHOOK_SECRET")


def parse(body: bytes, own: str = "") -> Notification:
    """One event: an alert, what it tells of a page, or both; what is neither is accepted and noted.

    `own` begins the dedup keys of this bot's pages: what is told of one of those is no alert, for the trouble
    that it is about has an incident already. Raises Malformed naming the first field that is wrong.
    """
    event = decode(_WEBHOOK, body).event
    texts = Texts(body)
    key = f"{SOURCE}:{texts.text(event.id)}"
    kind = texts.text(event.event_type, MAX_NAME_CHARS)
    about = _type(event.data)
    if event.event_type.startswith("incident.") and about == "incident":
        incident = decode(_INCIDENT, bytes(event.data), DATA)
        alert = _alert(event, incident, texts)
        ours = bool(own) and (incident.incident_key or "").startswith(own)
        pager = _pager(key, event, incident, texts)
        if ours:
            return Notification((), receiver=kind, notes=texts.notes(), event_key=key, pager=pager)
        if pager is not None and pager.told is Told.TRIGGERED:
            pager = None  # the alert says all of it
        return Notification((alert,), receiver=kind, notes=texts.notes(), event_key=key, pager=pager)
    if event.event_type == "incident.annotated" and about == "incident_note":
        pager = note_of(key, event.occurred_at, bytes(event.data), _agent(event, texts), texts)
        return Notification((), receiver=kind, notes=texts.notes(), event_key=key, pager=pager)
    if event.event_type == "pagey.ping":
        return Notification((), receiver=kind, notes=("PagerDuty's ping arrived",), event_key=key)
    said = f"{kind} says nothing of an incident's state: accepted, not used"
    return Notification((), receiver=kind, notes=(said,), event_key=key)


def _type(data: msgspec.Raw) -> str:
    raw = bytes(data)
    return decode(_TYPED, raw, DATA).type if raw.startswith(b"{") else ""


def _agent(event: _Event, texts: Texts) -> Agent:
    return agent_of(event.agent, texts)


def _pager(key: str, event: _Event, incident: _Incident, texts: Texts) -> PagerEvent | None:
    told = told_by(event.event_type)
    if told is None:
        return None
    said = {
        Told.REASSIGNED: people(incident.assignees, texts),
        Told.ESCALATED: people(incident.assignees, texts),
        Told.DELEGATED: texts.text(_summary(incident.escalation_policy), MAX_NAME_CHARS),
        Told.PRIORITY: texts.text(_summary(incident.priority), MAX_NAME_CHARS),
    }
    return PagerEvent(
        key=key,
        told=told,
        occurred_at=moment(event.occurred_at),
        page=texts.text(incident.id, MAX_NAME_CHARS),
        page_key=texts.text(incident.incident_key or "", MAX_NAME_CHARS),
        agent=_agent(event, texts),
        text=said.get(told, ""),
        merged_into=merged_into(incident.resolve_reason),
        status=texts.text(incident.status, MAX_NAME_CHARS),
    )


def _alert(event: _Event, incident: _Incident, texts: Texts) -> Alert:
    status = _STATUS.get(incident.status)
    if status is None:
        known = "'triggered', 'acknowledged' and 'resolved'"
        raise Malformed("event.data.status", f"is {incident.status[:100]!r}; drbot knows {known}")
    # Who has it is no label: an alert that changes is judged anew, and told of anew.
    labels = {
        "alertname": incident.title or "untitled PagerDuty incident",
        "service": _summary(incident.service),
        "urgency": incident.urgency or "",
        "priority": _summary(incident.priority),
        "pagerduty_number": "" if incident.number is None else str(incident.number),
        "incident_key": incident.incident_key or "",
    }
    resolved = status is AlertStatus.RESOLVED
    return Alert(
        SOURCE,
        texts.text(incident.id, MAX_NAME_CHARS),
        status,
        _utc("event.data.created_at", _start(event, incident)),
        _utc("event.occurred_at", event.occurred_at) if resolved else None,
        texts.mapping({name: value for name, value in labels.items() if value}),
        texts.mapping({"summary": incident.title}),
        texts.text(incident.html_url or ""),
        texts.text(incident.id, MAX_NAME_CHARS),
    )


def _start(event: _Event, incident: _Incident) -> datetime:
    """A reopened incident is a new firing."""
    reopened = event.occurred_at if event.event_type == "incident.reopened" else None
    return incident.reopened_at or reopened or incident.created_at


def _summary(reference: Reference | None) -> str:
    return (reference.summary or "") if reference else ""


def _utc(field: str, moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise Malformed(field, f"{moment.isoformat()} is out of range") from error
