"""Taking a backup back: what the run made goes, its copies first, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from actions.backups.choice import bare
from actions.backups.leases import leases
from actions.backups.make import temporary_folder
from actions.backups.manifest import MANIFEST, Manifest
from actions.backups.publish import as_json, is_same, published_at, unpublish
from actions.backups.steps import MakeBackup
from actions.failures import NotVerified, Refused
from actions.plan import Context, Evidence
from actions.tools.dumps.shelf import Shelf, shelf_of

NOTE = f"undo{MANIFEST}"


@dataclass(frozen=True)
class TakeBack:
    """The way back of one plan; every method is the `do` of one step."""

    made: MakeBackup

    def note(self, context: Context) -> Evidence:
        """Step: write down what is to go, so that a repeat of this knows it."""
        bucket = self.made.bucket(context)
        manifest = self.made.published(context) or self.made.made(context)
        if manifest is None:
            return Evidence("the run has left no backup")
        name = bare(manifest.key.rsplit("/", 1)[-1])
        if name in leases(bucket):
            raise Refused(f"{name} is being read by a restore now: nothing was removed; wait for it")
        bucket.put(temporary_folder(bucket, context.run) + NOTE, as_json(manifest))
        return Evidence(f"{name} and its copies are to be removed")

    def remove(self, context: Context) -> Evidence:
        """Step: the copies, then the backup."""
        manifest = self.made.kept(context, NOTE)
        if manifest is None:
            return Evidence("nothing of the run was left to remove")
        bucket = self.made.bucket(context)
        keeping = context.tools.keeping(self.made.params.environment)
        shelves: list[Shelf] = [shelf_of(copy, bucket.stem) for copy in keeping.copies]
        for shelf in (*shelves, bucket):
            _remove_own(shelf, manifest)
        name = bare(manifest.key.rsplit("/", 1)[-1])
        return Evidence(f"removed {name} from {len(shelves) + 1} places, its manifest first")

    def clear(self, context: Context) -> Evidence:
        """Step: the run's temporary folder."""
        return Evidence(f"removed {self.made.clear(context)} temporary objects")

    def check_gone(self, context: Context) -> Evidence:
        """Check: nothing of the run is listed any more."""
        left = self.made.published(context)
        if left is not None:
            raise NotVerified(f"{left.key} is still there")
        return Evidence("no backup of this run is listed any more")


def _remove_own(shelf: Shelf, manifest: Manifest) -> None:
    """Remove it there, if it is this very backup; another one under its name is left alone."""
    key = shelf.prefix + manifest.key.rsplit("/", 1)[-1]
    found = published_at(shelf, key)
    if found is None or is_same(found, manifest):
        unpublish(shelf, key)
