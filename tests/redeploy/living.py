"""A plan lived as the engine would: on a failure after the first step, everything is taken back."""

from __future__ import annotations

from actions.plan import Context, NotVerified, Plan, Refused, Step, Transient
from actions.tools.toolbox import Toolbox

FAILURES = (NotVerified, Refused, Transient)


def live(plan: Plan, tools: Toolbox, number: int) -> str:
    """The state in which the run ends: refused, failed, undone, stopped or verified."""
    context = Context(tools, number, print)
    for step in plan.before:
        if error := _tried(step, context):
            return "refused" if isinstance(error, Refused) else "failed"
    for step in (*plan.steps, *plan.after):
        if _tried(step, context):
            return _taken_back(plan, context)
    return "verified"


def _taken_back(plan: Plan, context: Context) -> str:
    failed = [step.title for step in plan.undo if _tried(step, context)]
    return "undone" if plan.undo and not failed else "stopped"


def _tried(step: Step, context: Context) -> Exception | None:
    try:
        step.do(context)
    except FAILURES as error:
        context.progress(f"{step.title}: {error}")
        return error
    return None
