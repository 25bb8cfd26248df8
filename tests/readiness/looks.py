"""Looks for tests: each does one thing a real look may do, and counts how often it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from actions.failures import Unplanned
from actions.plan import Action, AnyAction, Context, Evidence, Plan, Refused, Risk, Step, Transient
from actions.tools.toolbox import Toolbox
from bot.plan.models import Component, DrPlan, Environment, OfferedAction
from tests.readiness.measured import HANGS_S


@dataclass
class World:
    """What the looks see. `gate` holds back the one that hangs."""

    gate: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)
    flakes: int = 0

    def toolbox(self) -> Toolbox:
        return cast("Toolbox", self)


@dataclass(frozen=True)
class Where:
    environment: str


@dataclass(frozen=True)
class Facts:
    place: str


Find = Callable[[World], Evidence]


def look(
    name: str, *finds: Find, risk: Risk = Risk.LOOK, survey: Callable[[], None] | None = None
) -> AnyAction:
    """A look with a check for each of `finds`."""

    def surveyed(tools: Toolbox, params: Where) -> Facts:
        cast("World", tools).asked.append(f"{name} {params.environment}")
        if survey:
            survey()
        return Facts(params.environment)

    def planned(params: Where, facts: Facts) -> Plan:
        del params, facts
        return Plan(before=(), steps=(), after=tuple(Step("Look", _of(find)) for find in finds))

    return Action(
        name=name,
        title=name,
        risk=risk,
        params=Where,
        facts=Facts,
        environment=lambda params: params.environment,
        target=lambda params: f"{params.environment}/{name}",
        survey=surveyed,
        plan=planned,
        permissions=(),
        example=f"run {name} environment=production",
    )


def _of(find: Find) -> Callable[[Context], Evidence]:
    return lambda context: find(cast("World", context.tools))


def _raise(error: Exception) -> Callable[[], None]:
    def do() -> None:
        raise error

    return do


def hang(world: World) -> Evidence:
    world.gate.wait(HANGS_S)
    return Evidence("it answered after all", light="green")


def flake(world: World) -> Evidence:
    world.flakes += 1
    if world.flakes == 1:
        raise Transient("one packet was lost")
    return Evidence("there again", light="green")


ACTIONS: Mapping[str, AnyAction] = {
    one.name: one
    for one in (
        look("well", lambda _: Evidence("it is well", {"measured": "41 s old", "age s": "41"}, "green")),
        look(
            "ill",
            lambda _: Evidence("ten things were read", light="green"),
            lambda _: Evidence("the disk is full", light="red"),
            lambda _: Evidence("the load is high", light="amber"),
        ),
        look("doubts", lambda _: Evidence("it was never tried", {"helps": "changes"}, "amber")),
        look("mute", lambda _: Evidence("there are 3 of them")),
        look("hang", hang),
        look("flake", flake),
        look("broken", lambda _: Evidence(str(1 // 0))),
        look("changes", lambda _: Evidence("done", light="green"), risk=Risk.HIGH),
        look(
            "unset",
            survey=_raise(Unplanned("DR_X_URL is not set, so it is out of reach; nothing was changed")),
        ),
        look(
            "denied",
            survey=_raise(Refused("S3 says no: the policy lacks s3:ListBucket. Nothing was changed.")),
        ),
        look("gone", survey=_raise(Transient("S3 does not answer"))),
    )
}


def component(*looks: str, **given: object) -> Component:
    """One of the plan's, with these looks, each in `{environment}`."""
    offers = tuple(OfferedAction(action=one, params={"environment": "{environment}"}) for one in looks)
    return Component.model_validate({"title": "A part", "priority": "high", "looks": offers, **given})


def plan_with(**components: Component) -> DrPlan:
    """A plan of these components, in production and staging."""
    places = {
        "staging": Environment.model_validate({}),
        "production": Environment.model_validate({"customers": True}),
    }
    return DrPlan(components=components, environments=places)
