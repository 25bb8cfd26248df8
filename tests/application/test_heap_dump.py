"""Heap dumps streamed to a real S3 server: whole, encrypted, once; and where none is taken."""

from __future__ import annotations

import hashlib
import resource

import pytest

from actions.application.heap_dump import take_heap_dump
from actions.failures import NotVerified, Refused, Transient
from actions.plan import Context
from actions.tools.aws.s3 import Bucket
from actions.tools.toolbox import FixedToolbox
from tests.actions.running import run, undo
from tests.application.conftest import drafted, toolbox
from tests.real.actuator import HPROF, Actuator
from tests.real.dumps import dump_bucket, kept, unfinished
from tests.real.proxy import proxy
from tests.real.s3 import RealS3


def test_a_dump_is_kept_whole_and_once(app: Actuator, bucket: Bucket, tools: FixedToolbox) -> None:
    app.heap_bytes = 40_000_000
    facts, plan = drafted(tools)
    assert (facts.encryption, facts.listed, facts.several) == ("AES256", True, False)
    assert ("heap in use, about the dump's size", "297.5 MiB") in plan.facts
    done = run(plan, tools, 51, times=2)
    assert app.dumped == 1
    (key,) = kept(bucket)
    assert key == f"heap-dumps/production/api-{facts.asked_at}-RUN-51.hprof"
    body = bucket.read(key, 64_000_000)
    assert len(body) == 40_000_000
    assert body.startswith(HPROF)
    first, again = (one.values["sha256"] for one in done if "sha256" in one.values)
    assert first == again == hashlib.sha256(body).hexdigest()
    assert any("38.1 MiB were there, encrypted with AES256" in one.said for one in done)
    assert done[-1].said == "the application answered"
    assert not any("http" in str(one.values) and "Signature" in str(one.values) for one in done)
    undo(plan, tools, 51, times=2)
    assert kept(bucket) == []


def test_the_dump_is_not_held_in_memory(app: Actuator, bucket: Bucket, tools: FixedToolbox) -> None:
    _, plan = drafted(tools)
    app.heap_bytes = 20_000_000
    plan.steps[0].do(Context(tools, 52))
    small = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    app.heap_bytes = 300_000_000
    context = Context(tools, 53)
    with tools.application("production").heap() as dump:  # the stand-in for S3 holds what it keeps
        assert dump.expected_bytes == 300_000_000
        assert sum(len(chunk) for chunk in dump.chunks) == 300_000_000
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - small
    assert grown_kib < 100_000
    assert context.run == 53


@pytest.mark.parametrize("versioned", [True, False])
def test_only_its_own_dump_is_deleted(app: Actuator, s3: RealS3, versioned: bool) -> None:
    bucket = dump_bucket(s3.endpoint_url, versioned=versioned)
    tools = toolbox(app.url, bucket)
    _, plan = drafted(tools)
    run(plan, tools, 54)
    run(plan, tools, 5)
    undo(plan, tools, 5)
    (key,) = kept(bucket)
    assert key.endswith("-RUN-54.hprof")


def test_a_dump_that_breaks_off_is_not_kept(app: Actuator, bucket: Bucket, tools: FixedToolbox) -> None:
    app.heap_bytes, app.break_after_bytes = 60_000_000, 40_000_000
    _, plan = drafted(tools)
    with pytest.raises(Transient, match="broke off at byte 40,000,000 of 60,000,000"):
        plan.steps[0].do(Context(tools, 55))
    assert (kept(bucket), unfinished(bucket)) == ([], [])
    with pytest.raises(NotVerified, match="is not there"):
        plan.after[0].do(Context(tools, 55))
    (back,) = undo(plan, tools, 55)
    assert back.said == "nothing of it was kept"


