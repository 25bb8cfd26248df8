"""Verifying a backup where it lies: every byte of it and of its copies read back and compared."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from actions.backups.checks import ReadBack, check_whole, programs_of
from actions.backups.choice import Proof, backups_in, choose, list_backups, read_checksum, read_manifest
from actions.backups.rehearsals import rehearsal_of
from actions.failures import NotVerified, Refused, Transient
from actions.plan import Action, Context, Ending, Evidence, Fault, Plan, Risk, Statement, Step
from actions.restores.facts import size_text
from actions.tools.dumps.copies import BackupFormat
from actions.tools.dumps.shelf import shelf_of
from actions.tools.toolbox import Toolbox

READ_TIMEOUT_S = 2 * 3600.0
RATE_BYTES_S = 60e6
READ = (
    Statement(("s3:ListBucket",), ("arn:aws:s3:::{backups}", "arn:aws:s3:::{copies}")),
    Statement(
        ("s3:GetObject", "s3:GetObjectVersion"), ("arn:aws:s3:::{backups}/*", "arn:aws:s3:::{copies}/*")
    ),
)
LOOK_ENDINGS = (
    Ending(Fault.GONE, "before", "failed", "S3 was asked three times; looking changes nothing"),
    Ending(Fault.TIMEOUT, "before", "failed", "given up, three times; looking changes nothing"),
    Ending(
        Fault.DENIED, "before", "refused", "told as a matter of credentials or policy, not of missing backups"
    ),
)


@dataclass(frozen=True)
class VerifyParams:
    """`backup` is `latest` or an id of the list."""

    environment: str
    backup: str = "latest"


@dataclass(frozen=True)
class VerifyFacts:
    """The chosen backup, pinned as S3 has it; `sha256` is what its manifest or checksum says."""

    id: str
    key: str
    etag: str
    size_bytes: int
    kind: BackupFormat
    proof: str
    sha256: str
    place: str
    copies: tuple[str, ...]
    rehearsed: str


@dataclass(frozen=True)
class _Verify:
    """One plan's backup; every method is the `do` of one step."""

    params: VerifyParams
    facts: VerifyFacts

    def check_same(self, context: Context) -> Evidence:
        """Guard: it is the object that was shown."""
        seen = context.tools.backups(self.params.environment).head(self.facts.key)
        if (seen.etag, seen.size_bytes) != (self.facts.etag, self.facts.size_bytes):
            raise Refused(f"{self.facts.id} was overwritten after it was shown: list the backups again")
        return Evidence(f"{self.facts.id} was unchanged ({size_text(seen.size_bytes)})")

    def read_copy(self, name: str, context: Context) -> Evidence:
        """Check: one copy is the same backup. One that is not is told, and the others are still read."""
        keeping = context.tools.keeping(self.params.environment)
        stem = context.tools.backups(self.params.environment).stem
        place = next((one for one in keeping.copies if one.name == name), None)
        if place is None:
            return Evidence(f"the plan names no {name} any more", light="amber")
        try:
            shelf = shelf_of(place, stem)
            there = [one for one in backups_in(shelf)[0] if one.id == self.facts.id]
            if not there:
                return Evidence(f"{name} has no copy of {self.facts.id}", {name: "missing"}, "amber")
            server = programs_of(context.tools, self.params.environment)
            read = check_whole(shelf, there[0], server, context.progress, self.facts.sha256)
        except (Refused, NotVerified) as error:
            return Evidence(f"the copy in {name} is NOT good: {error}", {name: "not good"}, "red")
        except Transient as error:
            return Evidence(f"the copy in {name} could not be read: {error}", {name: "not read"}, "amber")
        return Evidence(f"the copy in {name} is whole ({_what(read)})", {name: "whole"}, "green")

    def read_back(self, context: Context) -> Evidence:
        """Check: the backup itself. Raises NotVerified where it is not what was written."""
        shelf = context.tools.backups(self.params.environment)
        backup = next((one for one in list_backups(shelf) if one.object.key == self.facts.key), None)
        if backup is None:
            raise NotVerified(f"{self.facts.id} is not there any more: list the backups again")
        server = programs_of(context.tools, self.params.environment)
        read = check_whole(shelf, backup, server, context.progress, self.facts.sha256)
        return Evidence(
            f"{backup.id} in {shelf.place} is whole: {_what(read)}",
            {"sha256": self.facts.sha256, "compared with": backup.proof.value},
            "green" if backup.proof is Proof.MANIFEST else "amber",
        )

    def say_what_it_proves(self, context: Context) -> Evidence:
        """Check: nothing more; what was proven, and what was not."""
        del context
        return Evidence(
            "this proves that what lies there is, byte for byte, what pg_dump wrote; not that it loads:"
            f" a rehearsed restore proves that ({self.facts.rehearsed or 'none of this one yet'})"
        )


