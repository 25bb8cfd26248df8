"""Keeping a dump of the application where it is safe: facts, guards, checks and way back of both kinds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from actions.amounts import size_text
from actions.failures import NotVerified, Refused, Transient
from actions.plan import Context, Ending, Evidence, Fault, Statement
from actions.tools.application.application import Application, Closed, opens
from actions.tools.aws.s3 import Bucket
from actions.tools.aws.s3_seal import check_sealed
from actions.tools.aws.s3_vault import Sealed, abort_unfinished, find, remove
from actions.tools.toolbox import Toolbox

KEEP_S = 86_400.0
ASKED = 2
PERMISSIONS = (
    "S3: the statements below, on the plan's place for heap dumps",
    "KMS: GenerateDataKey and Decrypt, where the bucket encrypts with a key of its own",
)
IAM = (
    Statement(
        (
            "s3:GetEncryptionConfiguration", "s3:GetBucketPublicAccessBlock", "s3:GetBucketPolicyStatus",
            "s3:GetBucketAcl", "s3:ListBucketMultipartUploads", "s3:ListBucket",
        ),
        ("arn:aws:s3:::{bucket}",),
    ),
    Statement(
        (
            "s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload", "s3:DeleteObject",
            "s3:DeleteObjectVersion",
        ),
        ("arn:aws:s3:::{bucket}/{prefix}*",),
    ),
)  # fmt: skip
ENDINGS = (
    Ending(Fault.GONE, "before", "failed", "the application does not answer: no dump was taken"),
    Ending(Fault.TIMEOUT, "before", "failed", "the application answers too late: no dump was taken"),
    Ending(Fault.DENIED, "before", "refused", "the application refuses drbot: no dump was taken"),
    Ending(Fault.VANISHED, "before", "refused", "the endpoint was closed meanwhile: no dump was taken"),
    Ending(Fault.CHANGED, "before", "refused", "the application was restarted: what was in it is gone"),
    Ending(Fault.GONE, "during", "undone", "the dump broke off: nothing of it is kept"),
    Ending(Fault.TIMEOUT, "during", "undone", "the dump did not come in time: nothing of it is kept"),
)


@dataclass(frozen=True)
class DumpParams:
    environment: str


@dataclass(frozen=True)
class DumpFacts:
    """`started_at` pins the process ('' where it does not say, or several answer at the address).

    `asked_at` is when the survey was; with the run's number it makes the object's name.
    """

    place: str
    service: str
    bucket: str
    encryption: str
    started_at: str
    several: bool
    listed: bool
    asked_at: str
    size: str = ""


def survey_of(tools: Toolbox, environment: str, endpoint: str) -> DumpFacts:
    """Where the dump would go and of which process. Raises Refused where it may not, or there is none."""
    tool, bucket = tools.application(environment), tools.heap_dumps(environment)
    encryption = check_sealed(bucket)
    listed = check_open(tool, endpoint)
    starts = {_started(tool) for _ in range(ASKED)}
    return DumpFacts(
        tool.place,
        tool.service,
        bucket.place,
        encryption,
        starts.pop() if len(starts) == 1 else "",
        len(starts) > 1,
        listed,
        datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"),
    )


def check_open(tool: Application, endpoint: str) -> bool:
    """Whether the application lists the endpoint; False where it shows no list. Raises Refused if closed."""
    tool.answers()
    try:
        state = tool.is_open(endpoint)
    except Closed:
        return False
    if state is False:
        raise Refused(f"{tool.place} offers no {endpoint}: {opens(endpoint)}. Nothing was changed")
    return state is True


def drift(planned: DumpFacts, now: DumpFacts) -> str | None:
    """Another process, another place to keep it; the moment of asking is none."""
    if (planned.place, planned.bucket, planned.encryption) != (now.place, now.bucket, now.encryption):
        return "another application, or another place to keep the dump, than were shown"
    if planned.started_at and now.started_at and planned.started_at != now.started_at:
        return f"the application was restarted at {now.started_at}: what was in its memory is gone"
    return None


class Keeping:
    """The guards, checks and the way back of a plan that keeps one dump."""

    def __init__(self, environment: str, facts: DumpFacts, endpoint: str, suffix: str) -> None:
        self.environment = environment
        self.facts = facts
        self.endpoint = endpoint
        self.suffix = suffix

    def tool(self, context: Context) -> Application:
        return context.tools.application(self.environment)

    def bucket(self, context: Context) -> Bucket:
        return context.tools.heap_dumps(self.environment)

    def key(self, context: Context) -> str:
        """The run's own: whoever repeats it finds what was done."""
        facts = self.facts
        name = f"{self.environment}/{facts.service}-{facts.asked_at}-RUN-{context.run}{self.suffix}"
        return f"{self.bucket(context).prefix}{name}"

    def kept(self, context: Context) -> Sealed | None:
        return find(self.bucket(context), self.key(context))

    def check_application(self, context: Context) -> Evidence:
        """Guard: it is the process that was shown, and it gives dumps."""
        tool = self.tool(context)
        check_open(tool, self.endpoint)
        now = _started(tool)
        if self.facts.started_at and now and now != self.facts.started_at:
            raise Refused(
                f"the application was restarted at {now}: what was in its memory is gone; ask again"
            )
        return Evidence(f"{tool.place} answered" + (f", up since {now}" if now else ""))

    def check_place(self, context: Context) -> Evidence:
        """Guard: what is written there is encrypted, and not public."""
        bucket = self.bucket(context)
        return Evidence(f"{bucket.place} encrypts with {check_sealed(bucket)} and is not public")

    def check_kept(self, context: Context) -> Evidence:
        """Check: it is there, whole and encrypted."""
        found = self.kept(context)
        if found is None:
            raise NotVerified(f"{self.key(context)} is not there")
        if found.expected_bytes not in (-1, found.seen.size_bytes):
            raise NotVerified(
                f"it holds {found.seen.size_bytes:,} bytes where {found.expected_bytes:,} were announced"
            )
        if not found.encryption:
            raise NotVerified("it is not encrypted: whoever may read the bucket's disks may read it")
        return Evidence(
            f"{size_text(found.seen.size_bytes)} were there, encrypted with {found.encryption}",
            {
                "object": f"s3://{self.bucket(context).name}/{found.seen.key}",
                "version": found.seen.version_id,
            },
        )

    def look_after(self, context: Context) -> Evidence:
        """Check: how the application is now. Its dump is kept, whatever it says."""
        try:
            self.tool(context).answers()
        except (Refused, Transient) as error:
            return Evidence(f"the dump is kept, but look at the application: {error}")
        return Evidence("the application answered")

    def delete(self, context: Context) -> Evidence:
        """Way back: delete that version of the object for good, and what is unfinished of it."""
        abort_unfinished(self.bucket(context), self.key(context))
        found = self.kept(context)
        if found is None:
            return Evidence("nothing of it was kept")
        remove(self.bucket(context), found.seen)
        return Evidence("the dump was deleted for good", {"object": found.seen.key})


def _started(tool: Application) -> str:
    try:
        found = tool.started_at()
    except Closed:
        return ""
    return found.isoformat() if found else ""
