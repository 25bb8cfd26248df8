"""Where copies of drbot's memory lie: a folder, or a prefix of a bucket. A copy is complete or not there."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from actions.tools.aws.s3 import Bucket
from bot.domain.answer import UsageError
from bot.self_dr.manifest import MANIFEST, MEMORY

S3 = "s3://"
CHUNK_BYTES = 1024 * 1024
LEFT_AFTER_S = 86_400.0
NAME = re.compile(r"drbot-[0-9]{8}T[0-9]{6}Z-[0-9a-f]{4}")


class Place(Protocol):
    """Copies by name. Every method raises OSError, Refused or Transient with what to mend."""

    def names(self) -> Sequence[str]:
        """The complete copies, the newest first; where the place is itself a copy: ('',)."""
        ...

    def write(self, name: str, memory: Path, manifest: bytes) -> str:
        """Keep it, its manifest last; where it is now."""
        ...

    def manifest(self, name: str) -> bytes:
        """The manifest as it was written."""
        ...

    def fetch(self, name: str, file: Path) -> None:
        """The copy into a new file."""
        ...

    def forget(self, name: str) -> None:
        """Delete a copy. Safe to do twice."""
        ...

    def shares_disk(self, file: Path) -> bool:
        """Whether a copy here is lost with the disk of this file."""
        ...


@dataclass(frozen=True)
class Folder:
    """A folder, which only this account may read: the memory holds people's words."""

    path: Path

    def names(self) -> Sequence[str]:
        if (self.path / MANIFEST).is_file():
            return ("",)
        found = [
            one.parent.name for one in self.path.glob(f"*/{MANIFEST}") if NAME.fullmatch(one.parent.name)
        ]
        return sorted(found, reverse=True)

    def write(self, name: str, memory: Path, manifest: bytes) -> str:
        self._make()
        self._sweep()
        unfinished, whole = self.path / f".{name}.part", self.path / name
        unfinished.mkdir(mode=0o700)
        try:
            shutil.copyfile(memory, unfinished / MEMORY)
            (unfinished / MANIFEST).write_bytes(manifest)
            for one in (unfinished / MEMORY, unfinished / MANIFEST, unfinished):
                _to_disk(one)
            unfinished.rename(whole)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        _to_disk(self.path)
        return str(whole)

    def _make(self) -> None:
        """The last folder of the path alone: where the one above is missing, so is the disk perhaps."""
        try:
            self.path.mkdir(exist_ok=True)
        except FileNotFoundError as error:
            raise UsageError(
                f"there is no folder {self.path.parent}: mount its disk, or make it. drbot makes only the"
                " last folder of a path, so that no copy goes to the wrong disk"
            ) from error

    def shares_disk(self, file: Path) -> bool:
        return self.path.stat().st_dev == file.stat().st_dev

    def _sweep(self) -> None:
        """What a copy left that was killed half-way, a day ago or more."""
        for one in self.path.glob(".drbot-*.part"):
            if time.time() - one.stat().st_mtime > LEFT_AFTER_S:
                shutil.rmtree(one, ignore_errors=True)

    def manifest(self, name: str) -> bytes:
        return (self.path / name / MANIFEST).read_bytes()

    def fetch(self, name: str, file: Path) -> None:
        shutil.copyfile(self.path / name / MEMORY, file)

    def forget(self, name: str) -> None:
        if NAME.fullmatch(name):
            (self.path / name / MANIFEST).unlink(missing_ok=True)
            shutil.rmtree(self.path / name, ignore_errors=True)


@dataclass(frozen=True)
class S3Prefix:
    """A prefix of a bucket that ends in `/`."""

    bucket: Bucket

    def names(self) -> Sequence[str]:
        under = [one.key.removeprefix(self.bucket.prefix) for one in self.bucket.list()]
        if MANIFEST in under:
            return ("",)
        found = [key.removesuffix(f"/{MANIFEST}") for key in under if key.endswith(f"/{MANIFEST}")]
        return sorted((name for name in found if NAME.fullmatch(name)), reverse=True)

    def write(self, name: str, memory: Path, manifest: bytes) -> str:
        self.bucket.put_stream(self._key(name, MEMORY), _chunks(memory))
        self.bucket.put(self._key(name, MANIFEST), manifest)
        return f"{self.bucket.place}{name}"

    def manifest(self, name: str) -> bytes:
        return self.bucket.read(self._key(name, MANIFEST))

    def fetch(self, name: str, file: Path) -> None:
        key = self._key(name, MEMORY)
        body = self.bucket.get(self.bucket.head(key))["Body"]
        with self.bucket.told(key), file.open("wb") as opened:
            shutil.copyfileobj(body, opened, CHUNK_BYTES)

    def forget(self, name: str) -> None:
        if NAME.fullmatch(name):
            self.bucket.delete(self._key(name, MANIFEST))
            self.bucket.delete(self._key(name, MEMORY))

    def shares_disk(self, file: Path) -> bool:
        del file
        return False

    def _key(self, name: str, file: str) -> str:
        return self.bucket.prefix + (f"{name}/{file}" if name else file)


def place_of(where: str, environment: Mapping[str, str]) -> Place:
    """Read a folder's path or `s3://bucket/prefix/`. Raises UsageError."""
    if not where.strip():
        raise UsageError("say where: a folder on another disk, or s3://bucket/prefix/")
    if not where.startswith(S3):
        return Folder(Path(where).expanduser())
    bucket, _, prefix = where.removeprefix(S3).partition("/")
    if not bucket:
        raise UsageError(f"{where} names no bucket: write s3://bucket/prefix/")
    return S3Prefix(
        Bucket(
            bucket,
            f"{prefix.rstrip('/')}/" if prefix.strip("/") else "",
            stem="",
            endpoint_url=environment.get("AWS_ENDPOINT_URL_S3")
            or environment.get("AWS_ENDPOINT_URL")
            or None,
            region=environment.get("AWS_DEFAULT_REGION") or None,
            access_key=environment.get("AWS_ACCESS_KEY_ID") or None,
            secret_key=environment.get("AWS_SECRET_ACCESS_KEY") or None,
        )
    )


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK_BYTES):
            yield chunk


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
