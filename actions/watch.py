"""A number of Prometheus before and after a run: whether it helped, measured (any action, any query)."""

from __future__ import annotations

import operator
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from actions.failures import NotVerified, Refused, Transient
from actions.plan import Context, Evidence, Plan, Step
from actions.tools.monitors.monitoring import Monitoring
from actions.tools.toolbox import Toolbox

WITHIN_S = 120.0
LOOK_AGAIN_S = 2.0
QUERY_LIMIT = 500
UNKNOWN = "not known"
_EXPECT = re.compile(r"\s*(<=|>=|==|!=|<|>)\s*(-?[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]{1,3})?)\s*")
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True)
class Watch:
    """What is measured (PromQL, one sample), what it should be afterwards (`< 0.8`, or '' for just told)
    and what it was when the plan was made, as text.
    """

    query: str
    expect: str = ""
    before: str = UNKNOWN

    def __post_init__(self) -> None:
        if not self.query.strip() or len(self.query) > QUERY_LIMIT:
            raise ValueError(f"watch is a PromQL query of at most {QUERY_LIMIT} characters")
        if self.expect and _EXPECT.fullmatch(self.expect) is None:
            raise ValueError(f"expect={self.expect!r} is not a comparison: write < 0.8 or >= 3")

    def holds(self, value: float | None) -> bool:
        """Whether the value is as expected; with nothing expected, whatever it is."""
        found = _EXPECT.fullmatch(self.expect)
        if found is None:
            return True
        return value is not None and _COMPARE[found[1]](value, float(found[2]))


def measured(tools: Toolbox, environment: str, watch: Watch) -> Watch:
    """The watch with the number as it is now. Raises Refused where the query is wrong or nobody measures."""
    try:
        return replace(watch, before=said(tools.monitoring(environment).value(watch.query)))
    except Transient:
        return replace(watch, before=UNKNOWN)


def watched(plan: Plan, environment: str, watch: Watch) -> Plan:
    """The plan with the measurement as its last check, and its present value among the facts.

    Only a number that was read and is not as expected fails the run: where Prometheus does not answer,
    nothing is taken back for it.
    """
    wanted = f", should be {watch.expect}" if watch.expect else ""
    check = Step(
        f"Measure {watch.query} again: was {watch.before}{wanted}",
        lambda context: _measure_again(context, environment, watch),
        timeout_s=WITHIN_S + 30.0,
    )
    fact = ("measured before", f"{watch.query} = {watch.before}")
    return replace(plan, after=(*plan.after, check), facts=(*plan.facts, fact))


def said(value: float | None) -> str:
    """A number as a person reads it."""
    return UNKNOWN if value is None else f"{value:.4g}"


def _measure_again(context: Context, environment: str, watch: Watch) -> Evidence:
    """Check: look until it is as expected, or the time is over."""
    try:
        monitoring = context.tools.monitoring(environment)
        value = _settled(monitoring, watch, context)
    except (Refused, Transient) as error:
        return Evidence(f"{watch.query} could not be measured, so it is not known whether it helped: {error}")
    values = {"before": watch.before, "after": said(value)}
    if not watch.holds(value):
        raise NotVerified(
            f"{watch.query} was {watch.before} and is {said(value)} after {WITHIN_S:.0f} s,"
            f" not {watch.expect}: it did not help"
        )
    return Evidence(f"{watch.query} went from {watch.before} to {said(value)}", values)


def _settled(monitoring: Monitoring, watch: Watch, context: Context) -> float | None:
    deadline = time.monotonic() + WITHIN_S
    while True:
        value = monitoring.value(watch.query)
        if watch.holds(value) or time.monotonic() >= deadline:
            return value
        context.progress(f"{said(value)} now, waiting for {watch.expect}")
        time.sleep(LOOK_AGAIN_S)