def test_what_a_killed_run_left_is_taken_away(app: Actuator, bucket: Bucket, tools: FixedToolbox) -> None:
    facts, plan = drafted(tools)
    key = f"heap-dumps/production/api-{facts.asked_at}-RUN-56.hprof"
    for name in (key, f"{key}.other"):
        bucket.client.create_multipart_upload(Bucket=bucket.name, Key=name)
    plan.steps[0].do(Context(tools, 56))
    assert unfinished(bucket) == [f"{key}.other"]
    assert kept(bucket) == [key]


def test_a_closed_endpoint_is_refused_and_how_it_is_opened(app: Actuator, bucket: Bucket) -> None:
    tools = toolbox(app.url, bucket)
    _, plan = drafted(tools)
    app.closed = frozenset({"heapdump"})
    with pytest.raises(Refused, match=r"heapdump\.access=unrestricted"):
        drafted(tools)
    with pytest.raises(Refused, match="Nothing was changed"):
        plan.before[0].do(Context(tools, 58))
    app.discovery = False
    facts, unsure = drafted(tools)
    assert not facts.listed
    assert any("may be refused" in one for one in unsure.warnings)
    with pytest.raises(Refused, match=r"gives no heap dump: closed: .* Nothing was kept"):
        unsure.steps[0].do(Context(tools, 58))
    app.closed, app.token = frozenset(), "local-token"
    with pytest.raises(Refused, match="wants a token"):
        unsure.steps[0].do(Context(tools, 58))
    assert (kept(bucket), unfinished(bucket), app.dumped) == ([], [], 0)


def test_an_application_that_was_restarted_is_refused(app: Actuator, tools: FixedToolbox) -> None:
    facts, plan = drafted(tools)
    app.restart()
    now, _ = drafted(tools)
    assert "was restarted" in (take_heap_dump.drift(facts, now) or "")
    for step in (plan.before[0], plan.steps[0]):
        with pytest.raises(Refused, match="was restarted"):
            step.do(Context(tools, 59))
    same, _ = drafted(tools)
    assert take_heap_dump.drift(now, same) is None
    assert app.dumped == 0


def test_what_is_no_heap_dump_is_not_kept(app: Actuator, bucket: Bucket, tools: FixedToolbox) -> None:
    app.heap_form, app.heap_bytes = b"<!doctype html><p>sign in", 2000
    _, plan = drafted(tools)
    with pytest.raises(Refused, match="is no heap dump"):
        plan.steps[0].do(Context(tools, 60))
    assert (kept(bucket), unfinished(bucket)) == ([], [])


def test_an_application_that_hangs_or_is_gone(app: Actuator, bucket: Bucket) -> None:
    with proxy(("127.0.0.1", app.port)) as way:
        tools = toolbox(f"{way.url}/actuator", bucket, timeout_s=0.4)
        _, plan = drafted(tools)
        with way.refuse(), pytest.raises(Transient, match="connection refused"):
            plan.steps[0].do(Context(tools, 61))
        with way.hang(), pytest.raises(Transient, match="did not answer within"):
            plan.before[0].do(Context(tools, 61))
        with way.cut(after_bytes=3_000_000), pytest.raises(Transient):
            plan.steps[0].do(Context(tools, 61))
        assert (kept(bucket), unfinished(bucket)) == ([], [])
        plan.steps[0].do(Context(tools, 61))
        with way.refuse():
            said = plan.after[1].do(Context(tools, 61)).said
        assert said.startswith("the dump is kept, but look at the application")
    assert len(kept(bucket)) == 1


def test_an_object_that_is_not_what_was_announced_is_not_verified(
    app: Actuator, bucket: Bucket, tools: FixedToolbox
) -> None:
    facts, plan = drafted(tools)
    key = f"heap-dumps/production/api-{facts.asked_at}-RUN-62.hprof"
    bucket.client.put_object(Bucket=bucket.name, Key=key, Body=b"short", Metadata={"bytes": "9"})
    with pytest.raises(NotVerified, match="holds 5 bytes where 9 were announced"):
        plan.after[0].do(Context(tools, 62))
