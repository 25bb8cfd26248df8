"""Versions of the objects of a bucket: listed, looked at, copied on top, hidden, asked back from an archive.

Nothing here removes a version: a bucket that keeps versions loses nothing by what this does.
Source: S3 API (ListObjectVersions, HeadObject, CopyObject, DeleteObject without a version, RestoreObject).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

from botocore.exceptions import ClientError

from actions.failures import Refused
from actions.tools.aws.image_bucket_rules import code_of, told
from actions.tools.aws.s3 import Bucket

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import HeadObjectOutputTypeDef

ENTRIES_MOST = 100_000
COPY_MOST_BYTES = 5 * 1024**3
ARCHIVED = ("GLACIER", "DEEP_ARCHIVE")
_GONE = ("404", "NoSuchKey", "NoSuchVersion", "NotFound", "405", "MethodNotAllowed")
Tier: TypeAlias = Literal["Standard", "Bulk", "Expedited"]
Standing: TypeAlias = Literal["here", "archived", "requested", "ready"]


@dataclass(frozen=True)
class ImageVersion:
    """One entry of an object's history. `hides`: a delete marker. `at` is ISO 8601 UTC.

    `sealed`: encrypted with a key of KMS, so that its ETag says nothing of its content; only a head tells.
    """

    key: str
    version_id: str
    at: str
    newest: bool
    hides: bool = False
    size_bytes: int = 0
    etag: str = ""
    storage_class: str = "STANDARD"
    sealed: bool = False

    @property
    def archived(self) -> bool:
        return self.storage_class in ARCHIVED

    def holds(self, other: ImageVersion) -> bool:
        """Whether both are the same content, as far as S3 tells.

        An ETag with a dash is of an upload in parts: a copy has another one, as it has under a key of KMS, so
        the size must do.
        """
        if self.hides or other.hides or self.size_bytes != other.size_bytes:
            return False
        return self.etag == other.etag or self._unlike_its_copy or other._unlike_its_copy

    def is_surely(self, other: ImageVersion) -> bool:
        """The same, with nothing left to belief: both the size and the ETag."""
        alike = (self.size_bytes, self.etag) == (other.size_bytes, other.etag)
        return alike and not (self.hides or other.hides)

    @property
    def _unlike_its_copy(self) -> bool:
        return self.sealed or "-" in self.etag


@dataclass(frozen=True)
class Archived:
    """How an archived version stands: `until` is when its temporary copy goes again ('' unless ready)."""

    standing: Standing
    until: str = ""


def within(bucket: Bucket, name: str) -> str:
    """A key or prefix as S3 has it, whether it was said with the place's own prefix or without."""
    return name if name.startswith(bucket.prefix) else f"{bucket.prefix}{name}"


def list_versions(bucket: Bucket, prefix: str, key: str = "") -> Iterator[ImageVersion]:
    """Every entry under the bucket's own prefix and this one, in no order that can be relied on.

    With `key`: of that object alone. Raises Refused where there are more than ENTRIES_MOST.
    """
    at_most = ENTRIES_MOST
    wanted = within(bucket, key or prefix)
    with told(bucket, "s3:ListBucketVersions", wanted):
        pages = bucket.client.get_paginator("list_object_versions").paginate(
            Bucket=bucket.name, Prefix=wanted
        )
        for page in pages:
            entries = [
                *(_version(one) for one in page.get("Versions", [])),
                *(_marker(one) for one in page.get("DeleteMarkers", [])),
            ]
            at_most -= len(entries)
            if at_most < 0:
                raise Refused(
                    f"s3://{bucket.name}/{wanted} has more than {ENTRIES_MOST:,} versions: give a narrower"
                    " prefix, and come back for the others"
                )
            yield from (one for one in entries if not key or one.key == wanted)


def newest_of(bucket: Bucket, key: str) -> ImageVersion | None:
    """What is on top of an object's history now; None where it has none."""
    with told(bucket, "s3:GetObject and s3:ListBucket", key):
        try:
            return _headed(key, bucket.client.head_object(Bucket=bucket.name, Key=key))
        except ClientError as error:
            if code_of(error) not in _GONE:
                raise
        found = bucket.client.list_object_versions(Bucket=bucket.name, Prefix=key, MaxKeys=50)
    entries = [*map(_version, found.get("Versions", [])), *map(_marker, found.get("DeleteMarkers", []))]
    return next((one for one in entries if one.key == key and one.newest), None)


