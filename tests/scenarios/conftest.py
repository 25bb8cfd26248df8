"""One world for all scenarios: real PostgreSQL, S3, service, workspace and bot, each its own process."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.demo.story import Cast, cast_of
from bot.demo.world import World, running_world


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    with tempfile.TemporaryDirectory(prefix="drbot-world-") as folder:
        Path(folder).chmod(0o755)
        with running_world(Path(folder), print, page_port=0, bot_port=0) as running:
            yield running


@pytest.fixture(scope="session")
def cast(world: World) -> Cast:
    return cast_of(world)
