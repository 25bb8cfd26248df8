"""The world the other tests stand on: a Compose project, really there, and gone afterwards."""

from __future__ import annotations

import threading
import time

import pytest
import requests

from tests.real.docker import belezza_project
from tests.real.processes import wait_for


def test_three_replicas_are_up_quickly_and_all_serve() -> None:
    started = time.monotonic()
    with belezza_project(replicas=3) as made:
        took_s = time.monotonic() - started
        wait_for("an answer of each", lambda: len({made.at_edge() for _ in range(12)}) == 3)
        assert requests.get(f"{made.url}/actuator/health", timeout=5).json()["status"] == "UP"
        assert requests.get(f"{made.url}/actuator/metrics/nothing", timeout=5).status_code == 404
        assert requests.post(f"{made.url}/api/auth/login", json={}, timeout=5).ok
        dump = requests.get(f"{made.url}/actuator/heapdump", timeout=10).content
        assert len(dump) == 4_000_000
        assert dump.startswith(b"JAVA PROFILE 1.0.2\0")
        client, name = made.client, made.name
        left = client.containers.list(all=True, filters={"label": f"com.docker.compose.project={name}"})
        assert len(left) == 4
    assert took_s < 20


def test_a_replica_that_is_told_to_end_answers_first() -> None:
    with belezza_project(services=("api",)) as made:
        replica, url = made.replica("api"), made.api_url()
        answers: list[int] = []

        def ask() -> None:
            answers.append(requests.get(f"{url}/test/slow?ms=700", timeout=5).status_code)

        asking = threading.Thread(target=ask)
        asking.start()
        wait_for("the request", lambda: _busy(url))
        replica.stop(timeout=10)
        asking.join(10)
        replica.reload()
        assert answers == [200]
        assert replica.attrs["State"]["ExitCode"] == 0


def _busy(url: str) -> bool:
    time.sleep(0.2)
    return requests.get(url, timeout=5).ok


@pytest.mark.parametrize(("how", "health"), [("down", "unhealthy"), ("crash", "restarting")])
def test_a_spoiled_replica_does_not_come_back_well(how: str, health: str) -> None:
    with belezza_project(services=("api",), interval_s=0.2) as made:
        made.spoil(1, how)
        replica = made.replica("api")
        replica.restart(timeout=5)
        wait_for(health, lambda: made.health(replica) in (health, "exited"))


def test_docker_compose_brings_up_the_database_alone_and_then_the_rest() -> None:
    with belezza_project(services=()) as made:
        made.compose("up", "-d", "db")
        made.wait_healthy("db")
        assert [one.labels["com.docker.compose.service"] for one in made.containers()] == ["db"]
        made.compose("up", "-d", "--scale", "api=2")
        made.wait_healthy()
        assert requests.get(f"{made.url}/actuator/health", timeout=5).json()["status"] == "UP"
        assert len(made.containers("api")) == 2
