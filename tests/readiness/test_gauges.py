"""The board's numbers on /metrics: as they were measured, and left out where nothing was."""

from __future__ import annotations

from typing import cast

from bot.domain.standing import Board
from bot.metrics import Metrics
from bot.readiness.gauges import expose
from bot.readiness.kept import Readiness
from bot.store.database import StoreDown
from tests.readiness.boards import BAD_NIGHT


class Kept:
    """What the gauges read of a Readiness."""

    def __init__(self, board: Board | None) -> None:
        self._board = board

    @property
    def latest(self) -> Board | None:
        return self._board


class Down:
    @property
    def latest(self) -> Board | None:
        raise StoreDown("the disk is full")


def text(kept: object) -> str:
    metrics = Metrics()
    expose(metrics, cast("Readiness", kept))
    return metrics.text().decode()


def test_each_light_and_age_is_a_number() -> None:
    said = text(Kept(BAD_NIGHT))
    assert 'drbot_component_light{component="database"} 2.0' in said
    assert 'drbot_component_light{component="images"} 1.0' in said
    assert 'drbot_component_light{component="redis"} 0.0' in said
    assert "drbot_backup_age_seconds 90720.0" in said
    assert 'drbot_drill_age_seconds{drill="restore-staging"} 18600.0' in said


def test_what_was_not_measured_is_left_out() -> None:
    assert 'component="configuration"' not in text(Kept(BAD_NIGHT))
    assert "drbot_backup_age_seconds " not in text(Kept(None)).replace("drbot_backup_age_seconds Age", "")


def test_a_scrape_outlives_the_store() -> None:
    assert "drbot_component_light{" not in text(Down())
