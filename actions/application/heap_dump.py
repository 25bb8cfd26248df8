"""Taking a heap dump: streamed from the JVM to an encrypted bucket, never to a disk or to Slack."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from actions.amounts import size_text
from actions.application.dump_keeping import (
    ENDINGS,
    IAM,
    KEEP_S,
    PERMISSIONS,
    DumpFacts,
    DumpParams,
    Keeping,
    drift,
    survey_of,
)
from actions.failures import Refused, Transient
from actions.plan import Action, Context, Evidence, Plan, Risk, Step
from actions.tools.application.application import Closed
from actions.tools.aws.s3_seal import check_sealed
from actions.tools.aws.s3_vault import abort_unfinished, digest, store
from actions.tools.toolbox import Toolbox

ENDPOINT = "heapdump"
STREAM_S = 3 * 3600.0


class _Taking(Keeping):
    """The steps of one plan."""

    def take(self, context: Context) -> Evidence:
        """Step: stream it there, unless this run has done so already."""
        bucket, key = self.bucket(context), self.key(context)
        found = self.kept(context)
        if found is not None:
            sha256 = digest(bucket, found.seen)
            said = f"it was there already: {size_text(found.seen.size_bytes)}"
            return Evidence(said, {"sha256": sha256, "bytes": str(found.seen.size_bytes)})
        check_sealed(bucket)
        self.check_application(context)
        abort_unfinished(bucket, key)
        try:
            with self.tool(context).heap() as dump:
                metadata = {"drbot-run": f"RUN-{context.run}"}
                metadata |= {"bytes": str(dump.expected_bytes)} if dump.expected_bytes >= 0 else {}
                done = store(bucket, key, dump.chunks, metadata, context.progress)
        except Closed as error:
            raise Refused(f"{self.facts.place} gives no heap dump: {error}. Nothing was kept") from error
        return Evidence(
            f"{size_text(done.size_bytes)} were streamed to {bucket.place}",
            {"sha256": done.sha256, "bytes": str(done.size_bytes)},
        )


def _survey(tools: Toolbox, params: DumpParams) -> DumpFacts:
    facts = survey_of(tools, params.environment, ENDPOINT)
    with contextlib.suppress(Closed, Transient):  # how large it will be is good to know, no more
        used = tools.application(params.environment).metric("jvm.memory.used", "area:heap").get("VALUE")
        return replace(facts, size=size_text(used) if used else "")
    return facts


def _plan(params: DumpParams, facts: DumpFacts) -> Plan:
    work = _Taking(params.environment, facts, ENDPOINT, ".hprof")
    warnings = [
        "the JVM stands still while it writes the dump, for seconds to minutes: customers wait that long",
        "the dump holds every secret in memory: whoever may read the bucket may read them",
    ]
    if facts.several:
        warnings.append("several processes answer at this address: the dump is of whichever answers")
    if not facts.listed:
        warnings.append("the application does not show which endpoints are open: the dump may be refused")
    return Plan(
        before=(
            Step("Check that it is the application shown here", work.check_application),
            Step("Check that the bucket encrypts and is not public", work.check_place),
        ),
        steps=(Step("Stream the heap dump to the bucket", work.take, timeout_s=STREAM_S, attempts=1),),
        after=(
            Step("Check that the dump is there, whole and encrypted", work.check_kept),
            Step("Ask whether the application answers", work.look_after),
        ),
        undo=(Step("Delete the dump for good", work.delete),),
        facts=(
            ("application", facts.place),
            ("up since", facts.started_at or "not told"),
            ("heap in use, about the dump's size", facts.size or "not told"),
            ("kept at", facts.bucket),
            ("encrypted with", facts.encryption),
        ),
        warnings=tuple(warnings),
        undo_keep_s=KEEP_S,
    )


take_heap_dump = Action(
    name="take-heap-dump",
    title="Take a heap dump",
    risk=Risk.HIGH,
    params=DumpParams,
    facts=DumpFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/application",
    survey=_survey,
    plan=_plan,
    permissions=("Application: its actuator's heapdump (and a token where it wants one)", *PERMISSIONS),
    example="run take-heap-dump environment=production",
    description=(
        "Streams a heap dump from the application to the plan's encrypted bucket, for people to look for"
        " leaks. Refused where the bucket does not encrypt or is public, or where the endpoint is closed."
    ),
    drift=drift,
    reach="one pause of one JVM, and one new object in the bucket for heap dumps",
    iam=IAM,
    endings=ENDINGS,
)
