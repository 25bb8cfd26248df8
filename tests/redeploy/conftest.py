"""What the tests of this room share: a project of busybox containers and a registry."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.real.registry import Registry, registry
from tests.redeploy.world import World, world


@pytest.fixture
def place() -> Iterator[World]:
    """A project of its own with its network and nothing in it."""
    with world() as made:
        yield made


@pytest.fixture(scope="session")
def shop() -> Iterator[Registry]:
    """A registry that anybody may pull from and push to."""
    with registry() as made:
        yield made
