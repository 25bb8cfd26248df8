"""A bucket for heap dumps on a real S3 server: encrypted and closed, unless a test leaves that out."""

from __future__ import annotations

import uuid

from actions.tools.aws.s3 import Bucket
from tests.real.s3 import KEYS


def dump_bucket(endpoint_url: str, encrypted: bool = True, versioned: bool = True) -> Bucket:
    """A new bucket of its own."""
    bucket = Bucket(
        f"dumps-{uuid.uuid4().hex[:12]}",
        "heap-dumps/",
        "heap",
        endpoint_url,
        access_key=KEYS["accessKey"],
        secret_key=KEYS["secretKey"],
    )
    client = bucket.client
    client.create_bucket(Bucket=bucket.name)
    if encrypted:
        encrypt(bucket)
    if versioned:
        client.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def encrypt(bucket: Bucket) -> None:
    """Turn its default encryption on."""
    bucket.client.put_bucket_encryption(
        Bucket=bucket.name,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
    )


def kept(bucket: Bucket) -> list[str]:
    """The keys of every version that is there."""
    found = bucket.client.list_object_versions(Bucket=bucket.name)
    return [str(one.get("Key")) for one in found.get("Versions", [])]


def unfinished(bucket: Bucket) -> list[str]:
    """The keys of the uploads that were begun and not ended."""
    found = bucket.client.list_multipart_uploads(Bucket=bucket.name)
    return [str(one.get("Key")) for one in found.get("Uploads", [])]
