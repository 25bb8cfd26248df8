"""A sample of a bucket's objects, each compared with its copy in the replica by head alone."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from actions.tools.aws.image_bucket_rules import code_of, told
from actions.tools.aws.image_objects import within
from actions.tools.aws.s3 import Bucket

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import HeadObjectOutputTypeDef, ObjectTypeDef

LISTED_MOST = 20_000
_GONE = ("404", "NoSuchKey", "NotFound")


@dataclass(frozen=True)
class Picked:
    """Some objects of a bucket; `whole` where every object was in the draw."""

    objects: tuple[tuple[str, datetime], ...]
    looked_at: int
    whole: bool


@dataclass(frozen=True)
class Sampled:
    """One object: `same` is None where the replica has none; `status` is the source's ReplicationStatus.

    `behind_s` is how much later the copy says that it was made, where both tell.
    """

    key: str
    modified_at: datetime
    same: bool | None
    status: str
    behind_s: float | None


def sample(bucket: Bucket, prefix: str, newest: int, others: int, draw: Random) -> Picked:
    """The newest objects and some drawn from the rest, of the first LISTED_MOST by name."""
    found: list[ObjectTypeDef] = []
    whole = True
    with told(bucket, "s3:ListBucket"):
        pages = bucket.client.get_paginator("list_objects_v2").paginate(
            Bucket=bucket.name, Prefix=within(bucket, prefix)
        )
        for page in pages:
            found += page.get("Contents", [])
            if len(found) >= LISTED_MOST:
                whole = not page.get("IsTruncated", False)
                break
    top = heapq.nlargest(newest, found, key=lambda one: one["LastModified"])
    keys = {one["Key"] for one in top}
    rest = [one for one in found if one["Key"] not in keys]
    picked = [*top, *draw.sample(rest, min(others, len(rest)))]
    return Picked(tuple((one["Key"], one["LastModified"]) for one in picked), len(found), whole)


def compare(primary: Bucket, replica: Bucket, picked: tuple[str, datetime]) -> Sampled:
    """One object in both buckets; one that is gone from the source meanwhile has nothing to be copied."""
    key, modified_at = picked
    here = _head(primary, key)
    if here is None:
        return Sampled(key, modified_at, True, "", None)
    status = str(here.get("ReplicationStatus", ""))
    there = _head(replica, key)
    if there is None:
        return Sampled(key, modified_at, None, status, None)
    same = (here["ContentLength"], here["ETag"]) == (there["ContentLength"], there["ETag"])
    behind_s = max(0.0, (there["LastModified"] - here["LastModified"]).total_seconds())
    return Sampled(key, modified_at, same, status, behind_s)


def _head(bucket: Bucket, key: str) -> HeadObjectOutputTypeDef | None:
    with told(bucket, "s3:GetObject and s3:ListBucket", key):
        try:
            return bucket.client.head_object(Bucket=bucket.name, Key=key)
        except ClientError as error:
            if code_of(error) in _GONE:
                return None
            raise
