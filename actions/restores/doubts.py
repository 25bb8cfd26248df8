"""What speaks against a restore but may still be right: only a broken glass overrides it."""

from __future__ import annotations

from collections.abc import Iterator

from actions.backups.choice import Backup, Manifest
from actions.backups.rehearsals import rehearsal_of
from actions.backups.survey import last_good
from actions.restores.facts import TargetFacts
from actions.restores.writers import EMPTY_BYTES
from actions.tools.aws.s3 import Bucket

FEWEST_SHARE = 0.8


def doubts(bucket: Bucket, backup: Backup, manifest: Manifest | None) -> Iterator[str]:
    """What its maker found odd about the backup, where no rehearsal took that away; else too few rows."""
    if manifest and manifest.remark and rehearsal_of(bucket, backup, manifest.sha256) is None:
        yield (
            f"{backup.id} was marked when it was made: {manifest.remark}. Look, choose an older one, or"
            " rehearse this one first"
        )
    else:
        yield from far_fewer_rows(bucket, backup, manifest)


def far_fewer_rows(bucket: Bucket, backup: Backup, manifest: Manifest | None) -> Iterator[str]:
    """The backup holds far fewer rows than the last good one: did somebody delete them, before it was made?

    Not compared with one that was marked itself: of two short ones the second would pass for good.
    """
    if manifest is None:
        return
    good = last_good(bucket, before=backup, beside=manifest)
    if manifest.content.rows < FEWEST_SHARE * good.rows:
        yield (
            f"{backup.id} holds {manifest.content.rows:,} rows, the last good one before it ({good.id})"
            f" {good.rows:,}: rows may be missing from it already; look, or choose the older one"
        )


def of_another_system(target: TargetFacts, manifest: Manifest | None) -> Iterator[str]:
    """A database of customers that is not empty, and a backup that was made on another server."""
    if manifest is None or target.size_bytes <= EMPTY_BYTES:
        return
    if manifest.system_identifier != target.system_identifier:
        yield (
            f"the backup was made on another server ({manifest.system_identifier}), and {target.database} on"
            f" this one ({target.system_identifier}) is not empty: right only if it replaced that one"
        )
