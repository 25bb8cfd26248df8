"""What waits to be told, on /metrics."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.metrics import Metrics
from bot.outbound.gauges import expose
from bot.store import outbound as rows
from bot.store.database import StoreDown
from bot.store.outbox import Wanted, want
from tests.outbound.fake import FakeEnd
from tests.store.conftest import Opened

LATER = timedelta(minutes=7)


def test_what_waits_is_a_number_by_way_and_how_long_the_oldest_does(opened: Opened) -> None:
    for number in (1, 2):
        job = FakeEnd().job(1, number)
        opened.store.write(lambda tx, job=job: rows.send_later(tx, job))  # type: ignore[misc]  # bound at once
    opened.store.write(lambda tx: want(tx, Wanted("incident:1:card", "incident-card", 1, "#alerts")))
    way = job.way.value
    waiting = rows.job_of(opened.store.read, job.key)
    assert waiting is not None
    asked = opened.store.read("SELECT created_at FROM outbound WHERE key = ?", (job.key,))[0][0]
    metrics = Metrics()
    expose(metrics, opened.store, lambda: datetime.fromisoformat(str(asked)) + LATER)
    said = metrics.text().decode()
    assert f'drbot_outbound_waiting{{way="{way}"}} 2.0' in said
    assert 'drbot_outbound_waiting{way="slack"} 1.0' in said
    assert f'drbot_outbound_oldest_seconds{{way="{way}"}} 420.0' in said
    assert 'drbot_outbound_oldest_seconds{way="social"} 0.0' in said


def test_a_scrape_outlives_the_store(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise StoreDown("the disk is full")

    monkeypatch.setattr(opened.store, "read", down)
    metrics = Metrics()
    expose(metrics, opened.store)
    assert "drbot_outbound_waiting{" not in metrics.text().decode()
