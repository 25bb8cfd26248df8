"""The actions that runbooks name: that each exists, takes what it is given, and only looks where it must."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from actions.plan import AnyAction, Risk
from actions.watch import Watch
from bot.plan.finding import Finding, Review
from bot.plan.runbook import HERE, OfferedAction, Runbook
from bot.plan.sentences import did_you_mean
from bot.plan.source import Path

MEASURED = ("watch", "expect")
"""Words that any run takes: a PromQL query measured before and after, and what it should be then."""


def doings_that_fail(review: Review, actions: Collection[str]) -> Iterator[Finding]:
    """What of the runbooks' `looks`, `actions` and `does` could never run, and decisions without a question.

    Where `actions` is a mapping (name to action), parameters and risks are checked too.
    """
    for key, runbook in review.plan.runbooks.items():
        for path, offer in runbook.offers():
            here: Path = ("runbooks", key, *path)
            if offer.action not in actions:
                said = f"no action is named {offer.action[:80]!r}{did_you_mean(offer.action, actions)}"
                yield review.fault((*here, "action"), said)
            elif isinstance(actions, Mapping):
                yield from _misused(review, here, offer, actions[offer.action])
        yield from _decisions(review, key, runbook)


def _misused(review: Review, here: Path, offer: OfferedAction, action: AnyAction) -> Iterator[Finding]:
    wrong = wrong_params(action, offer, next(iter(review.plan.environments), HERE))
    if wrong:
        yield review.fault((*here, "params"), wrong)
    if here[2] == "looks" and action.risk is not Risk.LOOK:
        said = f"{action.name} is {action.risk.value} risk: only what changes nothing may run by itself"
        yield review.fault((*here, "action"), said)


def wrong_params(action: AnyAction, offer: OfferedAction, environment: str) -> str:
    """Why the action would not take these parameters, or nothing."""
    filled = offer.filled(environment).params
    try:
        if any(name in filled for name in MEASURED):
            Watch(filled.get("watch", ""), filled.get("expect", ""))
        action.read_params({name: value for name, value in filled.items() if name not in MEASURED})
    except ValueError as error:  # of the watch, or msgspec's
        said = str(error)
        return said if said.startswith(action.name) else f"{action.name} cannot be run so: {said}"
    return ""


def _decisions(review: Review, key: str, runbook: Runbook) -> Iterator[Finding]:
    for number, step in enumerate(runbook.steps):
        if step.only_if is None:
            continue
        here: Path = ("runbooks", key, "steps", number, "only_if")
        if number == 0:
            yield review.fault(here, "the first step has none before it that could have failed")
        elif not runbook.steps[number - 1].does:
            said = "the step before is done by hand, which never ends as failed: this step is never reached"
            yield review.warning(here, said)
