"""Bringing back deleted and overwritten images from the bucket's own history (plan section 2.2)."""

from __future__ import annotations

from actions.images.facts import BackFacts, BackParams, shown, warned
from actions.images.steps import BringingBack
from actions.images.survey import drift, survey
from actions.plan import Action, Ending, Fault, Plan, Risk, Statement, Step

KEEP_UNDO_S = 24 * 3600.0
STEP_S = 120.0
EACH_S = 0.5
RATE_BYTES_S = 20e6
BUCKETS = ("arn:aws:s3:::{bucket}", "arn:aws:s3:::{replica}")
OBJECTS = ("arn:aws:s3:::{bucket}/*", "arn:aws:s3:::{replica}/*")


def _plan(params: BackParams, facts: BackFacts) -> Plan:
    back = BringingBack(params, facts)
    limit_s = STEP_S + EACH_S * len(facts.objects)
    copy_s = limit_s + facts.total_bytes / RATE_BYTES_S
    many = f"{len(facts.objects):,} objects" if len(facts.objects) > 1 else facts.objects[0].key[-120:]
    return Plan(
        before=(
            Step(f"Check that the versions wanted of {many} are there", back.check_bucket, limit_s, 2),
            Step("Check that each is still as shown", back.check_present, limit_s, 2),
        ),
        steps=(Step(f"Copy the version wanted on top of {many}", back.copy, copy_s, 2),),
        after=(Step("Compare size and ETag of each", back.check_back, limit_s, 3),),
        undo=(Step("Put what was on top before on top again", back.put_back, copy_s, 2),),
        facts=shown(params, facts),
        warnings=warned(facts),
        forecast_s=round(2 + len(facts.objects) * 0.05 + facts.total_bytes / RATE_BYTES_S, 1),
        undo_keep_s=KEEP_UNDO_S,
        amount=float(max(1, facts.total_bytes)),
    )


bring_back_images = Action(
    name="bring-back-images",
    title="Bring back deleted or overwritten images",
    risk=Risk.HIGH,
    params=BackParams,
    facts=BackFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/image-bucket",
    survey=survey,
    plan=_plan,
    permissions=(
        "S3: s3:ListBucketVersions, s3:GetBucketVersioning, s3:GetObject and s3:GetObjectVersion of the"
        " bucket of images and its replica",
        "S3: s3:PutObject of the bucket of images; s3:DeleteObject for the way back (never a version's)",
    ),
    example="run bring-back-images environment=production prefix=salons/ as_of=2026-11-22T21:55:00Z",
    description=(
        "Finds objects that were deleted, or overwritten since a moment, shows them, and copies the version"
        " wanted on top of each; from the replica where the bucket lost it for good. No version is ever"
        " removed, so the way back is a copy, too."
    ),
    drift=drift,
    reach="the objects listed in its plan, at most 5,000 (500 unless asked for more), of one bucket",
    iam=(
        Statement(("s3:ListBucketVersions", "s3:ListBucket", "s3:GetBucketVersioning"), BUCKETS),
        Statement(("s3:GetObject", "s3:GetObjectVersion"), OBJECTS),
        Statement(("s3:PutObject", "s3:DeleteObject"), OBJECTS[:1]),
    ),
    endings=(
        Ending(Fault.GONE, "before", "failed", "S3 does not answer; no object was touched."),
        Ending(Fault.TIMEOUT, "before", "failed", "S3 answers too late; no object was touched."),
        Ending(Fault.DENIED, "before", "refused", "It says which right is missing; no object was touched."),
        Ending(Fault.VANISHED, "before", "refused", "The version wanted is gone; no object was touched."),
        Ending(Fault.CHANGED, "before", "refused", "Somebody wrote it since; no object was touched."),
        Ending(
            Fault.GONE,
            "during",
            "stopped",
            "Some may be back; each is whole. A person looks once S3 answers.",
        ),
        Ending(
            Fault.TIMEOUT,
            "during",
            "stopped",
            "Some may be back; each is whole. A person looks once S3 does.",
        ),
    ),
)
