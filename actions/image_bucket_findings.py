"""What is promised of the bucket of images beside what was found there; each judged in a sentence. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from actions.amounts import counted, span_text
from actions.plan import Light
from actions.tools.image_bucket import Transition
from actions.tools.image_bucket_rules import LifecycleRule, ReplicationRule, Versioning

DAY_S = 86400.0
DELETION = "deletion"
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
    """Each promised step by its words, in the plan's order. Days count since an object was made, as in S3."""
    rules = [rule for rule in found if rule.on and prefix.startswith(rule.prefix)]
    return tuple((_step_text(step), _judge_step(step, rules)) for step in promised)


def _judge_step(step: Transition, rules: Sequence[LifecycleRule]) -> Judged:
    wanted = round(step.after_s / DAY_S)
    if step.to.lower() == DELETION:
        days = [rule.deleted_days for rule in rules if rule.deleted_days is not None]
        where = DELETION
    else:
        where = class_of(step.to)
        days = [number for rule in rules for name, number in rule.moves if name == where]
    if not days:
        return Judged("red", f"the plan promises {where} after {wanted} days; no rule does it")
    if wanted in days:
        return Judged("green", f"{where} after {wanted} days, as promised")
    there = " or ".join(map(str, sorted(set(days))))
    early = step.to.lower() == DELETION and min(days) < wanted
    return Judged(
        "red" if early else "amber",
        f"the plan promises {where} after {wanted} days; the rule says {there} since an object was made",
    )


def kept_text(rules: Sequence[LifecycleRule]) -> str:
    """For how long what was deleted or overwritten can come back, as the rules have it."""
    days = [rule.old_days for rule in rules if rule.on and rule.old_days is not None]
    if not days:
        return "for ever: no rule removes old versions"
    return f"{min(days)} days, then a rule removes old versions"


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
