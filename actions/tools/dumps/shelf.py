"""Where backups lie: a prefix of a bucket or a local folder, used alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from actions.tools.aws.s3 import Bucket, ObjectSeen
from actions.tools.aws.s3_stream import stream
from actions.tools.dumps.copies import CopyPlace
from actions.tools.dumps.folder import Folder


class Shelf(Protocol):
    """What is the same for both; see actions.tools.aws.s3.Bucket for what each method does and raises."""

    @property
    def place(self) -> str: ...
    @property
    def prefix(self) -> str: ...
    @property
    def stem(self) -> str: ...
    def list(self, limit: int = ..., under: str = ...) -> tuple[ObjectSeen, ...]: ...
    def head(self, key: str) -> ObjectSeen: ...
    def read(self, key: str, limit_bytes: int = ...) -> bytes: ...
    def put(self, key: str, data: bytes) -> ObjectSeen: ...
    def put_stream(self, key: str, chunks: Iterable[bytes]) -> ObjectSeen: ...
    def delete(self, key: str) -> None: ...


def shelf_of(copy: CopyPlace, stem: str) -> Shelf:
    """The place of a further copy."""
    if copy.bucket is not None:
        return copy.bucket
    if copy.directory is None:
        raise ValueError(f"the copy {copy.name} names neither a bucket nor a directory")
    return Folder(copy.directory, stem)


def content_of(shelf: Shelf, seen: ObjectSeen) -> Iterator[bytes]:
    """The bytes of exactly that object or file, or an error; see actions.tools.aws.s3_stream.stream."""
    if isinstance(shelf, Bucket):
        return stream(shelf, seen)
    if isinstance(shelf, Folder):
        return shelf.stream(seen)
    raise TypeError(f"{shelf.place} is neither a bucket nor a folder")
