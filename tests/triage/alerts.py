"""Alerts for these tests, short to write."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.domain.alert import Alert, AlertStatus

MORNING = datetime(2026, 2, 1, 3, 0, tzinfo=UTC)


def alert(name: str = "Some", summary: str = "", description: str = "", **labels: str) -> Alert:
    """An alert of production's API unless the labels say otherwise."""
    named = {"alertname": name, "job": "api", "env": "production", **labels}
    notes = {"summary": summary, "description": description}
    return Alert("test", "f1", AlertStatus.FIRING, MORNING, None, named, notes)
