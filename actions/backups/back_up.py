"""Backing up a database: dumped from one snapshot, published with its manifest last, copied, read back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from actions.backups.checks import contents_of, find_listed
from actions.backups.facts import MakeFacts, MakeParams, drift
from actions.backups.make import DUMP_TIMEOUT_S
from actions.backups.manifest import Manifest
from actions.backups.steps import MakeBackup
from actions.backups.survey import survey
from actions.backups.undo import TakeBack
from actions.failures import NotVerified
from actions.plan import Action, Context, Ending, Evidence, Fault, Plan, Risk, Statement, Step
from actions.restores.facts import size_text, version_text
from actions.restores.proof import few

RATE_BYTES_S = 80e6
PUBLISH_TIMEOUT_S = 2 * 3600.0
PATIENT = 5
"""Attempts of the checks: a good backup is not taken back because the storage was away for a moment."""
UNDO_KEEP_S = 24 * 3600.0
ENDINGS = (
    Ending(Fault.GONE, "before", "failed", "asked three times; there is one backup less, nothing else"),
    Ending(Fault.TIMEOUT, "before", "failed", "given up after 5 s, three times; nothing was written"),
    Ending(Fault.DENIED, "before", "refused", "names the tables that may not be read; nothing was written"),
    Ending(Fault.VANISHED, "before", "refused", "the database is not there any more; nothing was written"),
    Ending(Fault.CHANGED, "before", "refused", "another database has its name now; nothing was written"),
    Ending(
        Fault.GONE,
        "during",
        "undone",
        "what was dumped so far is removed; the older backups are as they were",
    ),
    Ending(
        Fault.TIMEOUT, "during", "undone", "what was dumped so far is removed; older backups are as they were"
    ),
    Ending(Fault.PARTIAL, "during", "verified", "the backup stands; which copy is missing is told in amber"),
)


@dataclass(frozen=True)
class _Checks:
    """What is looked at once everything is written."""

    made: MakeBackup

    def listed(self, context: Context) -> Evidence:
        """Check: a restore of `latest` would find this one, and its manifest can be read."""
        listed, newest = find_listed(self.made.bucket(context), self._manifest(context))
        if newest.id != listed.id:
            said = f"{listed.id} is listed and proven, but {newest.id} has a newer name: a clock is wrong"
            return Evidence(said, light="amber")
        return Evidence(f"{listed.id} is listed as the newest proven backup; its manifest reads back")

    def readable(self, context: Context) -> Evidence:
        """Check: what was stored opens as what it is."""
        bucket, manifest = self.made.bucket(context), self._manifest(context)
        if manifest.kind == "plain":
            return Evidence("pg_dump's last line was seen before the packing was closed; read back as sent")
        contents = contents_of(bucket, manifest.key, self.made.server(context), manifest)
        return Evidence(
            f"pg_restore reads its table of contents: {contents.entries} entries, the rows of"
            f" {contents.tables} tables"
        )

    def compared(self, context: Context) -> Evidence:
        """Check: neither rows nor bytes are far fewer than in the last good one."""
        manifest, last = self._manifest(context), self.made.facts.last
        values = {
            "rows": f"{manifest.content.rows:,}",
            "before": f"{last.rows:,}" if last.id else "no backup",
        }
        values |= {f"newest {name}": at for name, at in manifest.newest.items()}
        if manifest.remark:
            return Evidence(f"published, but look at it: {manifest.remark}", values, "amber")
        if manifest.faults:
            own = few(list(manifest.faults.values()))
            said = (
                f"published, as {manifest.database} is: {own}. A restore brings that back, too; mend it there"
            )
            return Evidence(said, values, "amber")
        beside = f", {last.id} has {last.rows:,}" if last.id else "; it is the first one"
        return Evidence(f"it holds {manifest.content.rows:,} rows{beside}", values, "green")

    def _manifest(self, context: Context) -> Manifest:
        manifest = self.made.published(context)
        if manifest is None:
            raise NotVerified(f"no backup of this run is listed in {self.made.bucket(context).place}")
        return manifest


def plan(params: MakeParams, facts: MakeFacts) -> Plan:
    """Guards, dump, publish, copies, tidy, checks; and the way back."""
    made = MakeBackup(params, facts)
    back, checks = TakeBack(made), _Checks(made)
    return Plan(
        before=(
            Step(f"Check that {facts.place} is still the database shown here", made.check_source),
            Step(f"Check that no other backup of {facts.database} runs", made.check_alone),
        ),
        steps=(
            Step(
                f"Dump {facts.database} to a temporary place, every row counted and hashed beside",
                made.dump,
                DUMP_TIMEOUT_S,
                2,
            ),
            Step(
                f"Publish it in {facts.goes_to}: read back, its manifest last",
                made.publish,
                PUBLISH_TIMEOUT_S,
            ),
            *(
                Step(f"Copy it to {name}", partial(made.copy, name), PUBLISH_TIMEOUT_S, 1)
                for name in facts.copies
            ),
            Step("Remove what was temporary", made.tidy, 300.0),
        ),
        after=(
            Step("Find it listed as the newest proven backup", checks.listed, 120.0, PATIENT),
            Step("Open what was stored", checks.readable, 300.0, PATIENT),
            Step("Compare it with the last one", checks.compared, 120.0, PATIENT),
        ),
        undo=(
            Step("Note which backup the run has made", back.note),
            Step("Remove its copies, then itself", back.remove, 600.0),
            Step("Remove what was temporary", back.clear, 300.0),
            Step("Check that nothing of it is listed", back.check_gone),
        ),
        facts=_shown(params, facts),
        warnings=facts.remarks,
        forecast_s=round(2.0 + facts.size_bytes / RATE_BYTES_S, 1),
        undo_keep_s=UNDO_KEEP_S,
        amount=float(max(1, facts.size_bytes)),
    )


def _shown(params: MakeParams, facts: MakeFacts) -> tuple[tuple[str, str], ...]:
    last = facts.last
    before = (
        f"{last.id}, {last.age} old, {size_text(last.size_bytes)}" if last.id else "none that can be proven"
    )
    return (
        ("database", f"{facts.place} ({params.environment}), {size_text(facts.size_bytes)}"),
        (
            "server",
            f"PostgreSQL {version_text(facts.server_version)}, identifier {facts.system_identifier}",
        ),
        ("program", f"pg_dump {facts.pg_dump}"),
        ("format", f"{facts.kind}, packed with {facts.packing}"),
        ("goes to", facts.goes_to),
        ("copies", ", ".join(facts.copies) or "none"),
        ("last backup", before),
    )


back_up_database = Action(
    name="back-up-database",
    title="Back up a database",
    risk=Risk.LOW,
    params=MakeParams,
    facts=MakeFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/backups",
    survey=survey,
    plan=plan,
    permissions=(
        "PostgreSQL: CONNECT, and SELECT on every table and sequence (pg_read_all_data)",
        "S3: s3:ListBucket, s3:GetObject and s3:PutObject on the backups and their copies",
        "S3: s3:DeleteObject, s3:ListBucketMultipartUploads and s3:AbortMultipartUpload for temporary things",
        "Disk: to write where a copy goes into a folder",
    ),
    example="run back-up-database environment=production",
    description=(
        "Streams pg_dump to a temporary key, counts and hashes every row in the dump's own snapshot, reads"
        " back what S3 holds, and publishes it by its manifest, last. Then the copies that the plan names."
        " One far smaller than the last is published and marked."
    ),
    drift=drift,
    reach="reads one database for as long as the dump takes; writes one backup and its copies, deletes none",
    iam=(
        Statement(
            ("s3:ListBucket", "s3:ListBucketMultipartUploads"),
            ("arn:aws:s3:::{backups}", "arn:aws:s3:::{copies}"),
        ),
        Statement(
            ("s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"),
            ("arn:aws:s3:::{backups}/*", "arn:aws:s3:::{copies}/*"),
        ),
        Statement(("s3:DeleteObject",), ("arn:aws:s3:::{backups}/*", "arn:aws:s3:::{copies}/*")),
    ),
    endings=ENDINGS,
)
