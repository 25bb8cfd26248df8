"""PagerDuty's events: signatures under rotation, incidents as alerts, the rest accepted and noted."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alert import AlertStatus, Notification
from bot.sources import pagerduty
from bot.sources.body import Malformed, Unauthorized


def event(kind: str, status: str = "triggered", **data: object) -> dict[str, Any]:
    """One event about one incident, with the fields that PagerDuty documents."""
    incident: dict[str, object] = {
        "type": "incident",
        "id": "Q1",
        "number": 7,
        "status": status,
        "title": "Checkout is slow",
        "urgency": "high",
        "priority": None,
        "service": {"id": "S1", "type": "service_reference", "summary": "API"},
        "created_at": "2026-11-23T01:59:00Z",
        "reopened_at": None,
        "html_url": "https://acme.example/incidents/Q1",
        "incident_key": "checkout",
        "assignees": [],
    }
    return {
        "event": {
            "id": "event-1",
            "event_type": kind,
            "resource_type": "incident",
            "occurred_at": "2026-11-23T02:30:00.123Z",
            "agent": None,
            "client": None,
            "data": incident | data,
        }
    }


def parsed(body: object) -> Notification:
    return pagerduty.parse(json.dumps(body).encode())


def refused_at(webhook: object) -> str:
    """The field that was refused, or nothing. Anything but Malformed falls over."""
    try:
        parsed(webhook)
    except Malformed as malformed:
        return malformed.field
    return ""


def sign(body: bytes, secret: str) -> bytes:
    return b"v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()


def test_any_of_several_signatures_may_fit_any_of_several_secrets() -> None:
    body = b'{"event": {}}'
    new, old, foreign = (sign(body, secret) for secret in ("new", "old", "foreign"))
    for header in (new, old, foreign + b", " + old, b"v2=00," + new):
        pagerduty.verify(body, header, ("new", "old"))
    for header in (b"", foreign, new[:-1], new[3:], b"v1=", b"v1=\xff", b"v2=" + new[3:]):
        with pytest.raises(Unauthorized):
            pagerduty.verify(body, header, ("new", "old"))
    with pytest.raises(Unauthorized):
        pagerduty.verify(body + b" ", new, ("new",))
    with pytest.raises(Unauthorized):
        pagerduty.verify(body, new, ())


def test_a_triggered_incident_is_a_firing_alert() -> None:
    notification = parsed(event("incident.triggered", priority={"summary": "P1"}))
    (alert,) = notification.alerts
    assert (alert.source, alert.fingerprint, alert.status) == ("pagerduty", "Q1", AlertStatus.FIRING)
    assert alert.starts_at == datetime(2026, 11, 23, 1, 59, tzinfo=UTC)
    assert alert.labels == {
        "alertname": "Checkout is slow",
        "service": "API",
        "urgency": "high",
        "priority": "P1",
        "pagerduty_status": "triggered",
        "pagerduty_number": "7",
        "incident_key": "checkout",
    }
    assert notification.event_key == "pagerduty:event-1"


def test_an_acknowledged_incident_still_fires_and_says_so() -> None:
    (alert,) = parsed(event("incident.acknowledged", "acknowledged")).alerts
    assert (alert.status, alert.labels["pagerduty_status"]) == (AlertStatus.FIRING, "acknowledged")


def test_a_resolved_incident_ended_when_the_event_occurred() -> None:
    (alert,) = parsed(event("incident.resolved", "resolved")).alerts
    assert alert.status is AlertStatus.RESOLVED
    assert alert.ends_at == datetime(2026, 11, 23, 2, 30, 0, 123000, UTC)


@pytest.mark.parametrize(("reopened_at", "hour"), [(None, 2), ("2026-11-23T05:00:00Z", 5)])
def test_a_reopened_incident_is_a_new_firing(reopened_at: str | None, hour: int) -> None:
    (alert,) = parsed(event("incident.reopened", reopened_at=reopened_at)).alerts
    assert alert.starts_at.hour == hour


@pytest.mark.parametrize(
    ("kind", "about"),
    [
        ("incident.annotated", "incident_note"),
        ("incident.responder.added", "incident_responder"),
        ("service.updated", "service"),
        ("incident.something_of_2030", "incident_something"),
    ],
)
def test_events_without_an_incidents_state_are_accepted_and_noted(kind: str, about: str) -> None:
    notification = parsed(event(kind, type=about, title=None))
    assert notification.alerts == ()
    assert kind in notification.notes[0]


def test_the_ping_is_answered() -> None:
    ping = event("pagey.ping")
    ping["event"]["data"] = {"message": "Hello", "type": "ping"}
    assert parsed(ping).alerts == ()


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({}, "event", "is missing"),
        ({"event": {}}, "event.id", "is missing"),
        (event("incident.triggered", "merged"), "event.data.status", "'merged'"),
        (event("incident.triggered", id=7), "event.data.id", "int"),
        (event("incident.triggered", created_at="now"), "event.data.created_at", "RFC3339"),
    ],
)
def test_what_is_wrong_is_named(body: object, field: str, words: str) -> None:
    with pytest.raises(Malformed) as raised:
        parsed(body)
    assert raised.value.field == field
    assert words in raised.value.message


@given(
    st.sampled_from(["id", "number", "status", "title", "priority", "service", "created_at", "type"]),
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.none(), max_size=2),
)
def test_no_shape_of_a_field_makes_it_fall_over(field: str, value: object) -> None:
    body = event("incident.triggered")
    body["event"]["data"][field] = value
    assert (refused_at(body) or "event.data").startswith("event.data")
