"""What a bucket is told to do by itself: keep versions, copy to another region, move to cheaper classes.

Source: S3 API (GetBucketVersioning, GetBucketReplication, GetBucketLifecycleConfiguration).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from botocore.exceptions import ClientError

from actions.failures import Refused, Transient
from actions.tools.aws import reach as aws
from actions.tools.aws.s3 import Bucket

_NONE = {
    "ReplicationConfigurationNotFoundError",
    "NoSuchLifecycleConfiguration",
    "ReplicationConfigurationNotFound",
}
_UNKNOWN = {"NotImplemented", "MethodNotAllowed", "501", "405"}
Versioning: TypeAlias = Literal["Enabled", "Suspended", "Off"]


@dataclass(frozen=True)
class ReplicationRule:
    """`to` is the name of the bucket that gets copies of what is under `prefix`; `deletes`: also markers."""

    name: str
    on: bool
    prefix: str
    to: str
    deletes: bool


@dataclass(frozen=True)
class LifecycleRule:
    """Days since an object was made, by S3's name of the class; `deleted_days` None: never by this rule.

    `old_days` is how long a version lives on once another (or a delete marker) is on top of it. `deleted_on`
    is the day (ISO 8601) on which it deletes whatever there is, '' for none.
    """

    name: str
    on: bool
    prefix: str
    moves: tuple[tuple[str, int], ...]
    deleted_days: int | None
    old_days: int | None
    deleted_on: str = ""

    def reaches(self, prefix: str) -> bool:
        """Whether it may touch an object under a prefix: it covers it, or something inside."""
        own = self.prefix.removesuffix("?")
        return self.on and (prefix.startswith(own) or own.startswith(prefix))

    @property
    def text(self) -> str:
        """Its name and what it is for, as a person reads it."""
        own = self.prefix.removesuffix("?") or "everything"
        return f"{self.name[:60]} (for {'some of ' if self.prefix.endswith('?') else ''}{own[-120:]})"


def read_versioning(bucket: Bucket) -> Versioning:
    """Whether versions are kept. Raises Refused, Transient as `told` says."""
    with told(bucket, "s3:GetBucketVersioning"):
        status = bucket.client.get_bucket_versioning(Bucket=bucket.name).get("Status", "")
    return "Enabled" if status == "Enabled" else "Suspended" if status == "Suspended" else "Off"


def read_replication(bucket: Bucket) -> tuple[ReplicationRule, ...]:
    """The rules that copy to other buckets; none where nothing is configured."""
    with told(bucket, "s3:GetReplicationConfiguration"):
        try:
            found = bucket.client.get_bucket_replication(Bucket=bucket.name)
        except ClientError as error:
            if code_of(error) in _NONE:
                return ()
            raise
    rules = cast("list[Mapping[str, object]]", found.get("ReplicationConfiguration", {}).get("Rules", []))
    return tuple(_replication(rule) for rule in rules)


def read_lifecycle(bucket: Bucket) -> tuple[LifecycleRule, ...]:
    """The rules that move and delete; none where nothing is configured."""
    with told(bucket, "s3:GetLifecycleConfiguration"):
        try:
            found = bucket.client.get_bucket_lifecycle_configuration(Bucket=bucket.name)
        except ClientError as error:
            if code_of(error) in _NONE:
                return ()
            raise
    return tuple(_lifecycle(rule) for rule in cast("list[Mapping[str, object]]", found.get("Rules", [])))


def code_of(error: ClientError) -> str:
    """S3's own word for what is wrong."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextlib.contextmanager
def told(bucket: Bucket, needs: str, key: str = "") -> Iterator[None]:
    """S3's errors as sentences about images: Refused with what to mend, Transient where it may pass."""
    where = f"s3://{bucket.name}/{key or bucket.prefix}"

    def said(code: str, place: str) -> Refused | Transient:
        if code in aws.DENIED:
            return Refused(f"S3 refuses {place} ({code}): drbot needs {needs}. Nothing was changed by this")
        if code == "NoSuchBucket":
            return Refused(f"there is no bucket s3://{bucket.name}: check the plan's images place")
        if code in ("404", "NoSuchKey", "NotFound", "NoSuchVersion"):
            return Refused(f"{place} is not there (any more): look again")
        if code in ("412", "PreconditionFailed"):
            return Refused(f"{place} is another content than the one shown: look again")
        if code in ("InvalidObjectState", "ObjectNotInActiveTierError"):
            return Refused(
                f"{place} is archived: request it first (run request-archived-images), it takes hours"
            )
        if code in _UNKNOWN:
            return Refused(f"this S3 server does not tell: {place} ({code})")
        return Transient(f"{place} did not answer as hoped ({code or 'no code'})")

    with aws.told(where, said):
        yield


def _replication(rule: Mapping[str, object]) -> ReplicationRule:
    destination = _mapping(rule.get("Destination"))
    markers = _mapping(rule.get("DeleteMarkerReplication"))
    return ReplicationRule(
        name=str(rule.get("ID") or "unnamed"),
        on=rule.get("Status") == "Enabled",
        prefix=_prefix(rule),
        to=str(destination.get("Bucket") or "").rpartition(":")[2],
        deletes=markers.get("Status") == "Enabled",
    )


def _lifecycle(rule: Mapping[str, object]) -> LifecycleRule:
    moves = [
        (str(one.get("StorageClass") or ""), _whole(one.get("Days")))
        for one in map(_mapping, cast("list[object]", rule.get("Transitions") or []))
    ]
    old = _mapping(rule.get("NoncurrentVersionExpiration"))
    expiry = _mapping(rule.get("Expiration"))
    return LifecycleRule(
        name=str(rule.get("ID") or "unnamed"),
        on=rule.get("Status") == "Enabled",
        prefix=_prefix(rule),
        moves=tuple(moves),
        deleted_days=_whole(expiry["Days"]) if expiry.get("Days") else None,
        old_days=_whole(old["NoncurrentDays"]) if old.get("NoncurrentDays") else None,
        deleted_on=str(expiry.get("Date") or "")[:10],
    )


def _prefix(rule: Mapping[str, object]) -> str:
    """What a rule covers; a filter by tags or sizes covers less than its prefix, so it says `?`."""
    chosen = _mapping(rule.get("Filter"))
    both = _mapping(chosen.get("And"))
    if both or any(name not in ("Prefix", "And") for name in chosen):
        return f"{both.get('Prefix') or ''}?"
    return str(chosen.get("Prefix") or rule.get("Prefix") or "")


def _mapping(found: object) -> Mapping[str, object]:
    return found if isinstance(found, Mapping) else {}


def _whole(found: object) -> int:
    return int(found) if isinstance(found, int | str) else 0
