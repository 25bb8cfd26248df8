"""A bucket of images that keeps versions, and a replica, on a real S3 server; each test has its folder."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import boto3

from actions.tools.aws.image_bucket import ImageBucket, Transition
from actions.tools.aws.image_objects import ImageVersion, list_versions, newest_of
from actions.tools.aws.s3 import Bucket
from actions.tools.toolbox import FixedToolbox
from tests.real.s3 import KEYS, RealS3, moto, seaweedfs

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

PRIMARY, REPLICA = "belezza-images", "belezza-images-dr"
LIFECYCLE = (
    Transition("Standard", "Standard-IA", 30 * 86400.0),
    Transition("Standard-IA", "Glacier", 90 * 86400.0),
    Transition("Glacier", "deletion", 365 * 86400.0),
)


@dataclass(frozen=True)
class Gallery:
    """A folder of its own in both buckets. Neither engine replicates: `copy_over` is done by the test."""

    s3: RealS3
    folder: str

    @property
    def client(self) -> S3Client:
        """Somebody else's client."""
        return boto3.client(
            "s3",
            endpoint_url=self.s3.endpoint_url,
            region_name="us-east-1",
            aws_access_key_id=KEYS["accessKey"],
            aws_secret_access_key=KEYS["secretKey"],
        )

    def place(self, name: str = PRIMARY, endpoint_url: str = "") -> Bucket:
        return Bucket(
            name,
            self.folder,
            endpoint_url=endpoint_url or self.s3.endpoint_url,
            access_key=KEYS["accessKey"],
            secret_key=KEYS["secretKey"],
        )

    def images(self, replica: bool = True) -> ImageBucket:
        return ImageBucket(
            self.place(), self.place(REPLICA) if replica else None, lifecycle=LIFECYCLE, rto_s=4 * 3600.0
        )

    def tools(self, replica: bool = True) -> FixedToolbox:
        return FixedToolbox(image_buckets={"production": self.images(replica)})

    def key(self, name: str) -> str:
        return f"{self.folder}{name}"

    def put(self, name: str, data: bytes, kind: str = "image/jpeg", bucket: str = PRIMARY) -> ImageVersion:
        """A new version; what S3 says of it."""
        self.client.put_object(
            Bucket=bucket, Key=self.key(name), Body=data, ContentType=kind, Metadata={"salon": "7"}
        )
        return self.on_top(name, bucket)

    def delete(self, name: str, bucket: str = PRIMARY) -> None:
        self.client.delete_object(Bucket=bucket, Key=self.key(name))

    def drop(self, name: str, bucket: str = PRIMARY) -> None:
        """Every version of it is gone for good."""
        for one in self.history(name, bucket):
            self.client.delete_object(Bucket=bucket, Key=one.key, VersionId=one.version_id)

    def copy_over(self, name: str) -> None:
        """What replication would do."""
        source = {"Bucket": PRIMARY, "Key": self.key(name)}
        self.client.copy_object(Bucket=REPLICA, Key=self.key(name), CopySource=source)  # type: ignore[arg-type]

    def history(self, name: str, bucket: str = PRIMARY) -> list[ImageVersion]:
        """The newest first."""
        found = [
            one for one in list_versions(self.place(bucket), "", self.key(name)) if one.key == self.key(name)
        ]
        return sorted(found, key=lambda one: (one.newest, one.at), reverse=True)

    def on_top(self, name: str, bucket: str = PRIMARY) -> ImageVersion:
        found = newest_of(self.place(bucket), self.key(name))
        assert found is not None, name
        return found

    def content(self, name: str) -> bytes | None:
        """What a customer gets; None where there is nothing."""
        try:
            return self.client.get_object(Bucket=PRIMARY, Key=self.key(name))["Body"].read()
        except self.client.exceptions.NoSuchKey:
            return None

    def section(self) -> Mapping[str, object]:
        """What the plan says of it."""
        return {"bucket": PRIMARY, "replica": REPLICA, "prefix": self.folder}


def next_second(after: ImageVersion) -> str:
    """Wait until S3's clock, which tells whole seconds, is past this version; its time for `as_of`."""
    at = datetime.fromisoformat(after.at)
    while time.time() < at.timestamp() + 1.1:
        time.sleep(0.05)
    return after.at


def gallery(s3: RealS3) -> Gallery:
    """A folder of its own."""
    return Gallery(s3, f"{uuid.uuid4().hex[:12]}/")


@contextlib.contextmanager
def versioned_seaweedfs() -> Iterator[RealS3]:
    """SeaweedFS with both buckets, keeping versions."""
    with seaweedfs() as s3:
        _make(s3)
        yield s3


@contextlib.contextmanager
def versioned_moto() -> Iterator[RealS3]:
    """moto with both buckets, keeping versions."""
    with moto() as s3:
        _make(s3)
        yield s3


def _make(s3: RealS3) -> None:
    client = gallery(s3).client
    for name in (PRIMARY, REPLICA):
        client.create_bucket(Bucket=name)
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
