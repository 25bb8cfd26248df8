"""What is promised of the bucket of images beside what was found there; each judged in a sentence. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from actions.amounts import counted, span_text
from actions.plan import Light
from actions.tools.aws.image_bucket import Transition
from actions.tools.aws.image_bucket_rules import LifecycleRule, ReplicationRule, Versioning

DAY_S = 86400.0
DELETION = "deletion"
MOST = 5
_CLASSES = {
    "standard": "STANDARD",
    "standardia": "STANDARD_IA",
    "onezoneia": "ONEZONE_IA",
    "intelligenttiering": "INTELLIGENT_TIERING",
    "glacier": "GLACIER",
    "glacierflexibleretrieval": "GLACIER",
    "glacierir": "GLACIER_IR",
    "glacierinstantretrieval": "GLACIER_IR",
    "deeparchive": "DEEP_ARCHIVE",
    "glacierdeeparchive": "DEEP_ARCHIVE",
}


@dataclass(frozen=True)
class Judged:
    """One thing: how it stands, and why, promised beside found."""

    light: Light
    said: str


def worst(lights: Sequence[Light]) -> Light:
    """Red over amber over green; '' where nothing was judged."""
    order: tuple[Light, ...] = ("red", "amber", "green")
    return next((light for light in order if light in lights), "")


def class_of(written: str) -> str:
    """S3's own name of a storage class, however the plan writes it (`Standard-IA`)."""
    plain = re.sub(r"[^a-z]", "", written.lower())
    return _CLASSES.get(plain, written.upper().replace("-", "_").replace(" ", "_"))


def judge_versioning(promised: bool, found: Versioning) -> Judged:
    """Without versions, what is deleted or overwritten is gone."""
    if found == "Enabled":
        return Judged(
            "green", f"versioning is on{'' if promised else ', though the plan does not promise it'}"
        )
    what = "was switched off: what is overwritten from now on is gone" if found == "Suspended" else "is off"
    if not promised:
        return Judged("", f"versioning {what}, and the plan promises none")
    return Judged("red", f"versioning {what}; the plan promises it, and nothing deleted can come back")


def judge_replication(replica: str, prefix: str, found: Sequence[ReplicationRule]) -> Judged:
    """`replica` is the name of the plan's bucket, '' where it names none."""
    on = [rule for rule in found if rule.on]
    if not replica:
        said = f"; the bucket copies to {', '.join(sorted({rule.to for rule in on}))}" if on else ""
        return Judged("amber", f"the plan names no replica of the images{said}")
    right = [rule for rule in on if rule.to == replica and prefix.startswith(rule.prefix)]
    if right:
        deletes = (
            "deletions are copied, too" if any(rule.deletes for rule in right) else "deletions are not copied"
        )
        return Judged("green", f"replication to {replica} is on ({deletes})")
    if on:
        to = ", ".join(sorted({f"{rule.to} for {rule.prefix or 'all'}" for rule in on}))
        return Judged("red", f"replication goes to {to}; the plan promises {replica} for {prefix or 'all'}")
    what = "is switched off" if found else "is not configured"
    return Judged("red", f"replication to {replica} {what}; the plan promises it")


def judge_lifecycle(
    promised: Sequence[Transition], prefix: str, found: Sequence[LifecycleRule]
) -> tuple[tuple[str, Judged], ...]:
    """Each promised step by its words, in the plan's order; then what deletes though nothing is promised.

    Days count since an object was made, as in S3, which does whatever comes first.
    """
    rules = [rule for rule in found if rule.reaches(prefix)]
    judged = [(_step_text(step), _judge_step(step, prefix, rules)) for step in promised]
    if not any(step.to.lower() == DELETION for step in promised):
        judged += [(DELETION, _unpromised(rule)) for rule in rules if rule.deleted_days is not None][:MOST]
    judged += [(f"{DELETION} by a date", _dated(rule)) for rule in rules if rule.deleted_on][:MOST]
    return tuple(judged)


