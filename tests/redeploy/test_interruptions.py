"""The process dies before each call that changes something: never fewer healthy replicas, and it goes on."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from actions.plan import Context, Plan, Step
from actions.services.redeploy import redeploy_service
from actions.tools.containers.engine_calls import Engine
from tests.actions.running import planned
from tests.redeploy.world import World

CHANGING = ("create", "join", "leave", "start", "stop", "rename", "remove", "tag", "untag")


LIVES = 20


class Killed(BaseException):
    """As good as kill -9: nothing of ours runs after it."""


@contextmanager
def _deadly(patch: pytest.MonkeyPatch, until: int = LIVES) -> Iterator[set[tuple[str, ...]]]:
    """Each changing call kills the first time it would happen, until so many did."""
    died: set[tuple[str, ...]] = set()

    def guarded(name: str) -> Callable[..., Any]:
        real = getattr(Engine, name)

        def deadly(self: Engine, *given: Any, **more: Any) -> Any:
            call = (name, *(one for one in given if isinstance(one, str)))
            if call not in died and len(died) < until:
                died.add(call)
                raise Killed
            return real(self, *given, **more)

        return deadly

    with patch.context() as patched:
        for name in CHANGING:
            patched.setattr(Engine, name, guarded(name))
        yield died


def _healthy(place: World) -> int:
    """How many of the project's containers are healthy now."""
    listed = place.client.api.containers(filters={"label": f"com.docker.compose.project={place.name}"})
    return sum("(healthy)" in one["Status"] for one in listed)


def _with_deaths(
    steps: tuple[Step, ...], context: Context, patch: pytest.MonkeyPatch, after: Callable[[str], None]
) -> int:
    """Each step dies before its every changing call in turn, and is then repeated; how often it died."""
    with _deadly(patch) as died:
        for step in steps:
            for _ in range(LIVES):
                try:
                    step.do(context)
                    break
                except Killed:
                    after(step.title)
            else:
                raise AssertionError(f"{step.title} was never done")
    return len(died)


def _plan(place: World) -> Plan:
    place.replica(1, place.image("latest", env={"VERSION": "one"}))
    place.wait_healthy()
    return planned(redeploy_service, place.tools(), environment="staging")[1]


def test_dying_before_every_call_never_takes_a_healthy_replica_away(
    place: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = _plan(place)

    def at_least_one(title: str) -> None:
        assert _healthy(place) >= 1, title

    context = Context(place.tools(), 7)
    died = _with_deaths(plan.steps, context, monkeypatch, at_least_one)
    assert died >= 6
    assert place.names() == ["api_1"]
    assert _with_deaths(plan.undo, context, monkeypatch, at_least_one) >= 6
    assert place.names() == ["api_1"]
    place.wait_healthy()


def test_dying_half_way_and_going_back_leaves_the_one_from_before(
    place: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, context = _plan(place), Context(place.tools(), 7)
    before = place.inspect(1)
    for calls in range(1, 7):
        with _deadly(monkeypatch, until=calls) as died:
            while len(died) < calls:
                with contextlib.suppress(Killed):
                    plan.steps[1].do(context)
                    break
        for step in plan.undo:
            step.do(context)
        now = place.inspect(1)
        assert (now["Id"], now["State"]["Running"]) == (before["Id"], True)
        assert place.names() == ["api_1"]
