"""What statuspage.io's API takes and gives: an incident with its updates, a component, an error's words.

{"incident": {"name": "…", "status": "investigating", "impact_override": "major", "body": "…",
 "component_ids": ["8kbf…"], "components": {"8kbf…": "partial_outage"}, "deliver_notifications": true,
 "metadata": {"drbot": {"key": "outside:7:1", "asked_at": "2026-11-23T03:04:05.678901+00:00"}}}}
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from bot.domain.outbound import Job

SAID_LETTERS = 300
OURS = "drbot"


class Text(msgspec.Struct):
    """A job's payload as `bot.outbound.jobs.status_page` writes it."""

    title: str
    text: str
    status: str
    impact: str
    components: dict[str, str]


class Update(msgspec.Struct):
    body: str = ""
    status: str = ""
    created_at: datetime | None = None


class Incident(msgspec.Struct):
    id: str
    shortlink: str | None = None
    metadata: dict[str, object] | None = None
    incident_updates: list[Update] = []

    def keeps(self, job: Job) -> bool:
        """Whether it carries the mark of this job, as the last that wrote to it."""
        return (self.metadata or {}).get(OURS) == _mark(job)


class Component(msgspec.Struct, frozen=True):
    """One row of the page: what `communication.outside.components` maps the plan's components to."""

    id: str
    name: str
    status: str = ""
    group: bool = False


class _Error(msgspec.Struct):
    error: str | list[str] = ""


def creation(text: Text, job: Job) -> dict[str, object]:
    """The body of `POST incidents`."""
    return {"incident": {"name": text.title, **_told(text, job)}}


def update(text: Text, job: Job) -> dict[str, object]:
    """The body of `PATCH incidents/ID`. The title stays as people see it there."""
    return {"incident": _told(text, job)}


def _told(text: Text, job: Job) -> dict[str, object]:
    said: dict[str, object] = {
        "status": text.status,
        "impact_override": text.impact,
        "body": text.text,
        "deliver_notifications": True,
        "metadata": {OURS: _mark(job)},
    }
    if text.components:  # the ids link them to the entry, the map sets how they are
        said |= {"component_ids": list(text.components), "components": text.components}
    return said


def _mark(job: Job) -> dict[str, str]:
    """The key alone is not enough: another drbot may tell the same page, and count its incidents, too."""
    return {"key": job.key, "asked_at": job.created_at}


def said_by(body: bytes) -> str:
    """The words of an error's body in one bounded line; '' where it holds none."""
    try:
        error = msgspec.json.decode(body, type=_Error).error
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    words = error if isinstance(error, str) else "; ".join(error)
    line = " ".join("".join(one if one.isprintable() else " " for one in words[:2000]).split())
    return line if len(line) <= SAID_LETTERS else f"{line[: SAID_LETTERS - 1]}…"
