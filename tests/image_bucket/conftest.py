"""One SeaweedFS and one moto for the room; a folder of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.real.images import Gallery, gallery, versioned_moto, versioned_seaweedfs
from tests.real.s3 import RealS3


@pytest.fixture(scope="session")
def seaweed() -> Iterator[RealS3]:
    with versioned_seaweedfs() as s3:
        yield s3


@pytest.fixture(scope="session")
def moto_s3() -> Iterator[RealS3]:
    with versioned_moto() as s3:
        yield s3


@pytest.fixture
def real(seaweed: RealS3) -> Gallery:
    """On SeaweedFS, which really keeps versions and delete markers."""
    return gallery(seaweed)


@pytest.fixture
def mimed(moto_s3: RealS3) -> Gallery:
    """On moto, which knows archives, lifecycles and replication as settings, and does none of them."""
    return gallery(moto_s3)


@pytest.fixture(params=["seaweed", "moto_s3"])
def either(request: pytest.FixtureRequest) -> Gallery:
    """On both, where both must agree."""
    return gallery(request.getfixturevalue(request.param))