def versions_above(bucket: Bucket, key: str, version_id: str) -> int | None:
    """How many versions of an object are newer than this one; None where it is not among the newest 50."""
    with told(bucket, "s3:ListBucketVersions", key):
        found = bucket.client.list_object_versions(Bucket=bucket.name, Prefix=key, MaxKeys=50)
    ids = [one.version_id for one in map(_version, found.get("Versions", [])) if one.key == key]
    return ids.index(version_id) if version_id in ids else None


def look_up(bucket: Bucket, key: str, version_id: str) -> ImageVersion | None:
    """One version by its id; None where it is gone."""
    with told(bucket, "s3:GetObjectVersion", key):
        try:
            found = bucket.client.head_object(Bucket=bucket.name, Key=key, VersionId=version_id)
        except ClientError as error:
            if code_of(error) in _GONE:
                return None
            raise
    return _headed(key, found)


def copy_on_top(source: Bucket, version: ImageVersion, to: Bucket, key: str) -> str:
    """Make that very content the newest version of `key`; the id of the version made.

    Raises Refused where the content is gone, archived or larger than one copy may be (5 GiB).
    """
    if version.size_bytes > COPY_MOST_BYTES:
        raise Refused(f"s3://{source.name}/{version.key} is larger than 5 GiB: copy it by hand, in parts")
    with told(to, "s3:PutObject, and s3:GetObjectVersion of what is copied", key):
        made = to.client.copy_object(
            Bucket=to.name,
            Key=key,
            CopySource={"Bucket": source.name, "Key": version.key, "VersionId": version.version_id},
            CopySourceIfMatch=version.etag,
            StorageClass="STANDARD",  # out of an archive it would else go back into it
        )
    return str(made.get("VersionId") or "")


def hide(bucket: Bucket, key: str) -> None:
    """Put a delete marker on top, as a deletion does; every version stays."""
    with told(bucket, "s3:DeleteObject", key):
        bucket.client.delete_object(Bucket=bucket.name, Key=key)


def archive_standing(bucket: Bucket, version: ImageVersion) -> Archived:
    """How an archived version stands; `here` for one that is not."""
    if not version.archived:
        return Archived("here")
    with told(bucket, "s3:GetObjectVersion", version.key):
        found = bucket.client.head_object(Bucket=bucket.name, Key=version.key, VersionId=version.version_id)
    return _standing(str(found.get("Restore") or ""))


def request(bucket: Bucket, version: ImageVersion, days: int, tier: Tier) -> None:
    """Ask the archive for a temporary copy of one version. Safe to ask twice: it is made once."""
    with told(bucket, "s3:RestoreObject", version.key):
        try:
            bucket.client.restore_object(
                Bucket=bucket.name,
                Key=version.key,
                VersionId=version.version_id,
                RestoreRequest={"Days": days, "GlacierJobParameters": {"Tier": tier}},
            )
        except ClientError as error:
            if code_of(error) != "RestoreAlreadyInProgress":
                raise


def _standing(header: str) -> Archived:
    """`ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT"` as a standing."""
    if 'ongoing-request="true"' in header:
        return Archived("requested")
    expiry = re.search(r'expiry-date="([^"]{1,60})"', header)
    if 'ongoing-request="false"' in header:
        return Archived("ready", expiry[1] if expiry else "")
    return Archived("archived")


def _headed(key: str, found: HeadObjectOutputTypeDef) -> ImageVersion:
    return ImageVersion(
        key,
        str(found.get("VersionId") or "null"),
        _iso(found["LastModified"]),
        True,
        False,
        found["ContentLength"],
        found["ETag"].strip('"'),
        str(found.get("StorageClass", "STANDARD")),
        str(found.get("ServerSideEncryption", "")).startswith("aws:kms"),
    )


def _version(found: Mapping[str, object]) -> ImageVersion:
    return ImageVersion(
        str(found["Key"]),
        str(found.get("VersionId") or "null"),
        _iso(found["LastModified"]),
        bool(found.get("IsLatest")),
        False,
        int(str(found.get("Size") or 0)),
        str(found.get("ETag") or "").strip('"'),
        str(found.get("StorageClass") or "STANDARD"),
    )


def _marker(found: Mapping[str, object]) -> ImageVersion:
    return ImageVersion(
        str(found["Key"]),
        str(found.get("VersionId") or "null"),
        _iso(found["LastModified"]),
        bool(found.get("IsLatest")),
        hides=True,
    )


def _iso(moment: object) -> str:
    if not isinstance(moment, datetime):
        raise Refused("S3 gave an object without a time: look at the bucket by hand")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
