"""Running an action as the engine does, in one thread and in order, for tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from actions.plan import AnyAction, Context, Evidence, Plan
from actions.tools.toolbox import Toolbox


def planned(action: AnyAction, tools: Toolbox, **given: object) -> tuple[Any, Plan]:
    """Facts and plan; the facts went through JSON, as the journal keeps them."""
    params = action.read_params(given)
    facts = action.survey(tools, params)
    stored = msgspec.json.decode(msgspec.json.encode(facts))
    again = action.read_facts(stored)
    assert again == facts
    return facts, action.plan(params, again)


def run(
    plan: Plan, tools: Toolbox, number: int, times: int = 1, tell: Callable[[str], None] = print
) -> list[Evidence]:
    """Every guard, step and check, each `times` times in a row."""
    context = Context(tools, number, tell)
    done = []
    for step in (*plan.before, *plan.steps, *plan.after):
        for _ in range(times):
            done.append(step.do(context))
    return done


def undo(plan: Plan, tools: Toolbox, number: int, times: int = 1) -> list[Evidence]:
    """Every step of the way back, each `times` times in a row."""
    return [step.do(Context(tools, number)) for step in plan.undo for _ in range(times)]
