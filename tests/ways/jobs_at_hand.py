"""Jobs as the outbound hands them to a way, and how one ended."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.outbound import Job, JobState, Later, Never, NewJob, Sender, Sent, Unknown
from bot.outbound import jobs
from bot.ways.statuspage import StatusPage
from tests.real import statuspage as real

TEXT = "We are looking into failing logins."
DOWN: Mapping[str, str] = {"8kbf7d35c070": "partial_outage"}
UP: Mapping[str, str] = {"8kbf7d35c070": "operational"}


def taken_up(new: NewJob, asked_at: str = "2026-11-23T03:00:00.000000+00:00") -> Job:
    """The job as its row has it once a send has begun."""
    return Job(
        new.key, new.way, new.thread, new.action, new.about, new.payload, new.incident,
        JobState.SENDING, attempts=1, created_at=asked_at,
    )  # fmt: skip


def creation(
    text: str = TEXT, key: str = "outside:7:1", incident: int = 7, title: str = "Logins fail"
) -> NewJob:
    about = "the status page's entry"
    return jobs.status_page(incident, "create", key, about, title, text, "investigating", "major", DOWN)


def update(
    text: str, key: str, status: str = "monitoring", how: Mapping[str, str] = DOWN, incident: int = 7
) -> NewJob:
    about = "an update of the status page"
    return jobs.status_page(incident, "update", key, about, "Logins fail", text, status, "major", how)


def a_post(text: str = TEXT, key: str = "outside:7:2") -> NewJob:
    return jobs.post(7, key, "the post about logins", text)


def ending(sender: Sender, job: Job, remote: str = "") -> Sent | Later | Never | Unknown:
    """What `send` came to, raised or not."""
    try:
        return sender.send(job, remote)
    except (Later, Never, Unknown) as outcome:
        return outcome


def to_page(
    page: real.StatusPage, changed: Mapping[str, str] | None = None, read_s: float = 5.0
) -> StatusPage:
    """The way to this page, in no hurry to be polite. `changed`: other settings than it needs."""
    return StatusPage({**page.environment, **(changed or {})}, pause=lambda _s: None, read_s=read_s)
