"""How backups of an environment are kept: their format, for how long, and where further copies go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from actions.tools.aws.s3 import Bucket

BackupFormat: TypeAlias = Literal["archive", "plain"]
"""`archive` is pg_dump's custom format packed with zstd; `plain` the plan's gzipped SQL."""


@dataclass(frozen=True)
class CopyPlace:
    """One further place for each backup: a bucket (a second region, say) or a local folder, never both."""

    name: str
    keep_s: float
    bucket: Bucket | None = None
    directory: Path | None = None


@dataclass(frozen=True)
class Keeping:
    """What the plan promises of an environment's backups. `keep_at_least` verified ones never expire."""

    keep_s: float
    format: BackupFormat = "archive"
    copies: tuple[CopyPlace, ...] = ()
    keep_at_least: int = 3
