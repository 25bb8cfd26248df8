"""Monitoring that has fallen silent: the alert that always fires was heard, and is heard no more."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from bot.alarms import SOURCE, Alarm, Alarms
from bot.plan.fields import say_duration
from bot.plan.models import DrPlan
from bot.store.database import Store

MONITORING_SILENT = "DrbotMonitoringSilent"


@dataclass(frozen=True)
class _Heard:
    """A watchdog's row as it last changed, and when that was on a clock that never jumps."""

    row: Hashable
    since_s: float


class Watchdogs:
    """One alarm for each watchdog that was ever heard. Raises StoreDown; safe to repeat."""

    def __init__(self, store: Store, plan: DrPlan, alarms: Alarms, steady: Callable[[], float]) -> None:
        self._store = store
        self._plan = plan
        self._alarms = alarms
        self._steady = steady
        self._heard: dict[str, _Heard] = {}

    def turn(self) -> None:
        """Silence is counted on a clock that never jumps, and only while this process listens."""
        after_s = self._plan.watchdog.silent_after
        found = self._store.read(
            "SELECT source, fingerprint, labels, last_seen, times, status FROM alerts"
            " WHERE name = ? AND source <> ? LIMIT 200",
            (self._plan.watchdog.alert, SOURCE),
        )
        now_s = self._steady()
        for source, mark, labels, *row in found:
            subject = f"{source}:{mark}"
            heard = self._heard.get(subject)
            if heard is None or heard.row != tuple(row):
                news = heard is not None and row[-1] == "firing"
                self._heard[subject] = _Heard(tuple(row), now_s)
                if news:
                    self._alarms.clear(MONITORING_SILENT, subject)
            elif now_s - heard.since_s > after_s:
                said = f"{row[0][:16].replace('T', ' ')} UTC"
                self._alarms.raise_alarm(self._silent(subject, said, json.loads(labels)))

    def _silent(self, subject: str, last: str, labels: Mapping[str, str]) -> Alarm:
        name = self._plan.watchdog.alert
        kept = {key: value for key, value in labels.items() if key not in ("alertname", "severity")}
        return Alarm(
            MONITORING_SILENT,
            subject,
            f"Prometheus is silent: {name} always fires, and was heard last at {last}",
            "Prometheus, Alertmanager or the way from them to drbot is down: nobody is told of the next"
            " trouble. Look at both, then at the webhook's token and address. Where the alert's group is"
            f" repeated later than every {say_duration(self._plan.watchdog.silent_after)}, set its"
            " repeat_interval lower, or `watchdog.silent_after` in the plan higher.",
            labels=kept,
        )
