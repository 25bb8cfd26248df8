"""Rigs for the application: an actuator behind a proxy, and a bucket for its dumps."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import cast

from tests.matrix.stage import Fault, Inject, Rig, Servers, Stage
from tests.real.actuator import Actuator, actuator, frames, thread
from tests.real.collecting import COLLECT, FREED_BYTES, actuator_of, used_bytes
from tests.real.docker import belezza_project
from tests.real.dumps import dump_bucket, kept, unfinished
from tests.real.proxy import Proxy, proxy
from tests.real.s3 import KEYS, RealS3, moto

HEAP_BYTES = 24_000_000


@contextlib.contextmanager
def _closed(app: Actuator, endpoint: str) -> Iterator[None]:
    app.closed = frozenset({endpoint})
    yield


@contextlib.contextmanager
def _restarted(app: Actuator) -> Iterator[None]:
    app.restart()
    yield


def _faults(way: Proxy) -> dict[Fault, Inject]:
    return {Fault.GONE: way.refuse, Fault.TIMEOUT: way.hang, Fault.DENIED: lambda: way.answer(403, b"no")}


@contextlib.contextmanager
def look_at_application(servers: Servers) -> Iterator[Stage]:
    with actuator() as app, proxy(("127.0.0.1", app.port)) as way:
        yield Stage(
            params={"environment": "staging"},
            environments={"staging": {"application": {"actuator": f"{way.url}/actuator"}}},
            variables={},
            effects=lambda: 0,
            worse=lambda: "" if app.dumped == 0 else "looking took a dump",
            faults=_faults(way),
        )


@contextlib.contextmanager
def _dump(servers: Servers, endpoint: str) -> Iterator[Stage]:
    s3 = cast("RealS3", servers.keep("moto", moto))
    bucket = dump_bucket(s3.endpoint_url)
    place = {"bucket": bucket.name, "prefix": bucket.prefix, "region": "us-east-1"}
    with actuator() as app, proxy(("127.0.0.1", app.port)) as way:
        app.heap_bytes = HEAP_BYTES
        app.threads = [thread(1, "main", "RUNNABLE", frames("app.Main.run"))]
        yield Stage(
            params={"environment": "staging"},
            environments={
                "staging": {"application": {"actuator": f"{way.url}/actuator", "heap_dumps": place}}
            },
            variables={
                "AWS_ENDPOINT_URL": s3.endpoint_url,
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": KEYS["accessKey"],
                "AWS_SECRET_ACCESS_KEY": KEYS["secretKey"],
            },
            effects=lambda: len(kept(bucket)),
            worse=lambda: "a part of a dump is left in the bucket" if unfinished(bucket) else "",
            faults={
                **_faults(way),
                Fault.VANISHED: lambda: _closed(app, endpoint),
                Fault.CHANGED: lambda: _restarted(app),
            },
        )


@contextlib.contextmanager
def take_heap_dump(servers: Servers) -> Iterator[Stage]:
    with _dump(servers, "heapdump") as stage:
        yield stage


@contextlib.contextmanager
def take_thread_dump(servers: Servers) -> Iterator[Stage]:
    with _dump(servers, "threaddump") as stage:
        yield stage


@contextlib.contextmanager
def collect_garbage(servers: Servers) -> Iterator[Stage]:
    with (
        belezza_project(services=("api",), interval_s=0.2) as made,
        proxy(made.engine.removeprefix("unix://")) as way,
    ):
        actuator_url = actuator_of(made)

        @contextlib.contextmanager
        def restarted() -> Iterator[None]:
            made.replica("api").restart(timeout=2)
            yield

        @contextlib.contextmanager
        def removed() -> Iterator[None]:
            made.replica("api").remove(force=True)
            yield

        yield Stage(
            params={"environment": "staging"},
            environments={
                "staging": {
                    "application": {"actuator": actuator_url, "collect": list(COLLECT)},
                    "services": made.place(),
                }
            },
            variables={"DOCKER_HOST": f"tcp://127.0.0.1:{way.port}"},
            effects=lambda: int(used_bytes(actuator_url) == FREED_BYTES),
            worse=lambda: "",
            faults={
                **_faults(way),
                Fault.DENIED: lambda: way.answer(403, b'{"message": "forbidden"}'),
                Fault.VANISHED: removed,
                Fault.CHANGED: restarted,
            },
        )


RIGS: Mapping[str, Rig] = {
    "collect-garbage": collect_garbage,
    "look-at-application": look_at_application,
    "take-heap-dump": take_heap_dump,
    "take-thread-dump": take_thread_dump,
}
