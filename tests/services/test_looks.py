"""The looks on a real engine: what they show, what they leave out, what they hide."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from actions.failures import Refused, Transient
from actions.plan import AnyAction, Context
from actions.services.containers import look_at_containers, look_at_logs, look_at_usage
from actions.tools.containers.logs import _told_lines, unframed
from actions.tools.containers.usage import usage_of
from tests.actions.running import planned, run
from tests.real.docker import belezza_project
from tests.real.processes import wait_for
from tests.real.proxy import proxy
from tests.services.conftest import PLACE, tools_for

NEVER: Any = {"Name": "no"}  # its published type wants a count, which the engine does not
LOOKS = (look_at_containers, look_at_logs, look_at_usage)


def test_containers_sick_first_and_why_one_ended() -> None:
    with belezza_project(replicas=2) as made:
        made.spoil(2, "crash")
        made.replica("api", 2).update(restart_policy=NEVER)
        made.replica("api", 2).restart(timeout=5)
        wait_for("its end", lambda: made.health(made.replica("api", 2)) == "exited")
        _, plan = planned(look_at_containers, tools_for(made), environment=PLACE)
        found = run(plan, tools_for(made), 1)[-1]
    first = next(iter(found.values))
    assert found.said.startswith("2 of 3 containers were well: ")
    assert found.light == "amber"
    assert first.endswith("_api_2")
    assert found.values[first].startswith("exited (exit code 1), last started")
    assert "belezza-api:" in found.values[first]


def test_logs_of_all_replicas_in_one_order_without_secrets() -> None:
    with belezza_project(replicas=2) as made:
        for number in range(30):
            requests.get(f"{made.url}/order/{number}?password=hunter2hunter2", timeout=5)
        tools = tools_for(made)
        _, plan = planned(look_at_logs, tools, environment=PLACE, service="api", lines=20)
        wait_for("the last line", lambda: "/order/29?" in str(run(plan, tools, 1)[-1]))
        found = run(plan, tools, 1)[-1]
    lines = list(found.values.values())
    noted = [name.split()[1] for name in found.values]  # as the engine noted them: it may hear one late
    asked = {int(line.split("/order/")[1].split("?")[0]) for line in lines if "/order/" in line}
    assert len(lines) == 20
    assert noted == sorted(noted)
    assert asked <= set(range(5, 30))
    assert 29 in asked
    assert "hunter2" not in str(found)
    assert {name.rsplit("_", 1)[-1] for name in found.values} == {"1", "2"}


def test_usage_names_who_takes_most() -> None:
    with belezza_project(replicas=2) as made:
        _, plan = planned(look_at_usage, tools_for(made), environment=PLACE)
        found = run(plan, tools_for(made), 1)[-1]
        assert set(found.values) == {one.name for one in made.containers()}
    assert "took most: CPU" in found.said
    assert all("MiB" in value and "processes" in value for value in found.values.values())


@pytest.mark.parametrize("look", LOOKS, ids=[look.name for look in LOOKS])
def test_an_engine_that_is_gone_late_or_forbids(look: AnyAction) -> None:
    given_to = {"environment": PLACE, "service": "api"}
    with belezza_project(services=("api",)) as made, proxy(made.engine.removeprefix("unix://")) as way:
        tools = tools_for(made, f"tcp://127.0.0.1:{way.port}")
        _, plan = planned(look, tools, **given_to)
        guard = plan.before[0]
        with way.refuse(), pytest.raises(Transient, match="does not answer"):
            guard.do(Context(tools, 1))
        with way.hang(), pytest.raises(Transient, match="answers too late"):
            guard.do(Context(tools, 1))
        with way.answer(403, b'{"message": "no"}'), pytest.raises(Refused, match=r"may not|permit"):
            guard.do(Context(tools, 1))
        with pytest.raises(Refused, match=r"no container of a service 'web'.*it has api"):
            planned(look, tools, environment=PLACE, service="web")


@pytest.mark.parametrize("lines", ["0", "41", "many"])
def test_lines_are_bounded(lines: str) -> None:
    with pytest.raises(ValueError, match=r"lines|int"):
        look_at_logs.read_params({"environment": PLACE, "service": "api", "lines": lines})


@given(
    st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=200)), max_size=20), st.binary(max_size=20)
)
def test_frames_give_back_what_was_written(parts: list[tuple[int, bytes]], torn: bytes) -> None:
    written = b"".join(bytes([kind, 0, 0, 0]) + len(text).to_bytes(4, "big") + text for kind, text in parts)
    assert unframed(written) == b"".join(text for _, text in parts)
    unframed(torn + written)  # whatever comes, it ends


@given(st.lists(st.text(st.characters(exclude_characters="-"), max_size=40), max_size=6))
def test_a_key_that_spans_lines_is_hidden_whole(inside: list[str]) -> None:
    key = [
        "-----BEGIN RSA PRIVATE KEY-----",
        *(f"key {line}" for line in inside),
        "-----END RSA PRIVATE KEY-----",
    ]
    stamped = [f"2026-11-22T03:00:0{at % 10}Z {line}" for at, line in enumerate(["before", *key, "after"])]
    assert [line.said for line in _told_lines(stamped)] == ["before", "[hidden]", "after"]


def test_counters_of_a_container_that_does_not_run() -> None:
    assert usage_of("x", {"memory_stats": {}, "cpu_stats": {}}) is None
    busy = {
        "memory_stats": {"usage": 300, "limit": 1000, "stats": {"inactive_file": 100}},
        "cpu_stats": {"cpu_usage": {"total_usage": 60}, "system_cpu_usage": 200, "online_cpus": 2},
        "precpu_stats": {"cpu_usage": {"total_usage": 10}, "system_cpu_usage": 100},
        "pids_stats": {"current": 7},
    }
    found = usage_of("x", busy)
    assert found is not None
    assert (found.processor, found.used_bytes, found.memory_share, found.processes) == (1.0, 200, 0.2, 7)
