"""An intake over a fresh store, alone or served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.intake import Intake
from bot.metrics import Metrics
from bot.store.sqlite import SqliteStore
from tests.intake.desk import Desk
from tests.intake.webs import TOKEN, Web, serve_web
from tests.store.conftest import Clock


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = Clock()
    store = SqliteStore(tmp_path / "drbot.db", clock)
    yield Desk(store, Intake(store), clock)
    store.close()


@pytest.fixture
def open_web(desk: Desk) -> Iterator[Web]:
    """Without a token."""
    with serve_web(desk, Metrics(), token="") as web:
        yield web


@pytest.fixture
def web(desk: Desk) -> Iterator[Web]:
    with serve_web(desk, Metrics(), token=TOKEN) as served_web:
        yield served_web
