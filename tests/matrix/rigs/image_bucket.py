"""Rigs for the images: a folder in a bucket that keeps versions, S3 behind a proxy; archives on moto."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from tests.matrix.stage import Fault, Inject, Rig, Servers, Stage
from tests.real.images import PRIMARY, Gallery, gallery, versioned_moto, versioned_seaweedfs
from tests.real.proxy import Proxy, proxy
from tests.real.s3 import KEYS, RealS3

NAMES = ("a.jpg", "b.jpg")
FORMER, PRESENT = b"the picture", b"wrong"
NO = b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>"


@dataclass(frozen=True)
class _World:
    """Two pictures that were deleted."""

    gallery: Gallery
    way: Proxy

    def set(self) -> None:
        for name in NAMES:
            self.gallery.put(name, FORMER)
            self.gallery.delete(name)

    @contextlib.contextmanager
    def vanished(self) -> Iterator[None]:
        self.gallery.drop("a.jpg")
        yield

    @contextlib.contextmanager
    def changed(self) -> Iterator[None]:
        self.gallery.put("a.jpg", PRESENT)
        yield

    def effects(self) -> int:
        """How many copies of each were made beyond the first; taken back, one is on top that hides it."""
        made = [0]
        for name in NAMES:
            history = self.gallery.history(name)
            copies = [one for one in history if one.size_bytes == len(FORMER) and not one.hides]
            if history and not history[0].hides:
                made.append(len(copies) - 1)
        return max(made)

    def worse(self) -> str:
        """What was there may never be less."""
        for name in NAMES:
            content = self.gallery.content(name)
            if content not in (None, FORMER, PRESENT):
                return f"{name} holds what nobody wrote"
        return ""

    def faults(self) -> dict[Fault, Inject]:
        return {
            Fault.GONE: self.way.refuse,
            Fault.TIMEOUT: self.way.hang,
            Fault.DENIED: lambda: self.way.answer(403, NO, "application/xml"),
        }


@contextlib.contextmanager
def _world(servers: Servers, archive: bool = False) -> Iterator[_World]:
    name, start = ("image-moto", versioned_moto) if archive else ("image-seaweedfs", versioned_seaweedfs)
    s3 = cast(RealS3, servers.keep(name, start))
    port = int(s3.endpoint_url.rpartition(":")[2])
    with proxy(("127.0.0.1", port)) as way:
        yield _World(gallery(s3), way)


def _stage(world: _World, params: Mapping[str, str], faults: Mapping[Fault, Inject]) -> Stage:
    return Stage(
        params={"environment": "production", **params},
        environments={"production": {"images": world.gallery.section()}},
        variables={
            "AWS_ENDPOINT_URL": world.way.url,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": KEYS["accessKey"],
            "AWS_SECRET_ACCESS_KEY": KEYS["secretKey"],
        },
        effects=lambda: 0,
        worse=lambda: "",
        faults=faults,
    )


@contextlib.contextmanager
def look_at_image_bucket(servers: Servers) -> Iterator[Stage]:
    with _world(servers) as world:
        world.gallery.put("a.jpg", FORMER)
        world.gallery.copy_over("a.jpg")
        yield _stage(world, {}, world.faults())


@contextlib.contextmanager
def bring_back_images(servers: Servers) -> Iterator[Stage]:
    with _world(servers) as world:
        world.set()
        more: dict[Fault, Inject] = {Fault.VANISHED: world.vanished, Fault.CHANGED: world.changed}
        made = _stage(world, {"prefix": world.gallery.folder}, {**world.faults(), **more})
        yield Stage(made.params, made.environments, made.variables, world.effects, world.worse, made.faults)


@contextlib.contextmanager
def request_archived_images(servers: Servers) -> Iterator[Stage]:
    with _world(servers, archive=True) as world:
        client, key = world.gallery.client, world.gallery.key("a.jpg")
        client.put_object(Bucket=PRIMARY, Key=key, Body=FORMER, StorageClass="GLACIER")

        def effects() -> int:
            found = client.list_object_versions(Bucket=PRIMARY, Prefix=key).get("Versions", [])
            return sum(
                "Restore" in client.head_object(Bucket=PRIMARY, Key=key, VersionId=one["VersionId"])
                for one in found
            )

        more: dict[Fault, Inject] = {Fault.VANISHED: world.vanished, Fault.CHANGED: world.changed}
        made = _stage(world, {"prefix": world.gallery.folder}, {**world.faults(), **more})
        yield Stage(made.params, made.environments, made.variables, effects, made.worse, made.faults)


RIGS: Mapping[str, Rig] = {
    "look-at-image-bucket": look_at_image_bucket,
    "bring-back-images": bring_back_images,
    "request-archived-images": request_archived_images,
}
