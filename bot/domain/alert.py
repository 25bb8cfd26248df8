"""An alert as any monitor sends it, reduced to what drbot decides by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from bot.domain.pager import PagerEvent


class AlertStatus(Enum):
    FIRING = "firing"
    RESOLVED = "resolved"


@dataclass(frozen=True)
class Alert:
    """One alert of one notification.

    `source` and `fingerprint` together are its identity: the rendered text never is. `starts_at` is
    aware UTC and tells one firing from the next; `ends_at` is None while it fires.
    """

    source: str
    fingerprint: str
    status: AlertStatus
    starts_at: datetime
    ends_at: datetime | None
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    url: str = ""
    group: str = ""

    @property
    def name(self) -> str:
        return self.labels.get("alertname", "unnamed alert")

    @property
    def summary(self) -> str:
        return self.annotations.get("summary") or self.name

    @property
    def description(self) -> str:
        return self.annotations.get("description", "")


@dataclass(frozen=True)
class Notification:
    """One webhook: its alerts, and how many more the sender left out (`truncated`).

    `notes` say what was done to what came (clipped, not used). `event_key` is the sender's own number
    for it where there is one: a key that was stored before is not applied again. `pager` is what it tells
    of a page, where it does.
    """

    alerts: tuple[Alert, ...]
    truncated: int = 0
    receiver: str = ""
    notes: tuple[str, ...] = field(default=())
    event_key: str = ""
    pager: PagerEvent | None = None
