"""A PostgreSQL and an S3 that are real, and memories of either engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.postgres import embedded_programs, real_postgres
from tests.real.s3 import RealS3, moto
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


@pytest.fixture(scope="module")
def s3() -> Iterator[RealS3]:
    with moto() as server:
        yield server
