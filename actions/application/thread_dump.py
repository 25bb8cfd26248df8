"""Taking a thread dump: what the threads of the application are at, kept beside the heap dumps."""

from __future__ import annotations

from collections import Counter

import msgspec

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
from actions.failures import Refused
from actions.plan import Action, Context, Evidence, Plan, Risk, Step
from actions.tools.application.actuator import Thread, Threads, deadlocked
from actions.tools.application.application import THREADS_LIMIT_BYTES, Closed
from actions.tools.aws.s3_seal import check_sealed
from actions.tools.aws.s3_vault import abort_unfinished, store
from actions.tools.redaction import redacted
from actions.tools.toolbox import Toolbox

ENDPOINT = "threaddump"
STACKS_SHOWN = 5
FRAMES_SHOWN = 3
DEADLOCKED_SHOWN = 10


def found_in(threads: list[Thread]) -> Evidence:
    """Counts by state, rings of threads that wait for one another, and where most threads are."""
    states = Counter(one.thread_state for one in threads)
    values = {f"threads {redacted(state, 30)}": str(number) for state, number in states.most_common(8)}
    ring = deadlocked(threads)
    for at, one in enumerate(ring[:DEADLOCKED_SHOWN], 1):
        waits = f"waits for {one.lock_name or 'a lock'} of thread {one.lock_owner_id}"
        values[f"deadlocked {at}"] = redacted(f"{one.thread_id} {one.thread_name} {waits}: {_top(one)}", 240)
    stacks = Counter((one.thread_state, _top(one)) for one in threads if one.stack_trace)
    for at, ((state, top), number) in enumerate(stacks.most_common(STACKS_SHOWN), 1):
        values[f"stack {at}"] = redacted(f"{number} threads {state} at {top}", 240)
    dead = f"{len(ring)} of them deadlocked" if ring else "no deadlock"
    return Evidence(f"{len(threads)} threads, {dead}", values)


def _top(one: Thread) -> str:
    return " < ".join(str(frame) for frame in one.stack_trace[:FRAMES_SHOWN])


class _Taking(Keeping):
    """The steps of one plan."""

    def take(self, context: Context) -> Evidence:
        """Step: keep the dump, unless this run has done so already; say what is in it."""
        bucket, key = self.bucket(context), self.key(context)
        if self.kept(context) is not None:
            body = bucket.read(key, THREADS_LIMIT_BYTES)
            return found_in(msgspec.json.decode(body, type=Threads).threads)
        check_sealed(bucket)
        self.check_application(context)
        abort_unfinished(bucket, key)
        try:
            dump = self.tool(context).threads()
        except Closed as error:
            raise Refused(f"{self.facts.place} gives no thread dump: {error}. Nothing was kept") from error
        metadata = {"drbot-run": f"RUN-{context.run}", "bytes": str(len(dump.body))}
        store(bucket, key, [dump.body], metadata, context.progress)
        return found_in(dump.threads.threads)


def _survey(tools: Toolbox, params: DumpParams) -> DumpFacts:
    return survey_of(tools, params.environment, ENDPOINT)


def _plan(params: DumpParams, facts: DumpFacts) -> Plan:
    work = _Taking(params.environment, facts, ENDPOINT, "-threads.json")
    several = ("several processes answer at this address: the dump is of whichever answers",)
    return Plan(
        before=(
            Step("Check that it is the application shown here", work.check_application),
            Step("Check that the bucket encrypts and is not public", work.check_place),
        ),
        steps=(Step("Take the thread dump and keep it in the bucket", work.take, timeout_s=120.0),),
        after=(Step("Check that the dump is there, whole and encrypted", work.check_kept),),
        undo=(Step("Delete the dump for good", work.delete),),
        facts=(
            ("application", facts.place),
            ("up since", facts.started_at or "not told"),
            ("kept at", facts.bucket),
            ("encrypted with", facts.encryption),
        ),
        warnings=several if facts.several else (),
        undo_keep_s=KEEP_S,
    )


take_thread_dump = Action(
    name="take-thread-dump",
    title="Take a thread dump",
    risk=Risk.LOW,
    params=DumpParams,
    facts=DumpFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/application",
    survey=_survey,
    plan=_plan,
    permissions=("Application: its actuator's threaddump (and a token where it wants one)", *PERMISSIONS),
    example="run take-thread-dump environment=production",
    description=(
        "Counts the application's threads by state, names those that are deadlocked and where most of them"
        " are, and keeps the whole dump in the plan's encrypted bucket."
    ),
    drift=drift,
    reach="a moment of one JVM, and one new object in the bucket for heap dumps",
    iam=IAM,
    endings=ENDINGS,
)
