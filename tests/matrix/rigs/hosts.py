"""A rig for the servers: a page of numbers as an exporter serves it, behind a proxy."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

from tests.matrix.stage import Fault, Rig, Servers, Stage
from tests.real.node_exporter import numbers, page
from tests.real.proxy import proxy


@contextlib.contextmanager
def look_at_hosts(servers: Servers) -> Iterator[Stage]:
    with page(numbers(disk_free=0.05)) as served, proxy(("127.0.0.1", served.port)) as way:
        yield Stage(
            params={"environment": "staging"},
            environments={"staging": {"hosts": {"api-1": {"exporter": way.url}}}},
            variables={},
            effects=lambda: 0,
            worse=lambda: "",
            faults={
                Fault.GONE: way.refuse,
                Fault.TIMEOUT: way.hang,
                Fault.DENIED: lambda: way.answer(403, b"no", "text/plain"),
            },
        )


RIGS: Mapping[str, Rig] = {"look-at-hosts": look_at_hosts}
