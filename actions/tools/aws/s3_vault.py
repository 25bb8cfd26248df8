"""A place in S3 for what holds secrets: encrypted and not public, or nothing is written there."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from actions.tools.aws.s3 import Bucket, ObjectSeen
from actions.tools.aws.s3_seal import code_of, told
from actions.tools.aws.s3_stream import stream

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import CompletedPartTypeDef

PART_BYTES = 16 * 1024 * 1024
UNFINISHED_LIMIT = 100
_GONE = {"404", "NoSuchKey", "NotFound", "NoSuchUpload"}


@dataclass(frozen=True)
class Sealed:
    """One object as it is kept. `expected_bytes` is what its writer was told that it would be, -1 unknown."""

    seen: ObjectSeen
    encryption: str
    expected_bytes: int


@dataclass(frozen=True)
class Stored:
    """What was written."""

    size_bytes: int
    sha256: str


def find(bucket: Bucket, key: str) -> Sealed | None:
    """The object, or None where there is none (an upload that is not finished is none)."""
    with told(bucket, key):
        try:
            found = bucket.client.head_object(Bucket=bucket.name, Key=key)
        except ClientError as error:
            if code_of(error) in _GONE:
                return None
            raise
    version = str(found.get("VersionId", ""))
    seen = ObjectSeen(key, found["ContentLength"], found["ETag"].strip('"'), found["LastModified"], version)
    expected = found.get("Metadata", {}).get("bytes", "")
    return Sealed(
        seen, str(found.get("ServerSideEncryption", "")), int(expected) if expected.isdigit() else -1
    )


def store(
    bucket: Bucket,
    key: str,
    chunks: Iterable[bytes],
    metadata: Mapping[str, str],
    progress: Callable[[str], None],
) -> Stored:
    """Write an object part by part, a part at a time in memory. It appears when it is whole, or never.

    An error of `chunks`, or of S3, aborts it; killed it leaves an upload that `abort_unfinished` takes away.
    """
    with told(bucket, key):
        begun = bucket.client.create_multipart_upload(Bucket=bucket.name, Key=key, Metadata=metadata)
        upload = begun["UploadId"]
        whole, size_bytes = hashlib.sha256(), 0
        parts: list[CompletedPartTypeDef] = []
        try:
            for number, part in enumerate(_parts(chunks), 1):
                whole.update(part)
                size_bytes += len(part)
                done = bucket.client.upload_part(
                    Bucket=bucket.name, Key=key, UploadId=upload, PartNumber=number, Body=part
                )
                parts.append({"ETag": done["ETag"], "PartNumber": number})
                progress(f"{size_bytes / 1e6:,.0f} MB")
            bucket.client.complete_multipart_upload(
                Bucket=bucket.name, Key=key, UploadId=upload, MultipartUpload={"Parts": parts}
            )
        except BaseException:
            with contextlib.suppress(Exception):  # what failed first is told; the next try takes it away
                bucket.client.abort_multipart_upload(Bucket=bucket.name, Key=key, UploadId=upload)
            raise
    return Stored(size_bytes, whole.hexdigest())


def abort_unfinished(bucket: Bucket, key: str) -> int:
    """Take away what interrupted uploads of this very key left; how many there were. Safe to do twice."""
    with told(bucket, key):
        found = bucket.client.list_multipart_uploads(
            Bucket=bucket.name, Prefix=key, MaxUploads=UNFINISHED_LIMIT
        )
        mine = [one["UploadId"] for one in found.get("Uploads", []) if one.get("Key") == key]
        for upload in mine:
            with contextlib.suppress(bucket.client.exceptions.NoSuchUpload):
                bucket.client.abort_multipart_upload(Bucket=bucket.name, Key=key, UploadId=upload)
    return len(mine)


def digest(bucket: Bucket, seen: ObjectSeen) -> str:
    """The SHA-256 of what is kept, read back."""
    whole = hashlib.sha256()
    for chunk in stream(bucket, seen):
        whole.update(chunk)
    return whole.hexdigest()


def remove(bucket: Bucket, seen: ObjectSeen) -> None:
    """Delete that version of the object for good. Safe to do twice."""
    with told(bucket, seen.key):
        if seen.version_id and seen.version_id != "null":
            bucket.client.delete_object(Bucket=bucket.name, Key=seen.key, VersionId=seen.version_id)
        else:
            bucket.client.delete_object(Bucket=bucket.name, Key=seen.key)


def _parts(chunks: Iterable[bytes]) -> Iterator[bytes]:
    held: list[bytes] = []
    have = 0
    for chunk in chunks:
        held.append(chunk)
        have += len(chunk)
        if have >= PART_BYTES:
            yield b"".join(held)
            held, have = [], 0
    if held:
        yield b"".join(held)
