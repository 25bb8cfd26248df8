"""A PostgreSQL cluster whose files drbot can reach, and the pgBackRest stanza that archives it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from actions.failures import Refused, Transient

DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Cluster:
    """The cluster's data directory and its stanza.

    `user` is the operating system's user that owns the files. `beside` is the folder, on the same disk,
    where a recovered cluster is put together. `archive_timeout_s` is what the plan promises of the archive.
    `programs` is where postgres and pg_ctl are (by default Debian's, of the cluster's own version),
    `backrest` the pgbackrest program, which answers a question within `answer_timeout_s`.
    """

    stanza: str
    config: Path
    data_directory: Path
    beside: Path
    programs: Path
    backrest: Path
    port: int
    user: str = "postgres"
    archive_timeout_s: float = 60.0
    answer_timeout_s: float = 60.0

    def recovered(self, run: int) -> Path:
        """The data directory that a run puts together beside the live one."""
        return self.beside / f"{self.stanza}__dr_{run}"

    def private(self, run: int) -> Path:
        """The folder of a recovered cluster's socket and log, closed to everybody else."""
        return self.beside / f"{self.stanza}__dr_{run}.run"

    def kept(self, run: int) -> Path:
        """The data directory from before a run, while the way back is open."""
        return self.data_directory.with_name(f"{self.data_directory.name}__old_{run}")

    def undone(self, run: int) -> Path:
        """What a run had put in place, once it was taken back."""
        return self.data_directory.with_name(f"{self.data_directory.name}__undone_{run}")

    @property
    def last_rehearsal(self) -> Path:
        """What the newest rehearsal says of itself."""
        return self.beside / f"{self.stanza}__rehearsed.json"

    def program(self, name: str, version_of: Path | None = None) -> Path:
        """One of the server's programs. Raises Refused where the version cannot be read."""
        if self.programs != Path():
            return self.programs / name
        version = (version_of or self.data_directory) / "PG_VERSION"
        try:
            major = version.read_text().strip()
        except OSError as error:
            raise Refused(
                f"{version} cannot be read ({error.strerror}), so which PostgreSQL this is cannot be told:"
                " name `programs` in the plan's cluster. Nothing was changed."
            ) from error
        return DEBIAN / major / "bin" / name


@contextlib.contextmanager
def alone(cluster: Cluster, directory: Path, patience_s: float = 10.0) -> Iterator[int]:
    """Hold the one lock on a directory of the cluster, as long as the block lives.

    Yields the open directory: a program that is given it holds the lock for as long as it lives too.
    Raises Transient where somebody else holds it for longer, Refused where the directory is not there.
    """
    try:
        held = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise Refused(f"{directory} cannot be opened: {error.strerror}. Nothing was changed.") from error
    try:
        deadline = time.monotonic() + patience_s
        while not _locked(held):
            if time.monotonic() > deadline:
                raise Transient(f"another recovery of {cluster.stanza} works in {directory} now")
            time.sleep(0.1)
        yield held
    finally:
        os.close(held)


def _locked(held: int) -> bool:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
