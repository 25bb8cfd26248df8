"""The repository in S3, over https: backed up, brought back to a moment, and told when it is away."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from actions.clusters.archive import look_at_archive
from actions.clusters.moment import said
from actions.clusters.restore import restore_to_time
from actions.plan import Context, Transient
from tests.actions.running import planned, run
from tests.real.archived import furnish, new_cluster
from tests.real.backrest import ROWS, RealCluster, need_backrest
from tests.real.proxy import Proxy, proxy
from tests.real.s3 import BUCKET, KEYS, seaweedfs
from tests.real.tls_proxy import tls_proxy

RUN = 23


@pytest.fixture
def in_s3(tmp_path: Path) -> Iterator[tuple[RealCluster, Proxy]]:
    """A cluster whose repository is in S3, and the way to it."""
    need_backrest()
    with contextlib.ExitStack() as stack:
        s3 = stack.enter_context(seaweedfs())
        port = urlsplit(s3.endpoint_url).port
        assert port is not None
        way = stack.enter_context(proxy(("127.0.0.1", stack.enter_context(tls_proxy(port, tmp_path)))))
        settings = {
            "type": "s3",
            "s3-bucket": BUCKET,
            "s3-endpoint": "s3.us-east-1.example",
            "s3-region": "us-east-1",
            "s3-key": KEYS["accessKey"],
            "s3-key-secret": KEYS["secretKey"],
            "s3-uri-style": "path",
            "storage-host": "127.0.0.1",
            "storage-port": way.port,
            "storage-verify-tls": "n",
        }
        more = "\n".join(f"repo1-{name}={value}" for name, value in settings.items()) + "\nio-timeout=5\n"
        yield stack.enter_context(new_cluster(more=more)), way


def test_a_moment_comes_back_from_s3(in_s3: tuple[RealCluster, Proxy]) -> None:
    made, _ = in_s3
    furnish(made)
    made.archiver("--type=full", "backup")
    time.sleep(1.2)  # backups are told to the second
    at = made.moment()
    made.tell("delete from agendamentos", "delete from usuarios")
    _, plan = planned(restore_to_time, made.tools, environment="production", at=said(at))
    run(plan, made.tools, RUN, tell=lambda _: None)
    assert made.rows() == ROWS


@pytest.mark.disaster("the repository does not answer", "told as that, and may be tried again")
def test_a_repository_that_is_away_is_told(in_s3: tuple[RealCluster, Proxy]) -> None:
    made, way = in_s3
    with way.refuse(), pytest.raises(Transient, match="the repository of salon does not answer"):
        planned(look_at_archive, made.tools, environment="production")[1].before[0].do(
            Context(made.tools, RUN)
        )
