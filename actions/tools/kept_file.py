"""A small secret file that is replaced at once, its former self kept beside it until a person removes that.

Every write goes to a new file beside (0600, flushed to the disk), which then takes the name: a reader finds
the former or the new one, whole. All names are looked up in the directory that was opened; links are refused.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from actions.failures import Refused, Transient

PRIVATE = 0o600
MOST_BYTES = 1024 * 1024
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class FileSeen:
    """A file at one moment, pinned by inode and time of change; what it holds is not in here."""

    inode: int
    modified_ns: int
    mode: int
    owner: int
    group: int


@dataclass(frozen=True)
class KeptFile:
    """The file at `path`. Every method raises Refused with what to mend, Transient where the disk fails."""

    path: Path

    def kept_name(self, run: int) -> str:
        """What the former file is called beside it: `.env.before-12`."""
        return f"{self.path.name}.before-{run}"

    def see(self) -> FileSeen | None:
        """The file now; None where there is none. Raises Refused for a link, a directory, a device."""
        with self._directory() as directory:
            return self._seen(directory, self.path.name)

    def check_replaceable(self, run: int | None = None) -> None:
        """Raise Refused where drbot may not replace it here, or (with `run`) has already something kept."""
        with self._directory() as directory:
            seen = self._seen(directory, self.path.name)
            kept = self._seen(directory, self.kept_name(run)) if run is not None else None
            around = os.fstat(directory)
        if not os.access(self.path.parent, os.W_OK | os.X_OK):
            raise Refused(f"drbot may not write into {self.path.parent}: give its account that right")
        if around.st_mode & stat.S_IWOTH and not around.st_mode & stat.S_ISVTX:
            raise Refused(f"anybody may write into {self.path.parent}: no secret is put there (chmod o-w)")
        if seen is not None and os.geteuid() not in (0, seen.owner):
            raise Refused(
                f"{self.path} belongs to user {seen.owner}, and drbot runs as {os.geteuid()}: whoever reads"
                " it could not read its successor. Run drbot as that user"
            )
        if kept is not None and run is not None:
            raise Refused(
                f"{self.kept_name(run)} is there already, of another drbot: move it away, ask again"
            )

    def text(self, name: str = "") -> str:
        """What it holds; '' where it is not there. Raises Refused above the limit or where it is no text."""
        with self._directory() as directory:
            try:
                found = self._open(directory, name or self.path.name, os.O_RDONLY | os.O_NOFOLLOW)
            except FileNotFoundError:
                return ""
            with found:
                data = found.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise Refused(f"{self.path} is larger than {MOST_BYTES:,} bytes: that is no environment file")
        try:
            return data.decode()
        except UnicodeDecodeError:
            raise Refused(f"{self.path} is no UTF-8 text: look at it, and move it away") from None

    def keep(self, run: int, former: FileSeen | None) -> None:
        """Put a copy beside it (empty where there is no file yet). Safe to do twice."""
        with self._directory() as directory:
            if self._is_ours(directory, run):
                return
            self._check_same(directory, former)
            data = self.text().encode() if former is not None else b""
            self._check_same(directory, former)
            self._put(directory, self.kept_name(run), data, run, None)

    def replace(self, run: int, text: str, former: FileSeen | None) -> bool:
        """Give it this text; whether that was still to be done. Safe to do twice.

        Its time of change is then that of the kept copy, too: that is how drbot knows the file as its own.
        """
        with self._directory() as directory:
            if self._is_ours(directory, run):
                return False
            self._check_same(directory, former)
            if self._seen(directory, self.kept_name(run)) is None:
                raise Refused(f"{self.kept_name(run)} is not there any more: nothing was changed; ask again")
            self._put(directory, self.path.name, text.encode(), run, former)
            return True

    def put_back(self, run: int, former: FileSeen | None) -> bool:
        """Undo `replace` and `keep`; whether anything was left to do. Safe to do twice.

        Raises Refused where a person changed the file since: theirs is not thrown away.
        """
        kept = self.kept_name(run)
        with self._directory() as directory:
            if self._seen(directory, kept) is None:
                return False
            now = self._seen(directory, self.path.name)
            if now is not None and now != former and not self._is_ours(directory, run):
                raise Refused(
                    f"{self.path} was changed by someone else since. It was left as it is; the former file is"
                    f" beside it as {kept}"
                )
            if now == former:  # it was never replaced, or is gone already
                os.unlink(kept, dir_fd=directory)
            elif former is None:
                os.unlink(self.path.name, dir_fd=directory)
                os.fsync(directory)
                os.unlink(kept, dir_fd=directory)
            else:
                os.chown(kept, former.owner, former.group, dir_fd=directory, follow_symlinks=False)
                os.chmod(kept, former.mode, dir_fd=directory)
                os.replace(kept, self.path.name, src_dir_fd=directory, dst_dir_fd=directory)
            os.fsync(directory)
            return True

    def _put(self, directory: int, name: str, data: bytes, run: int, former: FileSeen | None) -> None:
        beside = f".{self.path.name}.drbot-{run}"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside, dir_fd=directory)  # of an attempt that was killed
        with self._open(directory, beside, _NEW) as file:
            os.fchmod(file.fileno(), PRIVATE)
            if former is not None:
                os.fchown(file.fileno(), former.owner, former.group)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            written_ns = os.fstat(file.fileno()).st_mtime_ns
        if name == self.path.name:
            os.utime(
                self.kept_name(run), ns=(written_ns, written_ns), dir_fd=directory, follow_symlinks=False
            )
        os.replace(beside, name, src_dir_fd=directory, dst_dir_fd=directory)
        os.fsync(directory)

    def _is_ours(self, directory: int, run: int) -> bool:
        kept = self._seen(directory, self.kept_name(run))
        now = self._seen(directory, self.path.name)
        return kept is not None and now is not None and kept.modified_ns == now.modified_ns

    def _check_same(self, directory: int, former: FileSeen | None) -> None:
        if self._seen(directory, self.path.name) != former:
            raise Refused(
                f"{self.path} is not the file that was shown any more: it was left as it is; ask again"
            )

    def _seen(self, directory: int, name: str) -> FileSeen | None:
        try:
            found = os.stat(name, dir_fd=directory, follow_symlinks=False)
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(found.st_mode):
            kinds = ((stat.S_ISLNK, "a symbolic link"), (stat.S_ISDIR, "a directory"))
            kind = next((said for is_so, said in kinds if is_so(found.st_mode)), "no plain file")
            raise Refused(f"{self.path.parent / name} is {kind}: the plan must name the file itself")
        return FileSeen(
            found.st_ino, found.st_mtime_ns, stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid
        )

    def _open(self, directory: int, name: str, flags: int) -> IO[bytes]:
        descriptor = os.open(name, flags | os.O_CLOEXEC, PRIVATE, dir_fd=directory)
        return os.fdopen(descriptor, "rb" if flags & os.O_ACCMODE == os.O_RDONLY else "wb")

    @contextlib.contextmanager
    def _directory(self) -> Iterator[int]:
        """The file's directory, opened. Turns what the system says while the block runs into sentences."""
        around = self.path.parent
        if not self.path.is_absolute() or not self.path.name:
            raise Refused(
                f"the plan's secrets.path must be a whole path to a file, not {str(self.path)[:80]!r}"
            )
        try:
            directory = os.open(around, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                yield directory
            finally:
                os.close(directory)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise Refused(
                f"the directory {around} is not there (or not whole): make it, and ask again"
            ) from error
        except PermissionError as error:
            raise Refused(
                f"drbot may not read or write {self.path} ({error.strerror}): give its account that right"
            ) from error
        except OSError as error:
            raise Transient(f"{self.path} could not be handled just now: {error.strerror}") from error
