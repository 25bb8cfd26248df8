"""The outside on loopback, new for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from apprise.plugins.twitter import NotifyTwitter

from tests.real.social import Network, social
from tests.real.statuspage import StatusPage, status_page


@pytest.fixture
def page() -> Iterator[StatusPage]:
    with status_page() as made:
        yield made


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    """X's plugin asks it too."""
    with social() as made:
        monkeypatch.setattr(NotifyTwitter, "twitter_tweet", made.x_endpoint)
        yield made
