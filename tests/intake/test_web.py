"""The outside over real HTTP: who is let in, what is refused in which words, what is said of health."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bot.exchange import Receive, Scope, Send, answer_json
from bot.intake import Intake
from bot.metrics import Metrics
from bot.sources.body import MAX_BODY_BYTES
from bot.store.health import check
from bot.web import create_web, refuse_open_listen
from tests.intake.conftest import Desk
from tests.intake.served import served
from tests.real.processes import wait_for

TOKEN = "local-token"
SECRETS = ("local-secret", "older-secret")
WEBHOOKS = Path(__file__).parents[1] / "data" / "webhooks"
FIRING = (WEBHOOKS / "webhook_firing_two_alerts.json").read_bytes()
BEARER = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}


@dataclass(frozen=True)
class Web:
    """The served app, its client, and what tests turn."""

    http: httpx.Client
    port: int
    desk: Desk
    said: dict[str, str]

    def alert(self, body: bytes, **headers: str) -> httpx.Response:
        return self.http.post("/webhooks/alertmanager", content=body, headers=BEARER | headers)

    def stored(self) -> int:
        return int(self.desk.store.read("SELECT COUNT(*) FROM alerts")[0][0])


async def slack(_scope: Scope, _receive: Receive, send: Send) -> None:
    await answer_json(send, 200, {"slack": True})


@pytest.fixture
def open_web(desk: Desk) -> Iterator[Web]:
    """Without a token."""
    with _web(desk, Metrics(), token="") as web:
        yield web


@pytest.fixture
def web(desk: Desk) -> Iterator[Web]:
    with _web(desk, Metrics(), token=TOKEN) as served_web:
        yield served_web


def _web(desk: Desk, metrics: Metrics, token: str, intake: Intake | None = None) -> _Opened:
    return _Opened(desk, metrics, token, intake or Intake(desk.store, metrics.committed))


class _Opened(ExitStack):
    def __init__(self, desk: Desk, metrics: Metrics, token: str, intake: Intake) -> None:
        super().__init__()
        self._parts = (desk, metrics, token, intake)

    def __enter__(self) -> Web:  # type: ignore[override]  # what it opens is the web
        desk, metrics, token, intake = self._parts
        said = {"slack": ""}
        app = create_web(
            intake,
            metrics,
            webhook_token=token,
            pagerduty_secrets=SECRETS,
            checks={"store": lambda: check(desk.store), "slack": lambda: said["slack"]},
            slack_handler=slack,
        )
        port = self.enter_context(served(app))
        http = self.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20))
        return Web(http, port, desk, said)


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


def test_ten_thousand_labels_are_refused_by_name(web: Web) -> None:
    webhook = json.loads(FIRING)
    webhook["alerts"][1]["labels"] = {f"l{number}": "x" for number in range(10_000)}
    answer = web.alert(json.dumps(webhook).encode())
    assert (answer.status_code, answer.json()["field"]) == (400, "alerts[1].labels")


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


def test_a_store_that_cannot_write_is_a_503_with_retry_after_and_readyz_names_it(web: Web) -> None:
    web.said["slack"] = "no answer from Slack"
    pages = web.desk.store.read("PRAGMA page_count")[0][0]
    web.desk.store.write(lambda tx: tx.run(f"PRAGMA max_page_count = {pages}"))
    large = json.loads(FIRING)
    large["alerts"] = [large["alerts"][0] | {"fingerprint": f"f{number}"} for number in range(200)]
    answer = web.alert(json.dumps(large).encode())
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "full" in answer.json()["error"]
    ready = web.http.get("/readyz")
    assert ready.status_code == 503
    assert "full" in ready.json()["store"]
    assert ready.json()["slack"] == "no answer from Slack"
    assert web.http.get("/healthz").status_code == 200
    web.desk.store.write(lambda tx: tx.run("PRAGMA max_page_count = 1000000"))
    web.said["slack"] = ""
    assert web.alert(json.dumps(large).encode()).status_code == 200
    assert web.http.get("/readyz").json() == {"ready": True, "store": "ok", "slack": "ok"}


def test_too_much_waiting_is_a_503(desk: Desk) -> None:
    gate = threading.Event()
    intake = Intake(desk.store, waiting_limit=1)
    with _web(desk, Metrics(), TOKEN, intake) as web:
        desk.store.submit(lambda tx: gate.wait(20))
        answers: list[httpx.Response] = []
        first = threading.Thread(target=lambda: answers.append(web.alert(FIRING)))
        first.start()
        wait_for("the first to be taken", lambda: intake.waiting > 0)
        second = web.alert(FIRING)
        gate.set()
        first.join(20)
    assert second.status_code == 503
    assert "wait to be stored" in second.json()["error"]
    assert [answer.status_code for answer in answers] == [200]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/webhooks/alertmanager", 405),
        ("POST", "/metrics", 405),
        ("DELETE", "/slack/events", 405),
        ("GET", "/", 404),
        ("POST", "/webhooks/other", 404),
    ],
)
def test_wrong_doors_are_said_in_json(web: Web, method: str, path: str, status: int) -> None:
    answer = web.http.request(method, path)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert ("allow" in answer.headers) == (status == 405)


def test_slack_is_mounted_and_heads_have_no_body(web: Web) -> None:
    assert web.http.post("/slack/events").json() == {"slack": True}
    assert web.http.head("/healthz").content == b""


def test_metrics_count_what_was_taken(web: Web) -> None:
    web.alert(FIRING)
    web.alert(FIRING)
    web.alert(b"{")
    text = web.http.get("/metrics").text
    for line in (
        'drbot_alerts_total{result="new"} 2.0',
        'drbot_alerts_total{result="repeated"} 2.0',
        'drbot_webhooks_total{source="alertmanager",status="200"} 2.0',
        'drbot_webhooks_total{source="alertmanager",status="400"} 1.0',
        "drbot_waiting_alerts 0.0",
        "drbot_commit_alerts_sum 4.0",
    ):
        assert line in text


def test_a_sender_that_hangs_up_half_way_stores_nothing_and_harms_nobody(web: Web) -> None:
    with socket.create_connection(("127.0.0.1", web.port)) as sender:
        head = f"POST /webhooks/alertmanager HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
        sender.sendall(head.encode() + f"Content-Length: {len(FIRING)}\r\n\r\n".encode() + FIRING[:100])
    assert web.alert(b"{").status_code == 400
    assert web.stored() == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"])
def test_loopback_needs_no_token(host: str) -> None:
    refuse_open_listen(host, "")


@pytest.mark.parametrize("host", ["0.0.0.0", "", "::", "10.0.0.1", "drbot.example"])
def test_elsewhere_is_refused_without_a_token(host: str) -> None:
    refuse_open_listen(host, TOKEN)
    with pytest.raises(ValueError, match="DR_WEBHOOK_TOKEN"):
        refuse_open_listen(host, "")