def _unpromised(rule: LifecycleRule) -> Judged:
    return Judged(
        "red", f"the rule {rule.text} deletes after {rule.deleted_days} days; the plan promises no deletion"
    )


def _dated(rule: LifecycleRule) -> Judged:
    return Judged("red", f"the rule {rule.text} deletes on {rule.deleted_on}, whatever the age")


def _judge_step(step: Transition, prefix: str, rules: Sequence[LifecycleRule]) -> Judged:
    wanted = round(step.after_s / DAY_S)
    deletes = step.to.lower() == DELETION
    where = DELETION if deletes else class_of(step.to)
    done = [(days, rule) for rule in rules for days in _days(rule, where)]
    covering = [(days, rule) for days, rule in done if prefix.startswith(rule.prefix)]
    first, soonest = min(done, key=lambda one: one[0], default=(wanted, None))
    if soonest is not None and first < wanted:
        said = f"the rule {soonest.text} says {first} since an object was made"
        return Judged("red" if deletes else "amber", f"the plan promises {where} after {wanted} days; {said}")
    if not covering:
        return Judged("red", f"the plan promises {where} after {wanted} days; no rule does it")
    then, rule = min(covering, key=lambda one: one[0])
    if then == wanted:
        return Judged("green", f"{where} after {wanted} days, as promised")
    said = f"the rule {rule.text} says {then} since an object was made"
    return Judged("amber", f"the plan promises {where} after {wanted} days; {said}")


def _days(rule: LifecycleRule, where: str) -> list[int]:
    """After how many days a rule brings an object there."""
    if where == DELETION:
        return [] if rule.deleted_days is None else [rule.deleted_days]
    return [days for name, days in rule.moves if name == where]


def kept_text(rules: Sequence[LifecycleRule], prefix: str = "") -> str:
    """For how long what was deleted or overwritten can come back, as the rules have it."""
    days = [
        (rule.old_days, rule.text) for rule in rules if rule.reaches(prefix) and rule.old_days is not None
    ]
    if not days:
        return "for ever: no rule removes old versions"
    return f"{min(days)[0]} days, then the rule {min(days)[1]} removes old versions"


@dataclass(frozen=True)
class Copied:
    """One object of the sample: `same` None where the replica has none; `status` is S3's word, or ''."""

    key: str
    age_s: float
    same: bool | None
    status: str
    behind_s: float | None = None


def judge_sample(sample: Sequence[Copied], lag_at_most_s: float) -> Judged:
    """What is older than the lag allowed must be there, the same."""
    if not sample:
        return Judged("amber", "there is no object to compare: that the replica is true cannot be said")
    late = [one for one in sample if not one.same and one.age_s > lag_at_most_s]
    waiting = [one for one in sample if not one.same and one.age_s <= lag_at_most_s]
    failed = [one for one in sample if one.status == "FAILED"]
    lag = f"promised within {span_text(lag_at_most_s)}"
    if late:
        worst_one = max(late, key=lambda one: one.age_s)
        how = "is another there" if worst_one.same is False else "is missing in the replica"
        return Judged(
            "red",
            f"{len(late)} of {len(sample)} objects are not as in the replica: {worst_one.key[-120:]} {how}"
            f" after {span_text(worst_one.age_s)} ({lag})",
        )
    if failed:
        return Judged("red", f"S3 says that replication failed for {failed[0].key[-120:]}")
    measured = [one.behind_s for one in sample if one.same and one.behind_s is not None]
    behind = f", at most {span_text(max(measured))} behind" if measured else ""
    if waiting:
        said = f"{counted(len(waiting), 'object')} of {len(sample)} not there yet, {lag}"
        return Judged("amber" if len(waiting) == len(sample) else "green", said)
    return Judged(
        "green", f"{counted(len(sample), 'object')} of the sample are the same there{behind} ({lag})"
    )


def _step_text(step: Transition) -> str:
    return f"{step.leaves} to {step.to}"[:80]


def values_of(judged: Sequence[tuple[str, Judged]]) -> Mapping[str, str]:
    """Rows for a person."""
    return {name: one.said for name, one in judged}
