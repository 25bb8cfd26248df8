"""What speaks against a restore but may still be right: only a broken glass overrides it."""

from __future__ import annotations

from collections.abc import Iterator

from actions.backups import Backup, Manifest, Proof, read_manifest
from actions.failures import Refused
from actions.restore_facts import TargetFacts
from actions.restore_writers import EMPTY_BYTES
from actions.tools.s3 import Bucket

FEWEST_SHARE = 0.8
LOOKED_BACK = 5


def far_fewer_rows(
    bucket: Bucket, listed: tuple[Backup, ...], backup: Backup, manifest: Manifest | None
) -> Iterator[str]:
    """The backup holds far fewer rows than the one before it: did somebody delete them, before it was made?

    Compared with the newest older one whose manifest can be read; of those at most five are tried.
    """
    if manifest is None:
        return
    older = [one for one in listed if one.taken_at < backup.taken_at and one.proof is Proof.MANIFEST]
    for one in older[:LOOKED_BACK]:
        try:
            rows = read_manifest(bucket, one).content.rows
        except Refused:
            continue  # a broken one says nothing of this one; choosing it says what is wrong with it
        if manifest.content.rows < FEWEST_SHARE * rows:
            yield (
                f"{backup.id} holds {manifest.content.rows:,} rows, the one before it ({one.id}) {rows:,}:"
                " rows may be missing from it already; look, or choose the older one"
            )
        return


def of_another_system(target: TargetFacts, manifest: Manifest | None) -> Iterator[str]:
    """A database of customers that is not empty, and a backup that was made on another server."""
    if manifest is None or target.size_bytes <= EMPTY_BYTES:
        return
    if manifest.system_identifier != target.system_identifier:
        yield (
            f"the backup was made on another server ({manifest.system_identifier}), and {target.database} on"
            f" this one ({target.system_identifier}) is not empty: right only if it replaced that one"
        )
