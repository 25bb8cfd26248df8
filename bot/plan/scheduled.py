"""What drbot is to do by itself: that each schedule can be done, is safe without a person, and comes due."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from math import isinf

from actions.plan import AnyAction, Risk
from bot.domain.schedule import SCHEDULE
from bot.plan.doing import wrong_params
from bot.plan.finding import Finding, Review
from bot.plan.models import DrPlan
from bot.plan.recovery import SELF_BACKUP, ScheduleEntry
from bot.plan.runbook import OfferedAction
from bot.plan.sentences import did_you_mean
from bot.plan.source import Path

BY_ITSELF = (Risk.LOOK, Risk.LOW)
SELF_BACKUP_TAKES = ("to", "keep")


def schedules_that_fail(review: Review, actions: Collection[str]) -> Iterator[Finding]:
    """What of the plan's `schedules` could never be done, or must not be done without a person.

    Where `actions` is a mapping (name to action), parameters and risks are checked too.
    """
    for person in review.plan.people:
        if person.startswith(SCHEDULE):
            said = f"{SCHEDULE}… is how drbot names a schedule that asks: give the person another id"
            yield review.fault(("people", person), said)
    for name, entry in review.plan.schedules.items():
        here: Path = ("schedules", name)
        if entry.cron is not None and isinf(entry.cron.longest_gap_s):
            yield review.fault((*here, "cron"), f"{entry.cron} names a day that never comes: it is never due")
        yield from _after(review, here, name, entry)
        if entry.action == SELF_BACKUP:
            yield from _self_backup(review, here, entry)
        elif entry.action:
            yield from _action(review, here, entry, actions)
        elif entry.digest:
            yield from _digest(review, here, entry)
        else:
            yield from _drill(review, here, entry, actions)


def _after(review: Review, here: Path, name: str, entry: ScheduleEntry) -> Iterator[Finding]:
    if not entry.after:
        return
    circle = _circle(review.plan, name)
    if circle:
        said = f"{' after '.join(circle)}: each waits for the other, so none is ever due"
        yield review.fault((*here, "after"), said)
    before = review.plan.schedules.get(entry.after)
    if before is not None and (before.action == SELF_BACKUP or before.digest):
        said = f"nothing comes after {before.does}: it is no run and no drill; write a `cron` of its own"
        yield review.fault((*here, "after"), said)


def _circle(plan: DrPlan, name: str) -> list[str]:
    """The names that wait for each other, from `name` back to it; empty where it ends."""
    met = [name]
    while (entry := plan.schedules.get(met[-1])) is not None and entry.after:
        met.append(entry.after)
        if entry.after == name:
            return met
        if entry.after in met[:-1]:
            return []  # it only leads to a circle, which is told where it is
    return []


def _self_backup(review: Review, here: Path, entry: ScheduleEntry) -> Iterator[Finding]:
    more = [name for name in entry.params if name not in SELF_BACKUP_TAKES]
    if more:
        yield review.fault((*here, "params"), f"{SELF_BACKUP} takes `to` and `keep`, not {', '.join(more)}")
    if not entry.params.get("to"):
        said = f"{SELF_BACKUP} needs `to`: a folder on another disk, or s3://bucket/prefix/"
        yield review.fault((*here, "params"), said)
    keep = entry.params.get("keep", "7")
    if not (keep.isascii() and keep.isdigit() and int(keep) > 0):
        yield review.fault((*here, "params"), f"keep={keep[:20]!r} is no number of copies: write keep: '7'")


def _digest(review: Review, here: Path, entry: ScheduleEntry) -> Iterator[Finding]:
    if entry.params:
        yield review.fault((*here, "params"), "a digest takes no parameters: it is of the last whole period")


def _action(review: Review, here: Path, entry: ScheduleEntry, actions: Collection[str]) -> Iterator[Finding]:
    if entry.action not in actions:
        known = [*actions, SELF_BACKUP]
        said = f"no action is named {entry.action[:80]!r}{did_you_mean(entry.action, known)}"
        yield review.fault((*here, "action"), said)
    elif isinstance(actions, Mapping):
        action: AnyAction = actions[entry.action]
        offer = OfferedAction(action=entry.action, params=entry.params)
        wrong = wrong_params(action, offer, next(iter(review.plan.environments), ""))
        if wrong:
            yield review.fault((*here, "params"), wrong)
        if action.risk not in BY_ITSELF:
            said = f"{action.name} is {action.risk.value} risk: a schedule starts look and low risk only"
            yield review.fault((*here, "action"), said)
        yield from _too_often(review, here, entry, action)


def _too_often(review: Review, here: Path, entry: ScheduleEntry, action: AnyAction) -> Iterator[Finding]:
    """The plan's own limits hold back what is due more often than they allow."""
    most = review.plan.limits.rule.per_target_hour
    times = len(entry.cron.fields[0]) if entry.cron else 0
    if action.risk is Risk.LOW and times > most:
        said = (
            f"it is due {times} times an hour, and the plan's limits allow {most} runs an hour on one target:"
            " the others are held back"
        )
        yield review.warning((*here, "cron"), said)


def _drill(review: Review, here: Path, entry: ScheduleEntry, actions: Collection[str]) -> Iterator[Finding]:
    tests = review.plan.testing.tests if review.plan.testing else {}
    drill = tests.get(entry.drill)
    if drill is None:
        said = f"section 5.1 has no drill {entry.drill[:80]!r}{did_you_mean(entry.drill, tests)}"
        yield review.fault((*here, "drill"), said)
        return
    if entry.params:
        yield review.fault((*here, "params"), "a drill takes its parameters from its own `does`")
    if not drill.does:
        said = f"{entry.drill} has no `does`: people hold it, and drbot has nothing to run"
        yield review.fault((*here, "drill"), said)
    if isinstance(actions, Mapping):
        for one in drill.does:
            action = actions.get(one.action)
            if action is not None and action.risk not in BY_ITSELF:
                said = (
                    f"{entry.drill} runs {action.name}, which is {action.risk.value} risk: what is held"
                    " without a person does look and low risk only"
                )
                yield review.fault((*here, "drill"), said)
