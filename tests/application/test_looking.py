"""look-at-application on an actuator of Spring Boot's shape: what is down, what is closed, what hangs."""

from __future__ import annotations

import pytest

from actions.application.look import look_at_application
from actions.failures import Refused, Transient
from actions.plan import Context, Evidence
from actions.tools.application.application import Application
from actions.tools.toolbox import FixedToolbox
from tests.actions.running import planned, run
from tests.real.actuator import Actuator
from tests.real.proxy import proxy


def looked(app: Actuator, token: str = "", timeout_s: float = 5.0) -> list[Evidence]:
    tool = Application(app.url, token=token, timeout_s=timeout_s)
    _, plan = planned(
        look_at_application, FixedToolbox(applications={"production": tool}), environment="production"
    )
    return run(plan, FixedToolbox(applications={"production": tool}), 41)[1:]


def test_an_application_with_an_exhausted_pool(app: Actuator) -> None:
    errors, processor, memory, pool, probes, health = looked(app)
    assert health.said == "UP, each of 5 components: db, db/primary, diskSpace, ping, redis"
    assert probes.said == "liveness UP, readiness UP"
    assert [one.light for one in (health, probes, pool, errors)] == ["green", "green", "red", ""]
    assert memory.said == "heap 297.5 MiB of 1.0 GiB (29 %)"
    assert memory.values["beside the heap"] == "83.9 MiB, without a limit"
    assert memory.values["garbage collections"].startswith("41 since the start, 2.5 s in all")
    assert processor.said == "the process used 25 % of the processors"
    assert processor.values["of the whole machine"] == "50 %"
    assert (processor.values["threads alive"], processor.values["up for"]) == ("42", "2.0 h")
    assert pool.said == "10 of 10 connections in use, 7 threads waited for one: the pool is exhausted"
    assert pool.values["waits that timed out"] == "3 since the start"
    assert errors.said == "20 of 1000 requests since the start ended with 5xx (2 %)"


def test_what_is_down_is_named_without_its_secrets(app: Actuator) -> None:
    app.status = "DOWN"
    down = {"error": "org.postgresql.util.PSQLException: jdbc:postgresql://app:local-word@db/belezza refused"}
    app.components = {
        "db": {"status": "DOWN", "components": {"primary": {"status": "DOWN", "details": down}}},
        "redis": {"status": "DOWN", "details": {"password": "local-word", "deep": {"x": [1]}}},
        "ping": {"status": "UP"},
    }
    *_, probes, health = looked(app)
    assert health.said == "DOWN: db, db/primary, redis"
    assert health.values["db/primary"].startswith("DOWN: error: org.postgresql.util.PSQLException")
    assert health.values["redis"] == 'DOWN: deep: {"x": [1]}, password: [hidden]'
    assert "local-word" not in str(health)
    assert probes.said == "liveness DOWN, readiness DOWN"
    assert (health.light, probes.light) == ("red", "red")


def test_what_is_closed_is_said_and_how_it_is_opened(app: Actuator) -> None:
    app.closed = frozenset({"metrics"})
    app.components = {}
    errors, processor, memory, pool, _, health = looked(app)
    assert health.said == "UP; its components are not shown to drbot"
    for one in (memory, processor, pool, errors):
        assert one.said == "closed: management.endpoints.web.exposure.include=health,metrics opens it"


def test_a_token_is_shown_where_it_is_wanted(app: Actuator) -> None:
    app.token = "local-token"
    assert looked(app)[2].said == "closed: it wants a token that may read it (the plan's token_env)"
    assert looked(app, token="local-token")[2].said.startswith("heap 297.5 MiB")


def test_metrics_that_are_not_there(app: Actuator) -> None:
    app.metrics = {"http.server.requests": {"COUNT": 10.0}}
    errors, processor, memory, pool, _, _ = looked(app)
    assert memory.said == "without metrics of memory"
    assert processor.said == "the process used unknown of the processors"
    assert pool.said == "no pool among its metrics (they appear at its first use)"
    assert errors.said == "0 of 10 requests since the start ended with 5xx (0 %)"


def test_a_health_check_that_hangs_is_a_finding(app: Actuator) -> None:
    with proxy(("127.0.0.1", app.port)) as way:
        app.slow_s = {"health": 1.0}
        tool = Application(f"{way.url}/actuator", timeout_s=0.4)
        _, plan = planned(
            look_at_application, FixedToolbox(applications={"production": tool}), environment="production"
        )
        context = Context(FixedToolbox(applications={"production": tool}), 42)
        said = plan.after[-1].do(context).said
    assert said.startswith("not seen: the application's actuator at http://127.0.0.1:")
    assert said.endswith("A component's check may wait, for a connection of the pool say")


def test_an_application_that_does_not_answer(app: Actuator) -> None:
    with proxy(("127.0.0.1", app.port)) as way:
        tools = FixedToolbox(applications={"production": Application(f"{way.url}/actuator", timeout_s=0.4)})
        _, plan = planned(look_at_application, tools, environment="production")
        guard, context = plan.before[0], Context(tools, 43)
        with way.refuse(), pytest.raises(Transient, match="connection refused"):
            guard.do(context)
        with way.hang(), pytest.raises(Transient, match="did not answer within"):
            guard.do(context)
        with way.answer(403), pytest.raises(Refused, match="refuses drbot"):
            guard.do(context)
        with way.answer(404), pytest.raises(Refused, match="is it an actuator"):
            guard.do(context)
        with way.answer(302), pytest.raises(Refused, match="redirect"):
            guard.do(context)
        with way.answer(200, b'{"status": ["odd"]}'):
            assert plan.after[-1].do(context).said.startswith("not seen: ")
