"""One prepared cluster a process, and a copy of it, running, for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.real.archived import Prepared, copied_cluster, prepared_cluster
from tests.real.backrest import RealCluster, need_backrest


@pytest.fixture(scope="session")
def prepared() -> Iterator[Prepared]:
    need_backrest()
    with prepared_cluster() as made:
        yield made


@pytest.fixture
def world(prepared: Prepared) -> Iterator[RealCluster]:
    with copied_cluster(prepared) as made:
        yield made
