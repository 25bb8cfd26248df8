"""Parts of the plan that nothing can reach, and parts that cannot be missing."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.severity import Severity
from bot.plan.finding import Finding, Review


def unreachable_parts(review: Review) -> Iterator[Finding]:
    """Missing severities, environments without alerts, runbooks that are never offered."""
    plan = review.plan
    absent = [level.value for level in Severity if level.value not in plan.severities]
    for name in absent:
        if name != Severity.NONE.value:
            yield review.fault(("severities",), f"{name} has no row: nobody knows how fast to respond")
    if not any(environment.customers for environment in plan.environments.values()):
        said = "no environment has `customers: true`: every alert would be taken for a harmless one"
        yield review.fault(("environments",), said)
    for name, environment in plan.environments.items():
        if not environment.match and not environment.also:
            yield review.warning(("environments", name), "without `match` no alert can be told to be of it")
    for name, component in plan.components.items():
        if not component.match and not component.words:
            said = "without `match` or `words` no alert can be told to be of it"
            yield review.warning(("components", name), said)
    for name, runbook in plan.runbooks.items():
        acts = runbook.actions or runbook.looks or runbook.is_walked
        if acts and not runbook.match and not runbook.words:
            said = "without `match` or `words` its buttons are never offered"
            yield review.warning(("runbooks", name), said)
