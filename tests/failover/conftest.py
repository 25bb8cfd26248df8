"""A service in two places, for each test anew; one moto for them all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.real.aws import RealAws
from tests.real.places import TwoPlaces, two_places


@pytest.fixture
def places(aws: RealAws) -> Iterator[TwoPlaces]:
    with two_places(aws) as made:
        yield made
