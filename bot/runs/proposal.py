"""From words to a plan: parameters read, the world surveyed, the plan made, its digest taken."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import msgspec

from actions.plan import AnyAction, Plan, Refused, Transient, digest
from actions.tools.toolbox import Toolbox
from actions.watch import Watch, measured, watched
from bot.domain.answer import Refusal, UsageError
from bot.domain.glass import seal
from bot.domain.run import Measured, PlanText, Run
from bot.plan.models import DrPlan

_AT_FIELD = re.compile(r"^(?P<said>.*) - at `\$\.(?P<field>[^`]+)`$")
_MISSING = re.compile(r"missing required field `(?P<field>[^`]+)`")
_PLAIN = {
    "`int`": "a whole number",
    "`float`": "a number",
    "`bool`": "yes or no",
    "`str`": "text",
    "`datetime`": "a time like 2026-01-31T02:00:00Z",
}
_log = logging.getLogger(__name__)


class Unsure(Refusal):
    """The survey could not look, so it said neither yes nor no: everything stays as it was."""


@dataclass(frozen=True)
class Draft:
    """An action with what it was given, what its survey saw and the plan that follows."""

    action: AnyAction
    params: Any
    facts: Any
    plan: Plan
    digest: str
    watch: Watch | None = None


def read_watch(given: Mapping[str, str]) -> tuple[dict[str, str], Watch | None]:
    """The words without `watch=` and `expect=`, which any run takes, and what they say. Raises UsageError."""
    words = dict(given)
    query, expect = words.pop("watch", ""), words.pop("expect", "")
    if not query:
        if expect:
            raise UsageError(f"expect={expect} says nothing without watch=, the PromQL query to measure")
        return words, None
    try:
        return words, Watch(query, expect)
    except ValueError as error:
        raise UsageError(str(error)) from error


def read_params(action: AnyAction, given: Mapping[str, str], plan: DrPlan) -> Any:
    """The action's own parameters. Raises UsageError naming the parameter, Refusal where it may not run."""
    try:
        params = action.read_params(given)
    except msgspec.ValidationError as error:
        raise UsageError(f"{_clear(action, str(error))}. Example: {action.example}") from error
    environment = action.environment(params)
    known = plan.environments
    if known and environment and environment not in known:
        raise UsageError(
            f"environment: the plan has no {environment!r}; it has {', '.join(known)}."
            f" Example: {action.example}"
        )
    if action.environments and environment not in action.environments:
        raise Refusal(
            f"{action.name} may run in {', '.join(action.environments)} only, not in {environment}:"
            " the action itself says so."
        )
    return params


def survey(toolbox: Toolbox, action: AnyAction, params: Any) -> Any:
    """Look at the world; nothing is changed. Raises Refusal with what was found."""
    try:
        return action.survey(toolbox, params)
    except Refused as error:
        raise Refusal(str(error)) from error
    except Transient as error:
        raise Unsure(
            f"the survey could not look just now: {error}. Nothing was changed; try again in a moment."
        ) from error
    except Exception as error:
        _log.exception("survey of %s failed", action.name)
        raise Unsure(
            f"the survey failed ({said_by(error)}). Nothing was changed; the bot's log has the details."
        ) from error


def draft(toolbox: Toolbox, action: AnyAction, params: Any, watch: Watch | None = None) -> Draft:
    """Survey, measure and plan. Raises Refusal; changes nothing."""
    facts = survey(toolbox, action, params)
    environment = action.environment(params)
    try:
        plan = action.plan(params, facts)
        if watch is not None:
            watch = measured(toolbox, environment, watch)
            plan = watched(plan, environment, watch)
    except Refused as error:
        raise Refusal(str(error)) from error
    return Draft(action, params, facts, plan, digest(action, params, facts, plan), watch)


def plan_of(action: AnyAction, run: Run) -> tuple[Plan, str]:
    """The plan of a stored run, made again from its parameters and facts, and its digest now.

    An undo is the way back of the run it takes back. Raises msgspec.ValidationError where the action no
    longer understands what was stored.
    """
    params, facts = action.read_params(run.params), action.read_facts(run.facts)
    plan = action.plan(params, facts)
    if run.undo_of is not None:
        plan = way_back(plan)
    elif run.plan.watch is not None:
        kept = run.plan.watch
        plan = watched(plan, run.environment, Watch(kept.query, kept.expect, kept.before))
    return plan, seal(digest(action, params, facts, plan), run.plan.glass)


def way_back(plan: Plan) -> Plan:
    """The plan of the undo."""
    return Plan(before=(), steps=plan.undo, after=())


def plan_text(plan: Plan, watch: Watch | None = None) -> PlanText:
    """What a person is shown of a plan."""
    return PlanText(
        before=tuple(step.title for step in plan.before),
        steps=tuple(step.title for step in plan.steps),
        after=tuple(step.title for step in plan.after),
        undo=tuple(step.title for step in plan.undo),
        facts=plan.facts,
        warnings=plan.warnings,
        forecast_s=plan.forecast_s,
        amount=plan.amount,
        objections=plan.objections,
        watch=Measured(watch.query, watch.expect, watch.before) if watch else None,
    )


def said_by(error: BaseException, limit: int = 300) -> str:
    """One bounded line of an error, for a person."""
    said = " ".join(str(error).split()) or "no words"
    return f"{type(error).__name__}: {said}"[:limit]


def _clear(action: AnyAction, said: str) -> str:
    missing = _MISSING.search(said)
    if missing:
        return f"{action.name} needs {missing['field']}=…"
    at_field = _AT_FIELD.match(said)
    if at_field:
        said = f"{at_field['field']}: {at_field['said'][:1].lower()}{at_field['said'][1:]}"
    for theirs, ours in _PLAIN.items():
        said = said.replace(theirs, ours)
    takes = ", ".join(field.name for field in fields(action.params))
    return f"{action.name}: {said}; it takes {takes or 'no parameters'}"
