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
from bot.domain.pager import Agent, PagerEvent, Told
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
        "pagerduty_number": "7",
        "incident_key": "checkout",
    }
    assert notification.event_key == "pagerduty:event-1"


ANA = {"id": "PANA", "type": "user_reference", "summary": "Ana Souza"}


def pages(kind: str, status: str = "triggered", agent: object = None, own: str = "", **data: object) -> Any:
    body = event(kind, status, **data)
    body["event"]["agent"] = agent
    return pagerduty.parse(json.dumps(body).encode(), own)


def test_an_acknowledged_incident_still_fires_and_somebody_has_its_page() -> None:
    told = pages("incident.acknowledged", "acknowledged", ANA)
    (alert,) = told.alerts
    (before,) = pages("incident.triggered").alerts
    assert alert == before, "who has it is no news of the alert"
    assert told.pager == PagerEvent(
        "pagerduty:event-1",
        Told.ACKNOWLEDGED,
        "2026-11-23T02:30:00.123000+00:00",
        "Q1",
        "checkout",
        Agent("PANA", "Ana Souza", "", True),
        status="acknowledged",
    )


@pytest.mark.parametrize("told", [told for told in Told if told is not Told.ANNOTATED])
def test_what_is_told_of_our_own_page_is_never_an_alert(told: Told) -> None:
    ours = pages(f"incident.{told.value}", own="drbot-1a2b3c4d-", incident_key="drbot-1a2b3c4d-INC-7")
    assert (ours.alerts, ours.pager.told, ours.pager.page_key) == ((), told, "drbot-1a2b3c4d-INC-7")
    for key in ("drbot-99999999-INC-7", None):
        assert len(pages(f"incident.{told.value}", own="drbot-1a2b3c4d-", incident_key=key).alerts) == 1


def test_a_note_names_its_page_and_its_writer() -> None:
    note: dict[str, Any] = {"type": "incident_note", "id": "N1", "content": "on it", "trimmed": False}
    told = pages("incident.annotated", agent=ANA, incident={"id": "Q1", "type": "incident_reference"}, **note)
    assert (told.alerts, told.pager.page, told.pager.text) == ((), "Q1", "on it")
    assert told.pager.agent.name == "Ana Souza"


@pytest.mark.parametrize(
    ("agent", "person"),
    [
        (None, False),
        (ANA, True),
        ({"id": "P1", "type": "inbound_integration_reference", "summary": "Events API"}, False),
        ({"id": "P1", "type": "user", "summary": None, "email": "ana@example.org"}, True),
    ],
)
def test_only_a_user_is_a_person(agent: object, person: bool) -> None:
    assert pages("incident.resolved", "resolved", agent).pager.agent.person is person


def test_whom_a_page_went_to_and_where_it_was_merged() -> None:
    assert pages("incident.escalated", assignees=[ANA, {"id": "PX"}]).pager.text == "Ana Souza, PX"
    assert pages("incident.priority_updated", priority={"summary": "P1"}).pager.text == "P1"
    reason = {"type": "merge_resolve_reason", "incident": {"id": "Q9"}}
    assert pages("incident.resolved", "resolved", resolve_reason=reason).pager.merged_into == "Q9"
    assert pages("incident.resolved", "resolved", resolve_reason=None).pager.merged_into == ""


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
        ("incident.status_update_published", "incident_status_update"),
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
    st.sampled_from(["id", "number", "status", "title", "priority", "service", "created_at", "type"])
    | st.sampled_from(["assignees", "resolve_reason", "incident_key", "escalation_policy"]),
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.none(), max_size=2),
)
def test_no_shape_of_a_field_makes_it_fall_over(field: str, value: object) -> None:
    for kind in ("incident.triggered", "incident.resolved", "incident.reassigned"):
        body = event(kind)
        body["event"]["data"][field] = value
        assert (refused_at(body) or "event.data").startswith("event.data")


@given(
    st.sampled_from(["id", "incident", "content"]),
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.none(), max_size=2),
)
def test_no_shape_of_a_note_makes_it_fall_over(field: str, value: object) -> None:
    body = event("incident.annotated", type="incident_note", incident={"id": "Q1"}, content="x")
    body["event"]["data"][field] = value
    assert (refused_at(body) or "event.data").startswith("event.data")
