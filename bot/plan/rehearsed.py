"""What the plan has its drills do: that each action exists, takes what it is given, and risks nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from actions.plan import AnyAction, Risk
from bot.plan.doing import wrong_params
from bot.plan.finding import Finding, Review
from bot.plan.runbook import HERE, OfferedAction
from bot.plan.sentences import did_you_mean
from bot.plan.source import Path

IN_A_DRILL = (Risk.LOOK, Risk.LOW)


def drills_that_fail(review: Review, actions: Collection[str]) -> Iterator[Finding]:
    """What of section 5.1's `does` could never run, or may not run in a drill.

    Where `actions` is a mapping (name to action), parameters and risks are checked too.
    """
    for key, test in (review.plan.testing.tests if review.plan.testing else {}).items():
        for number, offer in enumerate(test.does):
            here: Path = ("testing", "tests", key, "does", number)
            if offer.action not in actions:
                said = f"no action is named {offer.action[:80]!r}{did_you_mean(offer.action, actions)}"
                yield review.fault((*here, "action"), said)
            elif isinstance(actions, Mapping):
                yield from _misused(review, here, offer, actions[offer.action])
            if offer.environments:
                said = "a drill is held in no environment of its own: name it among `params` alone"
                yield review.fault((*here, "environments"), said)


def _misused(review: Review, here: Path, offer: OfferedAction, action: AnyAction) -> Iterator[Finding]:
    for name, value in offer.params.items():
        if value == HERE:
            yield review.fault((*here, "params", name), "a drill has no alerts: name the environment itself")
            return
    wrong = wrong_params(action, offer, HERE)
    if wrong:
        yield review.fault((*here, "params"), wrong)
    environment = offer.params.get("environment", "")
    if environment and review.plan.environments and environment not in review.plan.environments:
        near = did_you_mean(environment, review.plan.environments)
        yield review.fault((*here, "params"), f"the plan has no environment {environment[:80]!r}{near}")
    if action.risk not in IN_A_DRILL:
        said = f"{action.name} is {action.risk.value} risk: a drill does only what is of risk look or low"
        yield review.fault((*here, "action"), said)
