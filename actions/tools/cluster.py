"""A PostgreSQL cluster whose files drbot can reach, and the pgBackRest stanza that archives it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cluster:
    """The cluster's data directory and its stanza.

    `user` is the operating system's user that owns the files. `beside` is the folder, on the same disk,
    where a recovered cluster is put together. `archive_timeout_s` is what the plan promises of the archive.
    `programs` is where postgres and pg_ctl are, `backrest` the pgbackrest program.
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
