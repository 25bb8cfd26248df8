"""PagerDuty on this machine, for a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.real.pagerduty import PagerDutyThere, pagerduty

ANA, BRUNO = "ana@example.org", "bruno@example.org"


@pytest.fixture
def there() -> Iterator[PagerDutyThere]:
    with pagerduty() as made:
        made.account.users = {ANA: ("PANA", "Ana Souza"), BRUNO: ("PBRUNO", "Bruno L.")}
        yield made
        assert made.rest.faults == []
