"""drbot's own alarms: what it notices by itself, through the same intake as every monitor's.

Each is raised again and again while it holds and cleared once it does not; both are safe at any time, from
any process: what is stored of the alert decides whether there is anything to say.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain.alert import Alert, AlertStatus, Notification
from bot.intake import Busy
from bot.plan.models import PLAN_COMPONENT, PLAN_ENVIRONMENT
from bot.store.alerts import Accepted
from bot.store.database import Clock, Store, StoreDown, from_iso, utc_now

SOURCE = "drbot"
STORED_WITHIN_S = 10.0
TEXT_LIMIT = 1_000
_NEXT = timedelta(microseconds=1)
AGAIN = timedelta(hours=4)
"""What holds and was resolved by a person is said again after so long."""
ONCE = timedelta.max
"""For what happened, rather than holds: a person who resolves it has dealt with it."""
Accept = Callable[[Notification], "Future[Accepted]"]


@dataclass(frozen=True)
class Alarm:
    """One thing that is wrong. `name` is the alert's name, `subject` what exactly it is about: together
    they tell it from every other.

    `component` and `environment` are the plan's ids where they are known; `labels` are added as they are
    (those of an alert that it is about). `summary` is what is wrong in a sentence, `description` what to do.
    `again` is how long a person who resolves its incident while it holds is left in peace.
    """

    name: str
    subject: str
    summary: str
    description: str = ""
    component: str = ""
    environment: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    again: timedelta = AGAIN

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.name, self.subject)


def fingerprint(name: str, subject: str) -> str:
    """The same for the same alarm, whatever it says."""
    return hashlib.sha256(f"{name}\x1f{subject}".encode()).hexdigest()[:16]


@dataclass(frozen=True)
class _Kept:
    """What is stored of an alarm. `resolved_at`: since when its incident is over; None while it is open,
    and while nobody judged the alarm yet.
    """

    firing: bool
    starts_at: datetime
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    incident: int | None
    resolved_at: datetime | None

    def forgotten(self, now: datetime, again: timedelta) -> bool:
        """Whether it fires, and nobody is told of it any more. A clock that went back does not hide that."""
        return self.resolved_at is not None and abs(now - self.resolved_at) >= again


class Alarms:
    """Raises and clears. Both wait until it is on disk, and raise StoreDown where that cannot be now."""

    def __init__(self, store: Store, accept: Accept, clock: Clock = utc_now) -> None:
        self._store = store
        self._accept = accept
        self._clock = clock

    def raise_alarm(self, alarm: Alarm) -> bool:
        """Say that it holds. Whether that is news: while it is known with the same labels nothing is stored.

        Other labels are news of the same firing: where a person has resolved its incident, it opens another.
        So does an alarm that still holds `alarm.again` after that: drbot's own are repeated by nobody else.
        """
        kept = self._kept(alarm.fingerprint)
        now = self._clock()
        if kept is None:
            self._send(_alert(alarm, now))
        elif not kept.firing:  # a clock that went back must not make a new firing look like an old one
            self._send(_alert(alarm, max(now, kept.starts_at + _NEXT)))
        elif kept.labels != _labels(alarm):
            self._send(_alert(alarm, kept.starts_at))
        elif kept.forgotten(now, alarm.again):
            said = f"INC-{kept.incident} was resolved while this held, and it still holds."
            again = replace(alarm, description=f"{said} {alarm.description}".rstrip())
            self._send(_alert(again, max(now, kept.starts_at + _NEXT)))
        else:
            return False
        return True

    def clear(self, name: str, subject: str) -> bool:
        """Say that it is well again. Whether it had been raised; safe where it never was."""
        mark = fingerprint(name, subject)
        kept = self._kept(mark)
        if kept is None or not kept.firing:
            return False
        ends_at = max(self._clock(), kept.starts_at)
        over = AlertStatus.RESOLVED
        self._send(Alert(SOURCE, mark, over, kept.starts_at, ends_at, kept.labels, kept.annotations))
        return True

    def _kept(self, mark: str) -> _Kept | None:
        rows = self._store.read(
            "SELECT a.status, a.starts_at, a.labels, a.annotations, a.judged, a.incident, i.resolved_at"
            " FROM alerts a LEFT JOIN incidents i ON i.id = a.incident AND i.state = 'resolved'"
            " WHERE a.source = ? AND a.fingerprint = ?",
            (SOURCE, mark),
        )
        if not rows:
            return None
        status, starts_at, labels, annotations, judged, incident, resolved_at = rows[0]
        return _Kept(
            status == "firing",
            from_iso(starts_at),
            json.loads(labels),
            json.loads(annotations),
            incident,
            from_iso(resolved_at) if judged and resolved_at else None,
        )

    def _send(self, alert: Alert) -> None:
        try:
            self._accept(Notification((alert,), receiver=SOURCE)).result(timeout=STORED_WITHIN_S)
        except (Busy, TimeoutError) as error:
            raise StoreDown(
                f"drbot's own alarm {alert.name} waits: {error or 'the store is slow'}"
            ) from error


def _alert(alarm: Alarm, starts_at: datetime) -> Alert:
    said = {"summary": alarm.summary[:TEXT_LIMIT]}
    if alarm.description:
        said["description"] = alarm.description[:TEXT_LIMIT]
    return Alert(SOURCE, alarm.fingerprint, AlertStatus.FIRING, starts_at, None, _labels(alarm), said)


def _labels(alarm: Alarm) -> Mapping[str, str]:
    return {
        **alarm.labels,
        "alertname": alarm.name,
        "subject": alarm.subject[:TEXT_LIMIT],
        **({PLAN_COMPONENT: alarm.component} if alarm.component else {}),
        **({PLAN_ENVIRONMENT: alarm.environment} if alarm.environment else {}),
    }
