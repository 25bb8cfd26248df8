"""Where an environment's bucket of images is another than section 2.2 promises."""

from __future__ import annotations

from collections.abc import Iterator

from bot.plan.finding import Finding, Review
from bot.plan.promises import ImageBucket
from bot.plan.recovery import ImagesEntry


def images_not_as_promised(review: Review) -> Iterator[Finding]:
    """One warning for each thing that section 2.2 promises and an environment's `images` says otherwise."""
    if review.plan.backups is None:
        return
    promised = review.plan.backups.images
    for name, environment in review.plan.environments.items():
        if environment.images is not None and environment.customers:
            for key, said in _differences(environment.images, promised):
                yield review.warning(("environments", name, "images", key), said)


def _differences(entry: ImagesEntry, promised: ImageBucket) -> Iterator[tuple[str, str]]:
    if entry.bucket != promised.bucket:
        yield "bucket", f"section 2.2 promises the bucket {promised.bucket}, drbot looks at {entry.bucket}"
        return
    if entry.region and entry.region != promised.region:
        yield "region", f"section 2.2 promises {promised.region}, drbot asks {entry.region}"
    if not entry.replica:
        yield (
            "replica",
            f"section 2.2 promises a replica in {promised.replica_region} and names no bucket; name it here,"
            " so that drbot can see whether it is true",
        )
    elif entry.replica_region and entry.replica_region != promised.replica_region:
        yield (
            "replica_region",
            f"section 2.2 promises the replica in {promised.replica_region}, drbot asks"
            f" {entry.replica_region}",
        )
    if promised.versioning and not entry.versioning:
        yield (
            "versioning",
            "section 2.2 promises versioning, here it is said to be off: nothing could come back",
        )
    if entry.lifecycle and entry.lifecycle != promised.lifecycle:
        yield (
            "lifecycle",
            "it is another lifecycle than section 2.2 promises; without one here, that one holds",
        )
