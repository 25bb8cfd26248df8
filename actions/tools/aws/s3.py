"""A place in S3 as the actions use it: list, head, small reads, uploads; errors as sentences."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import IO, TYPE_CHECKING, cast

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

from actions.failures import Refused, Transient
from actions.tools.aws import reach as aws

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client
    from types_boto3_s3.type_defs import GetObjectOutputTypeDef, GetObjectRequestTypeDef

PART_BYTES = 8 * 1024 * 1024
COPY_PART_BYTES = 256 * 1024 * 1024
LIST_LIMIT = 50_000
_GONE = {"404", "NoSuchKey", "NotFound", "NoSuchVersion"}
_CHANGED = {"412", "PreconditionFailed"}
_ARCHIVED = {"GLACIER", "DEEP_ARCHIVE"}


@dataclass(frozen=True)
class ObjectSeen:
    """One object at one moment; `etag` and `version_id` pin that content."""

    key: str
    size_bytes: int
    etag: str
    modified_at: datetime
    version_id: str = ""
    storage_class: str = ""


@dataclass(frozen=True)
class Bucket:
    """A prefix of a bucket. `stem` is what the names of its dumps begin with (`belezza_production`).

    Without keys, endpoint or region boto3 looks for its own (AWS_*, profiles, instance roles). Every
    method raises Refused with what to mend (credentials, policy, missing bucket, changed object), or
    Transient where trying again can help.
    """

    name: str
    prefix: str = ""
    stem: str = "belezza_production"
    endpoint_url: str | None = None
    region: str | None = None
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    read_timeout_s: float = 30.0

    @property
    def place(self) -> str:
        return f"s3://{self.name}/{self.prefix}"

    @cached_property
    def client(self) -> S3Client:
        custom = (
            self.endpoint_url or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        )
        config = Config(
            connect_timeout=5,
            read_timeout=self.read_timeout_s,
            retries={"total_max_attempts": 3, "mode": "standard"},
            s3={"addressing_style": "path"} if custom else {},
        )
        with self.told():
            return boto3.session.Session().client(
                "s3",
                endpoint_url=self.endpoint_url,
                region_name=self.region
                or os.environ.get("AWS_DEFAULT_REGION")
                or ("us-east-1" if custom else None),
                aws_access_key_id=self.access_key,
                aws_secret_access_key=self.secret_key,
                config=config,
            )

    def told(self, key: str = "") -> contextlib.AbstractContextManager[None]:
        """Turn boto's errors into sentences about this place."""
        return aws.told(f"s3://{self.name}/{key or self.prefix}", self._said)

    def _said(self, code: str, where: str) -> Refused | Transient:
        if code in aws.DENIED:
            return Refused(
                f"S3 refuses {where} ({code}): credentials or bucket policy. This does not mean that there"
                " are no backups. Check AWS_* and s3:ListBucket/s3:GetObject, then ask again."
            )
        if code == "NoSuchBucket":
            return Refused(f"there is no bucket s3://{self.name}: check the plan's backup place")
        if code in _GONE:
            return Refused(f"{where} is not there (any more): list the backups again and choose one")
        if code in _CHANGED:
            return Refused(
                f"{where} was overwritten after it was chosen: nothing of it was used; choose again"
            )
        if code == "InvalidObjectState":
            return Refused(f"{where} is archived (Glacier): restore it from the archive first (hours)")
        return Transient(f"{where} did not answer as hoped ({code or 'no code'})")

    def list(self, limit: int = LIST_LIMIT, under: str = "") -> tuple[ObjectSeen, ...]:
        """Every object under the prefix (and `under` in it), by key.

        Raises Refused above `limit` (a wrong prefix, surely).
        """
        seen: list[ObjectSeen] = []
        with self.told():
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.name, Prefix=self.prefix + under
            )
            for page in pages:
                for entry in page.get("Contents", []):
                    seen.append(
                        ObjectSeen(
                            entry["Key"], entry["Size"], entry["ETag"].strip('"'), entry["LastModified"],
                            storage_class=entry.get("StorageClass", ""),
                        )
                    )  # fmt: skip
                if len(seen) > limit:
                    raise Refused(f"{self.place} holds more than {limit} objects: narrow the plan's prefix")
        return tuple(seen)

    def head(self, key: str) -> ObjectSeen:
        """One object as it is now. Raises Refused where it is gone."""
        with self.told(key):
            found = self.client.head_object(Bucket=self.name, Key=key)
        return ObjectSeen(
            key,
            found["ContentLength"],
            found["ETag"].strip('"'),
            found["LastModified"],
            str(found.get("VersionId", "")),
            str(found.get("StorageClass", "")),
        )

    def get(self, seen: ObjectSeen, start: int = 0) -> GetObjectOutputTypeDef:
        """Open exactly that content from byte `start`. Raises Refused where it was overwritten."""
        if seen.storage_class in _ARCHIVED:
            raise Refused(f"s3://{self.name}/{seen.key} is archived ({seen.storage_class}): restore it first")
        pinned: GetObjectRequestTypeDef = {"Bucket": self.name, "Key": seen.key, "IfMatch": f'"{seen.etag}"'}
        if seen.version_id and seen.version_id != "null":
            pinned["VersionId"] = seen.version_id
        if start:
            pinned["Range"] = f"bytes={start}-"
        with self.told(seen.key):
            return self.client.get_object(**pinned)

    def read(self, key: str, limit_bytes: int = 4 * 1024 * 1024) -> bytes:
        """A small object whole. Raises Refused above the limit."""
        seen = self.head(key)
        if seen.size_bytes > limit_bytes:
            raise Refused(
                f"s3://{self.name}/{key} is {seen.size_bytes} bytes: too large for what it should be"
            )
        with self.told(key):
            return self.get(seen)["Body"].read()

    def put(self, key: str, data: bytes) -> ObjectSeen:
        """Write a small object at once. Safe to do twice."""
        with self.told(key):
            self.client.put_object(Bucket=self.name, Key=key, Body=data)
        return self.head(key)

    def delete(self, key: str) -> None:
        """Delete an object (where the bucket keeps versions: put a delete marker on it). Safe to do twice."""
        with self.told(key):
            self.client.delete_object(Bucket=self.name, Key=key)

    def undelete(self, key: str) -> bool:
        """Take the delete marker off a key, where its bucket keeps versions; False where there is none."""
        with self.told(key):
            found = self.client.list_object_versions(Bucket=self.name, Prefix=key).get("DeleteMarkers", [])
            newest = [one for one in found if one.get("Key") == key and one.get("IsLatest")]
            for one in newest:
                self.client.delete_object(Bucket=self.name, Key=key, VersionId=one["VersionId"])
        return bool(newest)

    def keeps_versions(self) -> bool:
        """Whether the bucket keeps what is deleted or overwritten; False where S3 may not tell us."""
        try:
            with self.told():
                return self.client.get_bucket_versioning(Bucket=self.name).get("Status") == "Enabled"
        except Refused:
            return False

    def clock(self) -> datetime:
        """Now, by the clock of the storage. Raises Refused where it does not say."""
        with self.told():
            answer = self.client.list_objects_v2(Bucket=self.name, Prefix=self.prefix, MaxKeys=1)
        said = str(answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date", ""))
        try:
            return parsedate_to_datetime(said).astimezone(UTC)
        except ValueError as error:
            raise Refused(f"{self.place} does not say what time it has there") from error

    def copy(self, source: str, key: str) -> ObjectSeen:
        """Copy an object of this bucket inside S3, in parts where it is large. Safe to do twice."""
        settings = TransferConfig(multipart_threshold=COPY_PART_BYTES, multipart_chunksize=COPY_PART_BYTES)
        with self.told(key):
            self.client.copy({"Bucket": self.name, "Key": source}, self.name, key, Config=settings)
        return self.head(key)

    def abort_uploads(self, under: str) -> int:
        """End what uploads a killed process has left under a key's beginning; how many. Safe to do twice."""
        with self.told(under):
            found = self.client.list_multipart_uploads(Bucket=self.name, Prefix=under).get("Uploads", [])
            for upload in found:
                self.client.abort_multipart_upload(
                    Bucket=self.name, Key=upload["Key"], UploadId=upload["UploadId"]
                )
        return len(found)

    def put_stream(self, key: str, chunks: Iterable[bytes]) -> ObjectSeen:
        """Write an object as it comes, in parts. An error of `chunks` aborts it: no object appears then."""
        settings = TransferConfig(
            multipart_chunksize=PART_BYTES, multipart_threshold=PART_BYTES, use_threads=False
        )
        with self.told(key):
            self.client.upload_fileobj(
                cast("IO[bytes]", _Reader(iter(chunks))), self.name, key, Config=settings
            )
        return self.head(key)


class _Reader(io.RawIOBase):
    """A file over chunks, as boto's upload wants one."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Exactly `size` bytes until the end: boto takes a short read for the end of the object."""
        parts, have = [self._left], len(self._left)
        while size < 0 or have < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            parts.append(chunk)
            have += len(chunk)
        whole = b"".join(parts)
        cut = len(whole) if size < 0 else size
        self._left = whole[cut:]
        return whole[:cut]
