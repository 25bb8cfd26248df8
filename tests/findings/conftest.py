"""A channel written in a few lines, as Slack would export it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from bot.findings import Report, report_from_transcript
from bot.report import render

PEOPLE = {
    "U0RAFA": {"name": "Rafa Tavares", "handle": "rafa"},
    "U0BIA": {"name": "Bianca Moura", "handle": "bia"},
    "U0LIVIA": {"name": "Lívia Brandão", "handle": "livia"},
    "U0HANS": {"name": "Hans Meyer", "handle": "hans"},
    "U0MAYA": {"name": "Mayara Pinho", "handle": "may"},
}


def stamp(clock: str) -> str:
    """`14:05` or `14:05:30` of the test's day as Slack's ts."""
    form = "%H:%M:%S" if clock.count(":") == 2 else "%H:%M"
    time = datetime.strptime(f"2026-05-12 {clock}", f"%Y-%m-%d {form}").replace(tzinfo=UTC)
    return f"{time.timestamp():.6f}"


@dataclass
class Channel:
    """What happened in a channel; `report` and `markdown` draft from it."""

    zones: str = "America/Sao_Paulo, Europe/Lisbon"
    messages: list[dict[str, object]] = field(default_factory=list)
    events: list[dict[str, object]] = field(default_factory=list)
    severity: str = ""
    entries: list[dict[str, object]] = field(default_factory=list)

    def say(self, clock: str, person: str, text: str, *marks: str) -> None:
        reactions = [{"name": mark, "users": ["U0LIVIA"], "count": 1} for mark in marks]
        message: dict[str, object] = {
            "type": "message",
            "user": f"U0{person}",
            "ts": stamp(clock),
            "text": text,
        }
        self.messages.append(message | ({"reactions": reactions} if reactions else {}))

    def bot(self, clock: str, kind: str, text: str, **more: str) -> None:
        self.entries.append({"ts": stamp(clock), "kind": kind, "text": text, **more})

    def card(self, clock: str, text: str) -> None:
        said = {"type": "message", "subtype": "bot_message", "bot_id": "B0", "username": "drbot"}
        self.messages.append({**said, "ts": stamp(clock), "text": text})

    def edited(self, clock: str, before: str, after: str) -> None:
        """The message at this time (already in its last form) once read otherwise."""
        self.events.append(
            {
                "type": "message",
                "subtype": "message_changed",
                "message": {"ts": stamp(clock), "text": after},
                "previous_message": {"ts": stamp(clock), "text": before},
            }
        )

    def deleted(self, clock: str, before: str) -> None:
        self.events.append(
            {
                "type": "message",
                "subtype": "message_deleted",
                "deleted_ts": stamp(clock),
                "previous_message": {"ts": stamp(clock), "text": before},
            }
        )

    def export(self) -> bytes:
        whole = {
            "channel": {"id": "C0TEST", "name": "inc"},
            "users": PEOPLE,
            "time_zone_of_people": self.zones,
            "messages": self.messages,
            "events": self.events,
            "bot_entries": self.entries,
            **({"plan_severity": self.severity} if self.severity else {}),
        }
        return json.dumps(whole).encode()

    def report(self) -> Report:
        return report_from_transcript(self.export())

    def markdown(self) -> str:
        return render(self.report())


@pytest.fixture
def channel() -> Channel:
    return Channel()
