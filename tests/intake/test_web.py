"""Webhooks over real HTTP: who is let in, what is stored, what is refused in which words."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
from collections.abc import Iterator

import httpx
import pytest

from bot.sources.body import MAX_BODY_BYTES
from tests.intake.webs import BEARER, FIRING, SECRETS, TOKEN, WEBHOOKS, Web
from tests.real.processes import wait_for


def test_real_webhooks_are_stored_before_they_are_answered(web: Web) -> None:
    for path in sorted(WEBHOOKS.glob("*.json")):
        answer = web.alert(path.read_bytes())
        assert answer.status_code == 200, path.name
        seen = json.loads(path.read_bytes())["alerts"]
        assert sum(answer.json()[kind] for kind in ("new", "changed", "repeated")) == len(seen)
    fingerprints = {
        alert["fingerprint"]
        for path in WEBHOOKS.glob("*.json")
        for alert in json.loads(path.read_bytes())["alerts"]
    }
    rows = web.desk.store.read("SELECT fingerprint FROM alerts")
    assert {row[0] for row in rows} == fingerprints


@pytest.mark.parametrize(
    "headers", [{"Authorization": ""}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic eA=="}]
)
def test_without_the_right_token_nothing_is_read_or_stored(web: Web, headers: dict[str, str]) -> None:
    answer = web.alert(FIRING, **headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert TOKEN not in answer.text
    assert web.stored() == 0


def test_without_a_token_this_machine_may_post_but_no_page_in_its_browser(open_web: Web) -> None:
    post = open_web.http.post
    refused = post("/webhooks/alertmanager", content=FIRING, headers={"Origin": "https://evil.example"})
    assert (refused.status_code, open_web.stored()) == (403, 0)
    assert post("/webhooks/alertmanager", content=FIRING).status_code == 200


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        (b"", "", "not JSON"),
        (b"{", "", "not JSON"),
        (b"\xff\xfe", "", "not JSON"),
        (b"[]", "", "object"),
        (b'{"version": "5"}', "version", '"5"'),
        (b'{"version": "4", "status": "firing"}', "alerts", "missing"),
        (FIRING.replace(b'"firing"', b'"suppressed"'), "status", "suppressed"),
        (b'{"version":"4","status":"firing","alerts":[],"x":' + b"[" * 100_000, "", "not JSON"),
    ],
)
def test_what_cannot_be_read_is_a_400_that_names_it(web: Web, body: bytes, field: str, words: str) -> None:
    answer = web.alert(body)
    assert answer.status_code == 400
    assert field in answer.json()["field"]
    assert words in answer.json()["error"]
    assert "Traceback" not in answer.text
    assert web.stored() == 0


def test_hostile_texts_are_stored_and_said_to_be_changed(web: Web) -> None:
    webhook = json.loads(FIRING)
    webhook["alerts"][0]["labels"] |= {"evil": "<!channel> {{ x }} {0.__class__} &\u202e", "nul": "a\0b"}
    webhook["alerts"][1]["annotations"]["summary"] = "x" * 100_000
    webhook["alerts"][1]["labels"]["half"] = "\ud83d"
    answer = web.alert(json.dumps(webhook).encode())
    assert answer.status_code == 200
    assert len(answer.json()["notes"]) == 2
    stored = "".join(row[0] for row in web.desk.store.read("SELECT labels || annotations FROM alerts"))
    assert "<!channel> {{ x }} {0.__class__} &\u202e" in stored
    assert "\0" not in stored
    assert len(stored) < 20_000


def test_ten_thousand_labels_cost_the_rest_and_no_alert(web: Web) -> None:
    webhook = json.loads(FIRING)
    webhook["alerts"][1]["labels"] = {f"l{number}": "x" for number in range(10_000)}
    answer = web.alert(json.dumps(webhook).encode())
    assert answer.status_code == 200
    assert "left out" in answer.text
    assert web.desk.store.read("SELECT COUNT(*) FROM alerts")[0][0] == len(webhook["alerts"])


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_is_a_413_and_the_server_lives(web: Web, chunked: bool) -> None:
    body = b" " * (2 * MAX_BODY_BYTES)

    def parts() -> Iterator[bytes]:
        for start in range(0, len(body), 100_000):
            yield body[start : start + 100_000]

    try:
        answer = web.http.post("/webhooks/alertmanager", content=parts() if chunked else body, headers=BEARER)
        assert answer.status_code == 413
    except httpx.WriteError:
        pass  # the server had hung up before all of it was written
    assert web.alert(FIRING).status_code == 200


def test_more_bodies_at_once_than_memory_is_set_aside_for_are_asked_to_come_again(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.webhooks.BODIES_BYTES", 10_000)
    head = f"POST /webhooks/alertmanager HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
    with socket.create_connection(("127.0.0.1", web.port)) as slow:
        slow.sendall(f"{head}Content-Length: 9999\r\n\r\n{{".encode())
        wait_for("the slow sender to be seen", lambda: web.alert(FIRING).status_code == 503)
    wait_for("its room to be given back", lambda: web.alert(FIRING).status_code == 200)


def test_a_large_body_within_the_limit_is_taken(web: Web) -> None:
    webhook = json.loads(FIRING)
    first = webhook["alerts"][0]
    webhook["alerts"] = [first | {"fingerprint": f"{number:016x}"} for number in range(6_000)]
    answer = web.alert(json.dumps(webhook).encode())
    assert answer.json() == {"new": 6_000, "changed": 0, "repeated": 0}


def signed(body: bytes, secret: str) -> str:
    return "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


PAGE = {
    "event": {
        "id": "event-1",
        "event_type": "incident.triggered",
        "resource_type": "incident",
        "occurred_at": "2026-11-23T02:00:00.000Z",
        "data": {
            "type": "incident",
            "id": "Q1",
            "number": 7,
            "status": "triggered",
            "title": "Checkout is slow",
            "urgency": "high",
            "priority": {"summary": "P1"},
            "service": {"summary": "API"},
            "created_at": "2026-11-23T01:59:00Z",
            "html_url": "https://acme.example/incidents/Q1",
        },
    }
}


def test_pagerduty_is_let_in_by_any_signature_that_fits_and_an_event_counts_once(web: Web) -> None:
    body = json.dumps(PAGE).encode()

    def post(signature: str) -> httpx.Response:
        return web.http.post(
            "/webhooks/pagerduty", content=body, headers={"X-PagerDuty-Signature": signature}
        )

    assert post("").status_code == 401
    assert post(signed(body, "nonsense")).status_code == 401
    assert post(signed(body + b" ", SECRETS[0])).status_code == 401
    assert web.stored() == 0
    assert post(f"v1=00, {signed(body, SECRETS[1])}").json() == {"new": 1, "changed": 0, "repeated": 0}
    assert post(signed(body, SECRETS[0])).json() == {"new": 0, "changed": 0, "repeated": 1}
