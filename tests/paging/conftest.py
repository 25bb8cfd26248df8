"""PagerDuty on this machine, for a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.paging.desk import ANA, BRUNO, Desk, plan_with
from tests.real.pagerduty import PagerDutyThere, pagerduty
from tests.store.conftest import Opened, opened, postgres_url

__all__ = ["opened", "postgres_url"]


@pytest.fixture
def there() -> Iterator[PagerDutyThere]:
    with pagerduty() as made:
        made.account.users = {ANA: ("PANA", "Ana Souza"), BRUNO: ("PBRUNO", "Bruno L.")}
        yield made
        assert made.rest.faults == []


@pytest.fixture
def desk(opened: Opened, there: PagerDutyThere) -> Desk:
    return Desk(opened.store, opened.clock, there, plan_with())
