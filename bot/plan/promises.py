"""What the plan promises: the document itself, objectives, backups and tests (sections 1, 2 and 5)."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator

from bot.plan.fields import CronField, Duration, Frequency, Part, Seat
from bot.plan.runbook import Instruction, OfferedAction

_MONTH = re.compile(r"([12][0-9]{3})-(0[1-9]|1[0-2])(?:-([0-3][0-9]))?")


def _month_or_day(text: str) -> str:
    found = _MONTH.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:40]!r} is not a date: write 2026-02 or 2026-02-14")
    date(int(found[1]), int(found[2]), int(found[3] or 1))
    return text


Day = Annotated[str, AfterValidator(_month_or_day)]
"""`2026-02-14`, or `2026-02` where the document names only the month."""


class Document(Part):
    """The head and foot of the document. `approved_by` and `next_review` are None while vacant."""

    title: str
    version: str
    last_updated: Day
    owner: str
    review: Frequency
    overview: str = ""
    approved_by: Seat = None
    next_review: Day | None = None


class Objective(Part):
    """One row of section 1.1. `priority` is the document's word for what it holds for."""

    title: str
    target: Duration
    priority: str


class Schedule(Part):
    """The scheduled backup of section 2.1, as the document's crontab runs it (UTC)."""

    title: str
    cron: CronField
    command: str


class Between(Part):
    """What drbot adds between two scheduled backups so that the RPO is kept."""

    title: str
    every: Duration
    how: str = ""


class BackupLocation(Part):
    """One row of the backup locations."""

    title: str
    location: str
    keep: Duration


class DatabaseBackups(Part):
    """Section 2.1."""

    schedule: Schedule
    locations: dict[str, BackupLocation]
    verification: tuple[str, ...] = ()
    between: tuple[Between, ...] = ()

    @property
    def worst_loss_s(self) -> float:
        """The most that the document's schedule alone can lose, in seconds."""
        return self.schedule.cron.longest_gap_s


class Transition(Part):
    """One step of the image bucket's lifecycle; `to` is a storage class, or `deletion`."""

    leaves: str
    to: str
    after: Duration


class ImageBucket(Part):
    """Section 2.2."""

    bucket: str
    region: str
    replica_region: str
    versioning: bool
    lifecycle: tuple[Transition, ...] = ()


class KeptBy(Part):
    """One row of section 2.3."""

    item: str
    method: str


class Backups(Part):
    """Section 2."""

    database: DatabaseBackups
    images: ImageBucket
    configuration: tuple[KeptBy, ...] = ()


class PlannedTest(Part):
    """One row of section 5.1. `does` is what drbot runs for it, in order; without any it is people's."""

    title: str
    every: Frequency
    owner: str
    does: tuple[OfferedAction, ...] = ()


class Testing(Part):
    """Section 5."""

    tests: dict[str, PlannedTest]
    restore_procedure: tuple[Instruction, ...] = ()
