"""Alertmanager's bodies: what they mean, what is refused, and that nothing unstorable comes through."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alert import AlertStatus, Notification
from bot.sources import alertmanager
from bot.sources.body import MAX_ALERTS, MAX_LABELS, MAX_NAME_CHARS, MAX_VALUE_CHARS, Malformed, Unauthorized

WEBHOOKS = Path(__file__).parents[1] / "data" / "webhooks"


def read(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((WEBHOOKS / f"webhook_{name}.json").read_bytes())
    return loaded


def parsed(webhook: object) -> Notification:
    return alertmanager.parse(json.dumps(webhook).encode())


def refused_at(webhook: object) -> str:
    """The field that was refused, or nothing. Anything but Malformed falls over."""
    try:
        parsed(webhook)
    except Malformed as malformed:
        return malformed.field
    return ""


def with_alert(**changes: object) -> dict[str, Any]:
    """A webhook whose second alert is changed."""
    webhook = read("firing_two_alerts")
    webhook["alerts"][1] |= changes
    return webhook


def test_a_firing_alert_has_no_end_and_a_resolved_one_has() -> None:
    firing, over = (parsed(read(name)).alerts[0] for name in ("critical_firing", "critical_resolved"))
    assert (firing.status, firing.ends_at) == (AlertStatus.FIRING, None)
    assert over.status is AlertStatus.RESOLVED
    assert over.ends_at == datetime(2026, 11, 22, 22, 43, 51, 182000, UTC)
    assert firing.fingerprint == over.fingerprint


def test_a_partly_resolved_group_holds_both() -> None:
    states = [alert.status for alert in parsed(read("partially_resolved")).alerts]
    assert sorted(state.value for state in states) == ["firing", "resolved"]


def test_what_was_left_out_is_counted() -> None:
    notification = parsed(read("truncated_max_alerts_1"))
    assert (len(notification.alerts), notification.truncated) == (1, 2)


def test_fields_of_later_versions_are_ignored() -> None:
    assert parsed(read("firing_0_34")).alerts[0].name == "HighErrorRate"


def test_the_receivers_name_is_unquoted() -> None:
    assert parsed(read("watchdog") | {"receiver": "team\\.sre\\+a"}).receiver == "team.sre+a"


def test_times_of_any_zone_are_utc() -> None:
    alert = parsed(with_alert(startsAt="2026-11-22T22:42:28.123456789+02:00")).alerts[1]
    assert alert.starts_at == datetime(2026, 11, 22, 20, 42, 28, 123457, UTC)
    assert alert.starts_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("webhook", "field", "words"),
    [
        (read("watchdog") | {"version": "5", "status": "odd"}, "version", 'is "5"'),
        (read("watchdog") | {"version": 4}, "version", "is 4"),
        ({"alerts": []}, "version", "is missing"),
        (read("watchdog") | {"status": "paused"}, "status", "'paused'"),
        (with_alert(status="suppressed"), "alerts[1].status", "'suppressed'"),
        (with_alert(status=None), "alerts[1].status", "null"),
        (with_alert(fingerprint=""), "alerts[1].fingerprint", ">= 1"),
        (with_alert(startsAt="yesterday"), "alerts[1].startsAt", "RFC3339"),
        (with_alert(startsAt="2026-11-22T22:42:28"), "alerts[1].startsAt", "timezone"),
        (with_alert(startsAt="9999-12-31T23:59:59-05:00"), "alerts[1].startsAt", "out of range"),
        (with_alert(labels={"a": 1}), "alerts[1].labels[...]", "int"),
        (read("watchdog") | {"truncatedAlerts": -1}, "truncatedAlerts", ">= 0"),
        (read("watchdog") | {"alerts": read("watchdog")["alerts"] * (MAX_ALERTS + 1)}, "alerts", "at most"),
    ],
)
def test_what_is_wrong_is_named(webhook: object, field: str, words: str) -> None:
    with pytest.raises(Malformed) as raised:
        parsed(webhook)
    assert raised.value.field == field
    assert words in raised.value.message


def test_a_missing_field_is_named_where_it_is_missing() -> None:
    webhook = read("firing_two_alerts")
    del webhook["alerts"][1]["labels"]
    with pytest.raises(Malformed, match="is missing") as raised:
        parsed(webhook)
    assert raised.value.field == "alerts[1].labels"


def test_long_texts_are_clipped_with_a_word_about_it() -> None:
    notification = parsed(with_alert(annotations={"summary": "x" * 100_000}, labels={"y" * 999: "z"}))
    summary = notification.alerts[1].summary
    assert len(summary) == MAX_VALUE_CHARS
    assert summary.endswith("… [clipped, 100000 characters]")
    assert max(map(len, notification.alerts[1].labels)) == MAX_NAME_CHARS
    assert notification.notes == ("2 texts were longer than drbot keeps and were clipped",)


_text = st.text(st.characters(codec=None), max_size=12)


@given(st.dictionaries(_text, _text, max_size=5), st.booleans())
def test_whatever_json_can_hold_can_be_stored(labels: dict[str, str], escaped: bool) -> None:
    """NUL and halves of surrogate pairs become U+FFFD; everything else arrives as it was sent."""
    body = json.dumps(with_alert(labels=labels), ensure_ascii=escaped)
    try:
        raw = body.encode()
    except UnicodeEncodeError:
        raw = body.encode("utf-8", "surrogatepass")  # no JSON at all then: refused, not stored
        with pytest.raises(Malformed):
            alertmanager.parse(raw)
        return
    alert = alertmanager.parse(raw).alerts[1]
    text = "".join((*alert.labels, *alert.labels.values()))
    assert "\0" not in text
    text.encode()  # raises for half a surrogate pair
    storable = "".join((*labels, *labels.values()))
    if "\0" not in storable and not any(0xD800 <= ord(char) <= 0xDFFF for char in storable):
        assert dict(alert.labels) == labels


@given(st.binary(max_size=200))
def test_no_bytes_make_it_fall_over(body: bytes) -> None:
    with pytest.raises(Malformed):
        alertmanager.parse(body)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["version", "status", "alerts", "receiver", "groupKey", "truncatedAlerts"]), _json)
def test_no_shape_of_a_field_makes_it_fall_over(field: str, value: object) -> None:
    assert (refused_at(read("watchdog") | {field: value}) or field).startswith(field)


@given(st.sampled_from(["status", "labels", "annotations", "startsAt", "endsAt", "fingerprint"]), _json)
def test_no_shape_of_an_alerts_field_makes_it_fall_over(field: str, value: object) -> None:
    where = f"alerts[1].{field}"
    assert (refused_at(with_alert(**{field: value})) or where).startswith(where)


def test_only_the_right_token_comes_in() -> None:
    alertmanager.verify(b"Bearer local-token", "local-token")
    alertmanager.verify(b"bearer  local-token", "local-token")
    alertmanager.verify(b"", "")
    for wrong in (b"", b"local-token", b"Basic local-token", b"Bearer local-toke", b"Bearer \xff"):
        with pytest.raises(Unauthorized) as raised:
            alertmanager.verify(wrong, "local-token")
        assert "local-token" not in str(raised.value)


def test_more_labels_than_are_kept_cost_the_rest_and_not_the_alert() -> None:
    many = {f"l{number}": "x" for number in range(10_000)} | {"alertname": "Wide", "env": "production"}
    notification = parsed(with_alert(labels=many))
    labels = notification.alerts[1].labels
    assert (len(labels), labels["alertname"], labels["env"]) == (MAX_LABELS, "Wide", "production")
    assert any("left out" in note for note in notification.notes)
