"""Thread dumps: what is said of them is bounded and safe, the whole is kept encrypted, once."""

from __future__ import annotations

import json

import pytest

from actions.application.thread_dump import take_thread_dump
from actions.failures import Refused
from actions.plan import Context
from actions.tools.aws.s3 import Bucket
from actions.tools.toolbox import FixedToolbox
from tests.actions.running import planned, run, undo
from tests.real.actuator import Actuator, frames, thread
from tests.real.dumps import dump_bucket, kept
from tests.real.s3 import RealS3

POOL = frames("java.lang.Object.wait", "com.zaxxer.hikari.pool.HikariPool.getConnection", "app.Booking.save")


@pytest.fixture(autouse=True)
def threads(app: Actuator) -> None:
    app.threads = [thread(number, f"http-nio-{number}", "TIMED_WAITING", POOL) for number in range(20, 28)]
    app.threads += [
        thread(1, "main", "RUNNABLE", frames("app.Main.run")),
        thread(3, "left token=local-word", "BLOCKED", frames("app.Left.lock"), owner=4),
        thread(4, "right", "BLOCKED", frames("app.Right.lock"), owner=3),
        thread(5, "behind", "BLOCKED", frames("app.Left.lock"), owner=3),
    ]


def test_a_dump_is_kept_once_and_told_in_few_words(
    app: Actuator, bucket: Bucket, tools: FixedToolbox
) -> None:
    _, plan = planned(take_thread_dump, tools, environment="production")
    done = run(plan, tools, 31, times=2)
    first, again = done[4], done[5]
    assert first == again
    assert first.said == "12 threads, 2 of them deadlocked"
    assert first.values["threads TIMED_WAITING"] == "8"
    assert first.values["threads BLOCKED"] == "3"
    assert first.values["stack 1"].startswith(
        "8 threads TIMED_WAITING at java.lang.Object.wait:7 < com.zaxxer.hikari.pool.HikariPool.get"
    )
    assert first.values["deadlocked 1"].startswith("3 left token=[hidden] waits for java.lang.Object@4")
    assert "local-word" not in str(done)
    (key,) = kept(bucket)
    assert len(json.loads(bucket.read(key))["threads"]) == 12
    undo(plan, tools, 31, times=2)
    assert kept(bucket) == []


def test_what_is_said_is_bounded(app: Actuator, tools: FixedToolbox) -> None:
    app.threads = [
        thread(at, "x" * 3000, "S" * at, frames("y" * 3000), owner=(at + 1) % 200) for at in range(200)
    ]
    _, plan = planned(take_thread_dump, tools, environment="production")
    said = plan.steps[0].do(Context(tools, 32))
    assert said.said == "200 threads, 200 of them deadlocked"
    assert len(said.values) <= 8 + 10 + 5
    assert all(len(text) <= 240 for text in said.values.values())


def test_where_it_is_refused(app: Actuator, s3: RealS3, bucket: Bucket, tools: FixedToolbox) -> None:
    _, plan = planned(take_thread_dump, tools, environment="production")
    app.closed = frozenset({"threaddump"})
    with pytest.raises(Refused, match=r"exposure\.include=health,threaddump opens it"):
        plan.before[0].do(Context(tools, 33))
    app.discovery = False
    with pytest.raises(Refused, match="gives no thread dump"):
        plan.steps[0].do(Context(tools, 33))
    app.closed = frozenset()
    app.restart()
    with pytest.raises(Refused, match="was restarted"):
        plan.before[0].do(Context(tools, 33))
    assert kept(bucket) == []
    bare = dump_bucket(s3.endpoint_url, encrypted=False)
    unsafe = FixedToolbox(applications=tools.applications, dumps={"production": bare})
    with pytest.raises(Refused, match="no default encryption"):
        planned(take_thread_dump, unsafe, environment="production")
