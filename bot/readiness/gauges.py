"""The board as numbers for Prometheus, as it was last measured: a scrape measures nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from actions.board_values import ARCHIVE, BACKUP
from bot.domain.standing import Board, Light
from bot.readiness.kept import Readiness
from bot.store.database import StoreDown

LEVELS = {Light.GREEN: 0.0, Light.AMBER: 1.0, Light.RED: 2.0}
DRILL = "drill:"


class Gauges(Protocol):
    """Where numbers are read at each scrape: `bot.metrics.Metrics`."""

    def gauges(self, name: str, said: str, label: str, read: Callable[[], Mapping[str, float]]) -> None:
        """A family of numbers, by the value of one label."""
        ...

    def gauge(self, name: str, said: str, read: Callable[[], float | None]) -> None:
        """One number, left out where it is None."""
        ...


def expose(metrics: Gauges, readiness: Readiness) -> None:
    """Add the board's gauges. What was not measured is left out, so `max()` over them is the worst."""

    def known() -> Board | None:
        try:
            return readiness.latest
        except StoreDown:
            return None

    def lights() -> Mapping[str, float]:
        board = known()
        lines = board.judged if board else ()
        return {one.key: LEVELS[one.light] for one in lines if one.light in LEVELS}

    def age_of(what: str) -> float | None:
        board = known()
        return board.ages_s.get(what) if board else None

    def drills() -> Mapping[str, float]:
        board = known()
        ages = board.ages_s if board else {}
        return {name.removeprefix(DRILL): age for name, age in ages.items() if name.startswith(DRILL)}

    said = "How a component stands: 0 ready, 1 to look at, 2 would fail now"
    metrics.gauges("drbot_component_light", said, "component", lights)
    said = "Age of the newest backup that can be proven"
    metrics.gauge("drbot_backup_age_seconds", said, lambda: age_of(BACKUP))
    said = "How much of the newest work is in no WAL archive yet"
    metrics.gauge("drbot_archive_age_seconds", said, lambda: age_of(ARCHIVE))
    metrics.gauges("drbot_drill_age_seconds", "Time since a drill of the plan last passed", "drill", drills)
