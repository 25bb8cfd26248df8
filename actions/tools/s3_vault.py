"""A place in S3 for what holds secrets: encrypted and not public, or nothing is written there."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from actions.failures import Refused
from actions.tools.s3 import Bucket, ObjectSeen
from actions.tools.s3_stream import stream

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import CompletedPartTypeDef

PART_BYTES = 16 * 1024 * 1024
UNFINISHED_LIMIT = 100
_GONE = {"404", "NoSuchKey", "NotFound", "NoSuchUpload"}
_DENIED = {"403", "AccessDenied", "Forbidden", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"}
_NOT_SET = {
    "NoSuchPublicAccessBlockConfiguration",
    "NoSuchBucketPolicy",
    "NotImplemented",
    "MethodNotAllowed",
}
_EVERYBODY = ("/groups/global/AllUsers", "/groups/global/AuthenticatedUsers")


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


def check_sealed(bucket: Bucket) -> str:
    """How the bucket encrypts by default. Raises Refused where it does not, or where it is public."""
    algorithm = _encryption(bucket)
    if not algorithm:
        raise Refused(
            f"s3://{bucket.name} has no default encryption, and what is to be written there holds secrets:"
            " nothing was written. Turn on its default encryption (SSE-S3 or SSE-KMS)"
        )
    if not _blocks_public(bucket):
        _check_policy(bucket)
        _check_grants(bucket)
    return algorithm


def find(bucket: Bucket, key: str) -> Sealed | None:
    """The object, or None where there is none (an upload that is not finished is none)."""
    with _told(bucket, key):
        try:
            found = bucket.client.head_object(Bucket=bucket.name, Key=key)
        except ClientError as error:
            if _code(error) in _GONE:
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
    with _told(bucket, key):
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
    with _told(bucket, key):
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
    with _told(bucket, seen.key):
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


def _encryption(bucket: Bucket) -> str:
    with _told(bucket):
        try:
            found = bucket.client.get_bucket_encryption(Bucket=bucket.name)
        except ClientError as error:
            if _code(error) in {"ServerSideEncryptionConfigurationNotFoundError", "NotImplemented"}:
                return ""
            raise
    for rule in found["ServerSideEncryptionConfiguration"]["Rules"]:
        if default := rule.get("ApplyServerSideEncryptionByDefault"):
            return str(default["SSEAlgorithm"])
    return ""


def _blocks_public(bucket: Bucket) -> bool:
    with _told(bucket):
        try:
            found = bucket.client.get_public_access_block(Bucket=bucket.name)
        except ClientError as error:
            if _code(error) in _NOT_SET:
                return False
            raise
    block = found["PublicAccessBlockConfiguration"]
    return bool(block.get("IgnorePublicAcls")) and bool(block.get("RestrictPublicBuckets"))


def _check_policy(bucket: Bucket) -> None:
    with _told(bucket):
        try:
            found = bucket.client.get_bucket_policy_status(Bucket=bucket.name)
        except ClientError as error:
            if _code(error) in _NOT_SET:
                return
            raise
    if found["PolicyStatus"].get("IsPublic"):
        raise Refused(f"s3://{bucket.name} is public by its policy: nothing was written. Block public access")


def _check_grants(bucket: Bucket) -> None:
    with _told(bucket):
        grants = bucket.client.get_bucket_acl(Bucket=bucket.name).get("Grants", [])
    if any(str(grant.get("Grantee", {}).get("URI", "")).endswith(_EVERYBODY) for grant in grants):
        raise Refused(f"s3://{bucket.name} is public by its ACL: nothing was written. Block public access")


@contextlib.contextmanager
def _told(bucket: Bucket, key: str = "") -> Iterator[None]:
    where = f"s3://{bucket.name}/{key or bucket.prefix}"
    with bucket.told(key):
        try:
            yield
        except ClientError as error:
            if _code(error) in _DENIED:
                raise Refused(
                    f"S3 refuses drbot at {where} ({error.operation_name}: {_code(error)}): mend its"
                    " credentials or the policy (dr actions shows what it needs)"
                ) from error
            if _code(error) == "NoSuchBucket":
                raise Refused(
                    f"there is no bucket s3://{bucket.name}: check the plan's heap_dumps"
                ) from error
            raise


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
