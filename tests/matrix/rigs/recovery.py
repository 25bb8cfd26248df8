"""A rig for the preflight of a fresh host: an engine behind a proxy, a secret, a name and a backup."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

from tests.matrix.stage import Fault, Rig, Servers, Stage
from tests.real.aws import RealAws, real_aws
from tests.real.host import fresh_host


@contextlib.contextmanager
def look_at_recovery(servers: Servers) -> Iterator[Stage]:
    aws = cast(RealAws, servers.keep("aws", real_aws))
    with tempfile.TemporaryDirectory() as folder, fresh_host(aws, Path(folder)) as host:
        yield Stage(
            params={"environment": "production"},
            environments=host.environments,
            variables=host.variables,
            effects=lambda: 0,
            worse=lambda: "",
            faults={
                Fault.GONE: host.way.refuse,
                Fault.TIMEOUT: host.way.hang,
                Fault.DENIED: lambda: host.way.answer(403, b'{"message": "forbidden"}'),
            },
            plan=host.plan,
        )


RIGS: Mapping[str, Rig] = {"look-at-recovery": look_at_recovery}
