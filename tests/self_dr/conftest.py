"""A PostgreSQL and an S3 that are real, and memories of either engine."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.postgres import embedded_programs, real_postgres
from tests.real.s3 import RealS3
from tests.self_dr.lost_host import bot
from tests.self_dr.memories import Memories


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with real_postgres(embedded_programs()) as server:
        yield server.url()


@pytest.fixture
def memories(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Memories]:
    made = Memories(tmp_path, lambda: str(request.getfixturevalue("postgres_url")))
    yield made
    made.close()


@pytest.fixture
def s3(moto_s3: RealS3) -> RealS3:
    return moto_s3


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a bot that was killed: `drbot.db`, a long `drbot.db-wal`, and `copies`."""
    root = tmp_path_factory.mktemp("lost")
    with bot(root) as process:
        assert process.wait(60) == -signal.SIGKILL
    assert (root / "drbot.db-wal").stat().st_size > 100_000
    return root


@pytest.fixture
def root(lost: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(lost, tmp_path / "host"))
