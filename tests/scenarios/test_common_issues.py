"""Section 7.1, common issues: high CPU, high memory, pool exhaustion; and an alert hushed from its card."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from actions.tools.aws.s3 import Bucket
from tests.real import alertmanager
from tests.real.docker import absent, belezza_project
from tests.real.dumps import dump_bucket, kept
from tests.real.s3 import moto
from tests.scenarios.night import VERIFIED, Night, one_night

ABSENT = absent() or alertmanager.absent()
pytestmark = [
    pytest.mark.xdist_group("night-issues"),
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(ABSENT), reason=ABSENT),
]
EASE = "http://127.0.0.1:8080/test/metrics?jvm.memory.used=200000000"


@pytest.fixture(scope="module")
def heaps() -> Iterator[Bucket]:
    with moto() as server:
        yield dump_bucket(server.endpoint_url)


@pytest.fixture(scope="module")
def night(heaps: Bucket) -> Iterator[Night]:
    with belezza_project(replicas=1, services=("api", "nginx")) as belezza:
        application = {
            "actuator": f"{belezza.url}/actuator",
            "service": "api",
            "collect": ["busybox", "wget", "-q", "-O", "-", "--post-data=", EASE],
            "heap_dumps": {"bucket": heaps.name, "prefix": "production/"},
        }
        more = {
            "AWS_ENDPOINT_URL": str(heaps.endpoint_url),
            "AWS_ACCESS_KEY_ID": str(heaps.access_key),
            "AWS_SECRET_ACCESS_KEY": str(heaps.secret_key),
        }
        with one_night(belezza, {"application": application}, more) as made:
            yield made


def test_high_cpu_is_scaled_out(night: Night) -> None:
    _measures(night, "system.cpu.usage", 0.97)
    card = night.alert("HighCpuUsage", "CPU usage on api is 97%", job="api", instance="api:8080")
    card = night.wait_for_words(card, "Looked by itself", "97")
    night.press(night.cast.ana, card, "Runbook: High CPU Usage")
    scaled = night.approve(card, "Scale")
    assert VERIFIED in scaled.words
    night.in_thread(card, "Runbook: High CPU Usage", "✓  3.", "3 of 3 steps held")
    night.belezza.wait_healthy()
    assert len(night.belezza.containers("api")) == 3
    answering = {night.belezza.at_edge() for _ in range(60)}
    assert len(answering) == 3


def test_high_memory_is_collected_and_dumped_where_it_is_encrypted(night: Night, heaps: Bucket) -> None:
    _measures(night, "jvm.memory.used", 1_050_000_000)
    card = night.alert("HighMemoryUsage", "JVM heap memory at 98% on api", job="api", instance="api:8080")
    card = night.wait_for_words(card, "Looked by itself")
    night.press(night.cast.ana, card, "Runbook: High Memory Usage")
    collected = night.approve(card, "garbage")
    assert VERIFIED in collected.words
    dumped = night.approve(card, "heap dump")
    assert VERIFIED in dumped.words
    night.in_thread(card, "Runbook: High Memory Usage", "✓  3.", "3 of 3 steps held")
    assert len(kept(heaps)) == 1


def test_an_alert_is_hushed_from_its_card_and_heard_again(night: Night) -> None:
    card = night.alert("DiskSpaceLow", "Disk 91% full on server", job="node", instance="server:9100")
    night.press(night.cast.ana, card, "Silence 1 h")
    hushed = night.approve(card, "Silence")
    assert VERIFIED in hushed.words
    assert _state(night, "DiskSpaceLow") == "suppressed"
    night.press(night.cast.ana, hushed, "Undo")
    night.approve(card, "Undo")
    assert night.cast.ana.wait_for(lambda: _state(night, "DiskSpaceLow") == "active", 30)


def _measures(night: Night, metric: str, value: float) -> None:
    for one in night.belezza.containers("api"):
        url = f"http://{night.belezza.address(one)}:8080/test/metrics?{metric}={value}"
        requests.post(url, timeout=5).raise_for_status()


def _state(night: Night, name: str) -> str:
    found = requests.get(
        f"{night.monitor.url}/api/v2/alerts", params={"filter": f'alertname="{name}"'}, timeout=5
    )
    return str(found.json()[0]["status"]["state"])
