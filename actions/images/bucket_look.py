"""Looking at the bucket of images: is it set up as the plan says, and is the replica true (section 2.2)."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from actions.failures import Refused
from actions.images.bucket_findings import (
    Copied,
    judge_lifecycle,
    judge_replication,
    judge_sample,
    judge_versioning,
    kept_text,
    values_of,
    worst,
)
from actions.plan import Action, Context, Ending, Evidence, Fault, Plan, Risk, Statement, Step
from actions.tools.aws.image_bucket import ImageBucket
from actions.tools.aws.image_bucket_rules import read_lifecycle, read_replication, read_versioning
from actions.tools.aws.image_sample import Sampled, compare, sample
from actions.tools.toolbox import Toolbox

STEP_S = 120.0
AT_ONCE = 8
NEWEST, RANDOM = 5, 5


@dataclass(frozen=True)
class ImageBucketParams:
    """`prefix`: where the sample is taken, '' anywhere."""

    environment: str
    prefix: str = ""


@dataclass(frozen=True)
class ImageBucketFacts:
    """Which buckets would be looked at ('' no replica), and how many steps of the lifecycle are promised."""

    place: str
    replica: str
    promised: int


def _survey(tools: Toolbox, params: ImageBucketParams) -> ImageBucketFacts:
    images = tools.images(params.environment)
    replica = images.replica.place if images.replica else ""
    return ImageBucketFacts(images.primary.place, replica, len(images.lifecycle))


def _answers(images: ImageBucket, params: ImageBucketParams) -> Evidence:
    del params
    read_versioning(images.primary)
    return Evidence(f"{images.primary.place} could be read")


def _versioning(images: ImageBucket, params: ImageBucketParams) -> Evidence:
    del params
    judged = judge_versioning(images.versioning, read_versioning(images.primary))
    return Evidence(judged.said, light=judged.light)


def _replication(images: ImageBucket, params: ImageBucketParams) -> Evidence:
    del params
    rules = read_replication(images.primary)
    judged = judge_replication(images.replica.name if images.replica else "", images.primary.prefix, rules)
    values = {
        f"rule {rule.name}"[:60]: f"{'on' if rule.on else 'off'}, {rule.prefix or 'all'} to {rule.to}"
        for rule in rules[:20]
    }
    return Evidence(judged.said, values, judged.light)


def _lifecycle(images: ImageBucket, params: ImageBucketParams) -> Evidence:
    del params
    rules = read_lifecycle(images.primary)
    judged = judge_lifecycle(images.lifecycle, images.primary.prefix, rules)
    light = worst([one.light for _, one in judged])
    values = {**values_of(judged), "deleted images can come back": kept_text(rules, images.primary.prefix)}
    wrong = [one.said for _, one in judged if one.light not in ("green", "")]
    if not judged:
        return Evidence("the plan promises no lifecycle", values)
    right = len(judged) - len(wrong)
    said = f"{right} of {len(judged)} steps of the lifecycle are as promised"
    return Evidence("; ".join([said, *wrong[:3]]), values, light)


def _sample(images: ImageBucket, params: ImageBucketParams) -> Evidence:
    if images.replica is None:
        return Evidence("the plan names no replica, so there is nothing to compare with", light="amber")
    replica = images.replica
    seen = sample(images.primary, params.prefix, NEWEST, RANDOM, random.Random())  # noqa: S311 - no secret
    now = datetime.now(UTC)
    with ThreadPoolExecutor(AT_ONCE, "sample") as pool:
        found = list(pool.map(lambda one: compare(images.primary, replica, one), seen.objects))
    copied = [_copied(one, now) for one in found]
    judged = judge_sample(copied, images.lag_at_most_s)
    values = {one.key[-120:]: _copied_text(one) for one in copied}
    if not seen.whole:
        values["sample"] = f"of the first {seen.looked_at:,} objects by name: the bucket has more"
    return Evidence(judged.said, values, judged.light)


def _copied(one: Sampled, now: datetime) -> Copied:
    return Copied(one.key, (now - one.modified_at).total_seconds(), one.same, one.status, one.behind_s)


def _copied_text(one: Copied) -> str:
    how = {True: "the same in the replica", False: "another in the replica", None: "not in the replica"}
    status = f", S3 says {one.status}" if one.status else ""
    return f"{how[one.same]}{status}"


_PARTS: tuple[tuple[str, Callable[[ImageBucket, ImageBucketParams], Evidence]], ...] = (
    ("Compare replication with the plan", _replication),
    ("Compare the lifecycle with the plan", _lifecycle),
    ("Compare a sample with the replica", _sample),
)


def _on(
    params: ImageBucketParams,
    work: Callable[[ImageBucket, ImageBucketParams], Evidence],
    context: Context,
) -> Evidence:
    return work(context.tools.images(params.environment), params)


def _softly(
    params: ImageBucketParams,
    work: Callable[[ImageBucket, ImageBucketParams], Evidence],
    context: Context,
) -> Evidence:
    """A part that S3 refuses is told in amber: the others are looked at all the same."""
    try:
        return _on(params, work, context)
    except Refused as refused:
        return Evidence(f"could not be looked at: {refused}"[:400], light="amber")


def _plan(params: ImageBucketParams, facts: ImageBucketFacts) -> Plan:
    return Plan(
        before=(Step(f"Check that {facts.place} can be read", partial(_on, params, _answers), STEP_S, 2),),
        steps=(),
        after=(
            Step("Compare versioning with the plan", partial(_on, params, _versioning), STEP_S, 2),
            *(Step(title, partial(_softly, params, work), STEP_S, 2) for title, work in _PARTS),
        ),
        facts=(
            ("bucket", facts.place),
            ("replica", facts.replica or "none in the plan"),
            ("lifecycle", f"{facts.promised} steps promised"),
        ),
    )


look_at_image_bucket = Action(
    name="look-at-image-bucket",
    title="Look at the bucket of images",
    risk=Risk.LOOK,
    params=ImageBucketParams,
    facts=ImageBucketFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/image-bucket-look",
    survey=_survey,
    plan=_plan,
    permissions=(
        "S3: s3:GetBucketVersioning, s3:GetReplicationConfiguration, s3:GetLifecycleConfiguration and"
        " s3:ListBucket of the bucket of images; s3:GetObject of it and its replica",
    ),
    example="run look-at-image-bucket environment=production",
    description=(
        "Whether the bucket of images keeps versions, copies to the plan's replica and moves objects as the"
        " plan says; and whether the newest and some other objects really are in the replica, the same."
    ),
    reach=f"reads settings of one bucket and the heads of at most {NEWEST + RANDOM} objects",
    iam=(
        Statement(
            (
                "s3:GetBucketVersioning",
                "s3:GetReplicationConfiguration",
                "s3:GetLifecycleConfiguration",
                "s3:ListBucket",
            ),
            ("arn:aws:s3:::{bucket}", "arn:aws:s3:::{replica}"),
        ),
        Statement(("s3:GetObject",), ("arn:aws:s3:::{bucket}/*", "arn:aws:s3:::{replica}/*")),
    ),
    endings=(
        Ending(Fault.GONE, "before", "failed", "S3 does not answer; nothing was changed."),
        Ending(Fault.TIMEOUT, "before", "failed", "S3 answers too late; nothing was changed."),
        Ending(Fault.DENIED, "before", "refused", "It says which right is missing; nothing was changed."),
    ),
)