def _what(read: ReadBack) -> str:
    if read.contents is not None:
        inside = f"its table of contents names the rows of {read.contents.tables} tables"
    else:
        inside = "it unpacks to pg_dump's last line"
    return f"{size_text(read.size_bytes)}, SHA-256 as its {read.by.value} says; {inside}"


def _survey(tools: Toolbox, params: VerifyParams) -> VerifyFacts:
    bucket, keeping = tools.backups(params.environment), tools.keeping(params.environment)
    backup = choose(list_backups(bucket), params.backup)
    by_manifest = backup.proof is Proof.MANIFEST
    told = read_manifest(bucket, backup).sha256 if by_manifest else read_checksum(bucket, backup)
    rehearsed = rehearsal_of(bucket, backup, told)
    return VerifyFacts(
        id=backup.id,
        key=backup.object.key,
        etag=backup.object.etag,
        size_bytes=backup.object.size_bytes,
        kind=backup.kind,
        proof=backup.proof.value,
        sha256=told,
        place=bucket.place,
        copies=tuple(copy.name for copy in keeping.copies),
        rehearsed=f"RUN-{rehearsed.run} on {rehearsed.at[:10]}" if rehearsed else "",
    )


def _plan(params: VerifyParams, facts: VerifyFacts) -> Plan:
    verify = _Verify(params, facts)
    return Plan(
        before=(Step(f"Check that {facts.id} is unchanged", verify.check_same),),
        steps=(),
        after=(
            *(
                Step(f"Read the copy in {name} back", partial(verify.read_copy, name), READ_TIMEOUT_S)
                for name in facts.copies
            ),
            Step(f"Read {facts.id} back from {facts.place}", verify.read_back, READ_TIMEOUT_S),
            Step("Say what this proves", verify.say_what_it_proves),
        ),
        facts=(
            ("backup", f"{facts.id}, {facts.kind}, {size_text(facts.size_bytes)}"),
            ("lies in", facts.place),
            ("copies", ", ".join(facts.copies) or "none"),
            ("compared with", facts.proof),
            ("rehearsed", facts.rehearsed or "never"),
        ),
        forecast_s=round(1.0 + facts.size_bytes * (1 + len(facts.copies)) / RATE_BYTES_S, 1),
        amount=float(max(1, facts.size_bytes)),
    )


def _drift(planned: VerifyFacts, now: VerifyFacts) -> str | None:
    """A newer one may have come; the one that was shown must be the same."""
    if planned.id == now.id and (planned.etag, planned.sha256) != (now.etag, now.sha256):
        return f"{planned.id} was overwritten after it was shown"
    return None


verify_backup = Action(
    name="verify-backup",
    title="Verify a backup and its copies",
    risk=Risk.LOOK,
    params=VerifyParams,
    facts=VerifyFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/backups",
    survey=_survey,
    plan=_plan,
    permissions=(
        "S3: s3:ListBucket and s3:GetObject on the backups and their copies",
        "Disk: to read where a copy lies in a folder",
    ),
    example="run verify-backup environment=production backup=latest",
    description=(
        "Reads a backup and each of its copies back, every byte, and compares the SHA-256 with what its maker"
        " wrote; opens the table of contents of an archive, looks for the last line of a plain dump. A"
        " rehearsed restore proves more."
    ),
    drift=_drift,
    reach="reads one backup and its copies; changes nothing",
    iam=READ,
    endings=(
        *LOOK_ENDINGS,
        Ending(Fault.VANISHED, "before", "refused", "the backup is gone: list them again"),
        Ending(Fault.CHANGED, "before", "refused", "the backup was overwritten: list them again"),
    ),
)
