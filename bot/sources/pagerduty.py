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
from bot.sources.body import MAX_NAME_CHARS, Malformed, Texts, Unauthorized, decode

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


class _Webhook(msgspec.Struct):
    event: _Event


class _Typed(msgspec.Struct):
    type: str = ""


class _Reference(msgspec.Struct):
    summary: str | None = None


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
    priority: _Reference | None = None
    service: _Reference | None = None


_WEBHOOK = msgspec.json.Decoder(_Webhook)
_TYPED = msgspec.json.Decoder(_Typed)
_DATA = "event.data"
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


def parse(body: bytes) -> Notification:
    """One event. What says nothing of an incident's state is accepted and noted.

    Raises Malformed naming the first field that is wrong.
    """
    event = decode(_WEBHOOK, body).event
    texts = Texts(body)
    key = f"{SOURCE}:{texts.text(event.id)}"
    kind = texts.text(event.event_type, MAX_NAME_CHARS)
    if event.event_type.startswith("incident.") and _type(event.data) == "incident":
        alert = _alert(event, texts)
        return Notification((alert,), receiver=kind, notes=texts.notes(), event_key=key)
    if event.event_type == "pagey.ping":
        return Notification((), receiver=kind, notes=("PagerDuty's ping arrived",), event_key=key)
    said = f"{kind} says nothing of an incident's state: accepted, not used"
    return Notification((), receiver=kind, notes=(said,), event_key=key)


def _type(data: msgspec.Raw) -> str:
    raw = bytes(data)
    return decode(_TYPED, raw, _DATA).type if raw.startswith(b"{") else ""


def _alert(event: _Event, texts: Texts) -> Alert:
    incident = decode(_INCIDENT, bytes(event.data), _DATA)
    status = _STATUS.get(incident.status)
    if status is None:
        known = "'triggered', 'acknowledged' and 'resolved'"
        raise Malformed("event.data.status", f"is {incident.status[:100]!r}; drbot knows {known}")
    labels = {
        "alertname": incident.title or "untitled PagerDuty incident",
        "service": _summary(incident.service),
        "urgency": incident.urgency or "",
        "priority": _summary(incident.priority),
        "pagerduty_status": incident.status,
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


def _summary(reference: _Reference | None) -> str:
    return (reference.summary or "") if reference else ""


def _utc(field: str, moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise Malformed(field, f"{moment.isoformat()} is out of range") from error
