"""An application that each test may break as it likes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.real.actuator import Actuator, actuator


@pytest.fixture
def app() -> Iterator[Actuator]:
    with actuator() as running:
        yield running
