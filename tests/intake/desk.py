"""A store, an intake, and notifications as a monitor would send them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.domain.alert import Alert, AlertStatus, Notification
from bot.intake import Intake
from bot.store.alerts import Accepted
from bot.store.database import Row, Store
from tests.store.conftest import Clock

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def firing(fingerprint: str = "f1", minute: float = 0, **labels: str) -> Alert:
    """An alert that began this many minutes after START."""
    return Alert(
        "alertmanager",
        fingerprint,
        AlertStatus.FIRING,
        START + timedelta(minutes=minute),
        None,
        {"alertname": "HighErrorRate"} | labels,
        {"summary": "5xx above 5%"},
        group="g",
    )


def resolved(fingerprint: str = "f1", minute: float = 0, end: float | None = 5) -> Alert:
    """The end of the firing that began at `minute`."""
    ends_at = None if end is None else START + timedelta(minutes=end)
    return replace(firing(fingerprint, minute), status=AlertStatus.RESOLVED, ends_at=ends_at)


@dataclass(frozen=True)
class Desk:
    """An intake over a real store, and what a test asks of them."""

    store: Store
    intake: Intake
    clock: Clock

    def take(self, *alerts: Alert, truncated: int = 0, event_key: str = "") -> tuple[int, int, int]:
        """One notification, a minute after the one before: (new, changed, repeated)."""
        self.clock.forward(minutes=1)
        accepted: Accepted = self.intake.accept(
            Notification(alerts, truncated=truncated, event_key=event_key)
        ).result(10)
        return accepted.new, accepted.changed, accepted.repeated

    def judge(self) -> int:
        """What triage does at the least: every waiting row is judged; how many there were."""
        return self.store.write(lambda tx: tx.run("UPDATE alerts SET judged = 1 WHERE judged = 0"))

    def row(self, columns: str, fingerprint: str = "f1") -> Row:
        (row,) = self.store.read(f"SELECT {columns} FROM alerts WHERE fingerprint = ?", (fingerprint,))
        return row
