"""Whether what is written to a bucket is safe there: encrypted by default, and not public."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from botocore.exceptions import ClientError

from actions.failures import Refused
from actions.tools.aws.s3 import Bucket

_NOT_SET = {
    "NoSuchPublicAccessBlockConfiguration",
    "NoSuchBucketPolicy",
    "NotImplemented",
    "MethodNotAllowed",
}
_EVERYBODY = ("/groups/global/AllUsers", "/groups/global/AuthenticatedUsers")
_DENIED = {"403", "AccessDenied", "Forbidden", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"}


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


def _encryption(bucket: Bucket) -> str:
    with told(bucket):
        try:
            found = bucket.client.get_bucket_encryption(Bucket=bucket.name)
        except ClientError as error:
            if code_of(error) in {"ServerSideEncryptionConfigurationNotFoundError", "NotImplemented"}:
                return ""
            raise
    for rule in found["ServerSideEncryptionConfiguration"]["Rules"]:
        if default := rule.get("ApplyServerSideEncryptionByDefault"):
            return str(default["SSEAlgorithm"])
    return ""


def _blocks_public(bucket: Bucket) -> bool:
    with told(bucket):
        try:
            found = bucket.client.get_public_access_block(Bucket=bucket.name)
        except ClientError as error:
            if code_of(error) in _NOT_SET:
                return False
            raise
    block = found["PublicAccessBlockConfiguration"]
    return bool(block.get("IgnorePublicAcls")) and bool(block.get("RestrictPublicBuckets"))


def _check_policy(bucket: Bucket) -> None:
    with told(bucket):
        try:
            found = bucket.client.get_bucket_policy_status(Bucket=bucket.name)
        except ClientError as error:
            if code_of(error) in _NOT_SET:
                return
            raise
    if found["PolicyStatus"].get("IsPublic"):
        raise Refused(f"s3://{bucket.name} is public by its policy: nothing was written. Block public access")


def _check_grants(bucket: Bucket) -> None:
    with told(bucket):
        grants = bucket.client.get_bucket_acl(Bucket=bucket.name).get("Grants", [])
    if any(str(grant.get("Grantee", {}).get("URI", "")).endswith(_EVERYBODY) for grant in grants):
        raise Refused(f"s3://{bucket.name} is public by its ACL: nothing was written. Block public access")


@contextlib.contextmanager
def told(bucket: Bucket, key: str = "") -> Iterator[None]:
    """S3's errors as sentences: as Bucket.told does, and naming the call that was denied."""
    where = f"s3://{bucket.name}/{key or bucket.prefix}"
    with bucket.told(key):
        try:
            yield
        except ClientError as error:
            if code_of(error) in _DENIED:
                raise Refused(
                    f"S3 refuses drbot at {where} ({error.operation_name}: {code_of(error)}): mend its"
                    " credentials or the policy (dr actions shows what it needs)"
                ) from error
            if code_of(error) == "NoSuchBucket":
                raise Refused(
                    f"there is no bucket s3://{bucket.name}: check the plan's heap_dumps"
                ) from error
            raise


def code_of(error: ClientError) -> str:
    """S3's own word for what is wrong."""
    return str(error.response.get("Error", {}).get("Code", ""))
