"""A local folder of backups: whole files or none, for the owner's eyes only; errors as sentences."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from actions.failures import Refused, Transient
from actions.tools.aws.s3 import LIST_LIMIT, ObjectSeen

CHUNK_BYTES = 256 * 1024
PART = ".part"


@dataclass(frozen=True)
class Folder:
    """The files of one folder (none below it), used as a prefix of a bucket is; a key is a file's name.

    Files are written beside their name, synced, and renamed: what is there is whole. Every method raises
    Refused with what to mend, or Transient where trying again can help.
    """

    directory: Path
    stem: str = "belezza_production"

    @property
    def place(self) -> str:
        return str(self.directory)

    @property
    def prefix(self) -> str:
        return ""

    def list(self, limit: int = LIST_LIMIT, under: str = "") -> tuple[ObjectSeen, ...]:
        """Every whole file, by name; none where the folder is not there yet."""
        with self._told():
            if not self.directory.exists():
                return ()
            names = sorted(entry.name for entry in os.scandir(self.directory) if entry.is_file())
        if len(names) > limit:
            raise Refused(f"{self.place} holds more than {limit} files: is it the right folder?")
        return tuple(self.head(name) for name in names if name.startswith(under) and not name.endswith(PART))

    def head(self, key: str) -> ObjectSeen:
        """One file as it is now. Raises Refused where it is gone."""
        with self._told(key):
            found = self._path(key).stat()
        return ObjectSeen(
            key,
            found.st_size,
            f"{found.st_mtime_ns:x}-{found.st_size:x}",
            datetime.fromtimestamp(found.st_mtime, UTC),
        )

    def read(self, key: str, limit_bytes: int = 4 * 1024 * 1024) -> bytes:
        """A small file whole. Raises Refused above the limit."""
        seen = self.head(key)
        if seen.size_bytes > limit_bytes:
            raise Refused(f"{self.place}/{key} is {seen.size_bytes} bytes: too large for what it should be")
        with self._told(key):
            return self._path(key).read_bytes()

    def put(self, key: str, data: bytes) -> ObjectSeen:
        """Write a small file at once. Safe to do twice."""
        return self.put_stream(key, [data])

    def put_stream(self, key: str, chunks: Iterable[bytes]) -> ObjectSeen:
        """Write a file as it comes. An error of `chunks` leaves what was there before."""
        path = self._path(key)
        part = path.with_name(path.name + PART)
        with self._told(key):
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        file = os.fdopen(handle, "wb")
        try:
            for chunk in chunks:
                with self._told(key):
                    file.write(chunk)
            with self._told(key):
                file.flush()
                os.fsync(file.fileno())
                part.replace(path)
                self._sync()
        finally:
            with contextlib.suppress(OSError):  # what failed was told where it failed
                file.close()
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
        return self.head(key)

    def delete(self, key: str) -> None:
        """Delete a file. Safe to do twice."""
        with self._told(key):
            self._path(key).unlink(missing_ok=True)

    def stream(self, seen: ObjectSeen) -> Iterator[bytes]:
        """The file's bytes, exactly the pinned content or an error. Raises Refused where it was replaced."""
        if self.head(seen.key).etag != seen.etag:
            raise Refused(f"{self.place}/{seen.key} was written again after it was chosen: choose again")
        with self._told(seen.key), self._path(seen.key).open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    def _path(self, key: str) -> Path:
        if key != Path(key).name or key in ("", ".", ".."):
            raise Refused(f"{key[:80]!r} is no name of a file")
        return self.directory / key

    def _sync(self) -> None:
        handle = os.open(self.directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    @contextlib.contextmanager
    def _told(self, key: str = "") -> Iterator[None]:
        where = f"{self.place}/{key}" if key else self.place
        try:
            yield
        except FileNotFoundError as error:
            raise Refused(
                f"{where} is not there (any more): list the backups again and choose one"
            ) from error
        except PermissionError as error:
            raise Refused(f"drbot may not use {where}: give its account the right to it") from error
        except OSError as error:
            raise Transient(f"{where} did not take it: {error.strerror}") from error


def free_bytes(directory: Path) -> int:
    """What is free where a folder is or would be made: at the first one above it that is there."""
    there = next((folder for folder in (directory, *directory.parents) if folder.exists()), Path("/"))
    return shutil.disk_usage(there).free
