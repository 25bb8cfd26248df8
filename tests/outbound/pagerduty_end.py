"""PagerDuty as an other end of the contract: pages that are triggered again and again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Literal

from bot.domain.outbound import NewJob, Sender, Way
from bot.ways.pagerduty import PagerDuty
from tests.real.pagerduty import ROUTING_KEY, PagerDutyThere, pagerduty

_FAILURES: Mapping[str, int | str] = {"busy": 429, "refuse": 400, "cut": "cut-after"}


class PagerDutyEnd:
    """Each thread is one page, each job a trigger of it. See OtherEnd."""

    tells = False
    same_twice = True

    def __init__(self, there: PagerDutyThere) -> None:
        self._there = there
        self.sender: Sender = PagerDuty(ROUTING_KEY, "", there.url)
        self.up = there.up

    def job(self, thread: int, number: int) -> NewJob:
        payload = {
            "dedup_key": f"page-{thread}",
            "summary": f"{thread} {number}",
            "source": "drbot",
            "severity": "error",
        }
        key, about = f"page:{thread}:{number}", "page to Ana"
        return NewJob(key, Way.PAGERDUTY, f"pagerduty:{thread}", "trigger", about, payload, thread)

    def taken(self) -> list[tuple[int, int]]:
        words = [event["payload"]["summary"].split() for event in self._there.enqueued]
        return [(int(thread), int(number)) for thread, number in words]

    def fail(self, trouble: Literal["busy", "refuse", "cut"]) -> None:
        self._there.misbehave(_FAILURES[trouble])

    def down(self) -> None:
        self._there.down("cut")


@contextlib.contextmanager
def pagerduty_end() -> Iterator[PagerDutyEnd]:
    with pagerduty() as there:
        yield PagerDutyEnd(there)
