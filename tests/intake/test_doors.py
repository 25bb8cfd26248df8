"""What the outside is told when things are not well, behind the wrong doors, and of health."""

from __future__ import annotations

import json
import socket
import threading

import httpx
import pytest

from bot.intake import Intake
from bot.metrics import Metrics
from bot.web import refuse_open_listen
from tests.intake.desk import Desk
from tests.intake.webs import FIRING, TOKEN, Web, serve_web
from tests.real.processes import wait_for


@pytest.mark.disaster(46)
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
    with serve_web(desk, Metrics(), TOKEN, intake) as web:
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
