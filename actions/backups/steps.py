"""The steps of a backup, each safe to run twice: what is published or dumped already is not done again."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import msgspec

from actions.backups.checks import contents_of
from actions.backups.choice import bare, read_manifest, taken_at
from actions.backups.facts import MakeFacts, MakeParams, doubt_about
from actions.backups.make import Making, take_dump, temporary_folder, temporary_key
from actions.backups.manifest import MAKER, MANIFEST, Manifest
from actions.backups.publish import as_json, copy_to, proven, publish
from actions.backups.survey import last_good, refuse_holes
from actions.failures import NotVerified, Refused, Transient
from actions.plan import Context, Evidence
from actions.restores.facts import size_text
from actions.tools.aws.s3 import Bucket, ObjectSeen
from actions.tools.dumps.programs import pg_dump_program
from actions.tools.dumps.shelf import shelf_of
from actions.tools.postgres.inventory import read_unreadable
from actions.tools.postgres.server import Postgres, databases
from actions.tools.postgres.snapshot import hold_backup_lock

COPY_TRIES = 3
_PAUSE_S = 1.0


@dataclass(frozen=True)
class MakeBackup:
    """One plan's backup; every method is the `do` of one step."""

    params: MakeParams
    facts: MakeFacts

    def server(self, context: Context) -> Postgres:
        return context.tools.postgres(self.params.environment)

    def bucket(self, context: Context) -> Bucket:
        return context.tools.backups(self.params.environment)

    def check_source(self, context: Context) -> Evidence:
        """Guard: the same database, which may be read, and a pg_dump that may be used."""
        server = self.server(context)
        with server.session(context.run) as session:
            identity = server.identity(session)
            seen = databases(session).get(server.database)
            unreadable = read_unreadable(session)
        pinned = (self.facts.system_identifier, self.facts.oid)
        if seen is None or (identity.system_identifier, seen.oid) != pinned:
            raise Refused(f"{server.place} is another database than the one that was shown; ask again")
        if unreadable:
            raise Refused(f"drbot may not read {', '.join(unreadable)} any more: a dump would fail")
        program = pg_dump_program(server, identity.major)
        refuse_holes(program, context.tools.keeping(self.params.environment))
        return Evidence(f"{server.place} was the database shown; pg_dump {program.text} may read all of it")

    def check_alone(self, context: Context) -> Evidence:
        """Guard: no other backup of this database runs now."""
        with self.server(context).session(context.run) as session:
            hold_backup_lock(session, context.run)
        return Evidence(f"no other backup of {self.facts.database} was running")

    def dump(self, context: Context) -> Evidence:
        """Step: the dump and its manifest under the run's temporary folder."""
        bucket = self.bucket(context)
        done = self.published(context) or self.made(context)
        if done is not None:
            return Evidence(f"{bare(done.key.rsplit('/', 1)[-1])} was dumped already")
        self.check_alone(context)  # what is cleared now must not be what another bot is at
        self.clear(context)
        folder = temporary_folder(bucket, context.run)
        bucket.put(f"{folder}began", b"")  # S3 says no before the work, not after it
        began = time.monotonic()
        making = Making(self.params.environment, self.facts.kind, context.run)
        manifest = take_dump(self.server(context), bucket, making, context.progress)
        if manifest.kind == "archive":
            contents_of(bucket, temporary_key(bucket, manifest), self.server(context), manifest)
        rows = manifest.content.rows
        doubt = doubt_about(last_good(bucket, beside=manifest), rows, manifest.size_bytes, manifest.kind)
        remark = "; ".join(filter(None, (manifest.remark, doubt)))
        manifest = replace(manifest, remark=remark)
        bucket.put(folder + MANIFEST, as_json(manifest))
        took_s = time.monotonic() - began
        return Evidence(
            f"dumped {size_text(self.facts.size_bytes)} into {size_text(manifest.size_bytes)} in"
            f" {took_s:.1f} s; every one of {rows:,} rows was counted and hashed in the same snapshot",
            {
                "rows": f"{rows:,} in {len(manifest.content.tables)} tables",
                "rate": f"{manifest.size_bytes / 1e6 / max(took_s, 0.1):.1f} MB/s packed,"
                f" {self.facts.size_bytes / 1e6 / max(took_s, 0.1):.0f} MB/s of the database",
                "sha256": manifest.sha256,
                "data of": manifest.started_at,
            },
            "amber" if remark or manifest.faults else "green",
        )

    def publish(self, context: Context) -> Evidence:
        """Step: final name, read back, checksum, and the manifest last."""
        bucket = self.bucket(context)
        manifest = self.published(context)
        if manifest is None:
            manifest = self.made(context)
            if manifest is None:
                raise NotVerified("what was dumped is not there any more: ask for a new backup")
            manifest = publish(bucket, temporary_key(bucket, manifest), manifest, context.progress)
        return Evidence(
            f"published {bare(manifest.key.rsplit('/', 1)[-1])}: read back whole, its SHA-256 is that of the"
            " dump; the manifest was written last",
            {"backup": bare(manifest.key.rsplit("/", 1)[-1]), "bytes": str(manifest.size_bytes)},
        )

    def copy(self, name: str, context: Context) -> Evidence:
        """Step: one further copy. A place that fails costs the copy, never the backup: that is told."""
        bucket, why = self.bucket(context), ""
        for attempt in range(COPY_TRIES):
            try:
                return self._copied(name, context)
            except Refused as error:
                why = str(error)
                break
            except (Transient, NotVerified) as error:
                why = str(error)
                time.sleep(_PAUSE_S * attempt)
        return Evidence(
            f"there is NO copy in {name}: {why[:300]}. The backup itself stands in {bucket.place}",
            {name: "missing"},
            "amber",
        )

    def _copied(self, name: str, context: Context) -> Evidence:
        keeping, bucket = context.tools.keeping(self.params.environment), self.bucket(context)
        place = next((one for one in keeping.copies if one.name == name), None)
        manifest = self.published(context)
        if place is None or manifest is None:
            raise Refused(f"the plan names no {name} any more, or the backup is gone")
        shelf = shelf_of(place, bucket.stem)
        fresh = copy_to(shelf, bucket, manifest, context.progress)
        said = f"copied to {shelf.place}" if fresh else f"{shelf.place} had it already"
        return Evidence(f"{said}, hashed on the way", {name: shelf.place}, "green")

    def tidy(self, context: Context) -> Evidence:
        """Step: the run's temporary folder goes. Where that may not be, it is told: it does no harm."""
        try:
            gone = self.clear(context)
        except (Refused, Transient) as error:
            return Evidence(f"what is temporary stays, it does no harm: {str(error)[:300]}", light="amber")
        return Evidence(f"removed what was temporary ({gone} objects)")

    def published(self, context: Context) -> Manifest | None:
        """What this run has published, or None. Another bot's run of that number is not it."""
        bucket = self.bucket(context)
        for backup in proven(bucket):
            named = taken_at(bucket.stem, backup.file_name)  # of the database's clock, as is surveyed_at
            if named is None or f"{named:%Y-%m-%dT%H:%M:%SZ}" < self.facts.surveyed_at:
                continue
            manifest = read_manifest(bucket, backup)
            if manifest.run == context.run and manifest.made_by == MAKER:
                return manifest
        return None

    def made(self, context: Context) -> Manifest | None:
        """What this run has dumped and not published, or None."""
        manifest = self.kept(context, MANIFEST)
        if manifest is None or manifest.started_at < self.facts.surveyed_at:
            return None
        bucket = self.bucket(context)
        key = temporary_key(bucket, manifest)
        lies = next((seen for seen in self._temporary(bucket, context) if seen.key == key), None)
        return manifest if lies is not None and lies.size_bytes == manifest.size_bytes else None

    def kept(self, context: Context, name: str) -> Manifest | None:
        """A manifest in the run's temporary folder, or None."""
        bucket = self.bucket(context)
        key = temporary_folder(bucket, context.run) + name
        if all(seen.key != key for seen in self._temporary(bucket, context)):
            return None
        return msgspec.json.decode(bucket.read(key), type=Manifest)

    def _temporary(self, bucket: Bucket, context: Context) -> tuple[ObjectSeen, ...]:
        return bucket.list(under=temporary_folder(bucket, context.run).removeprefix(bucket.prefix))

    def clear(self, context: Context) -> int:
        """Remove everything temporary of this run; how much it was."""
        bucket = self.bucket(context)
        gone = bucket.abort_uploads(temporary_folder(bucket, context.run))
        for seen in self._temporary(bucket, context):
            bucket.delete(seen.key)
            gone += 1
        return gone
