"""Who PagerDuty has on call (its REST API, `GET /oncalls`), people of the plan known by their email."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import msgspec

from bot.oncall import THE_PLAN, PlanOnCall, Roster
from bot.plan.models import DrPlan
from bot.ways.pagerduty_calls import NoAnswer, Rest

KEPT_S = 60.0
PAGE = 100
UNAUTHORIZED = 401


class _User(msgspec.Struct):
    email: str = ""


class _OnCall(msgspec.Struct):
    user: _User
    escalation_level: int = 1
    start: datetime | None = None
    end: datetime | None = None


class _Page(msgspec.Struct):
    oncalls: list[_OnCall]


class PagerDutyOnCall:
    """Asked at most once a minute. Where it does not answer, the plan decides, and it is said."""

    def __init__(
        self,
        plan: DrPlan,
        schedules: tuple[str, ...],
        api_key: str,
        api_url: str = "",
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._plan = plan
        self._schedules = schedules
        self._now_s = now_s
        self._fallback = PlanOnCall(plan).last()
        self._roster = self._fallback
        self._looked_s = float("-inf")
        self._looking = threading.Lock()
        self._rest = Rest(api_key, api_url)

    def look(self) -> Roster:
        with self._looking:
            if self._now_s() - self._looked_s >= KEPT_S:
                self._roster = self._ask()
                self._looked_s = self._now_s()
        return self._roster

    def last(self) -> Roster:
        return self._roster

    def _ask(self) -> Roster:
        try:
            answer = self._rest.get(
                "oncalls",
                {
                    "schedule_ids[]": list(self._schedules),
                    "include[]": ["users"],
                    "earliest": "true",
                    "limit": str(PAGE),
                },
            )
        except NoAnswer:
            return self._without("it does not answer")
        if not answer.ok:
            refused = answer.status == UNAUTHORIZED
            return self._without("it refuses the key (401)" if refused else f"it answers {answer.status}")
        try:
            page = msgspec.json.decode(answer.body, type=_Page)
        except msgspec.MsgspecError:
            return self._without("it answers what cannot be read")
        people = tuple(dict.fromkeys(self._known(page)))
        if not people:
            return self._without("it has nobody on call whom the plan knows by `email`")
        return Roster(people, f"PagerDuty (schedule {', '.join(self._schedules)})", paged=True)

    def _known(self, page: _Page) -> Iterator[str]:
        """Plan ids of those whose turn is now, the first level of escalation first."""
        by_email = {
            entry.email.lower(): person_id for person_id, entry in self._plan.people.items() if entry.email
        }
        now = datetime.now(UTC)
        for one in sorted(page.oncalls, key=lambda turn: turn.escalation_level):
            is_now = (one.start is None or one.start <= now) and (one.end is None or now < one.end)
            if is_now and one.user.email.lower() in by_email:
                yield by_email[one.user.email.lower()]

    def _without(self, why: str) -> Roster:
        trouble = f"PagerDuty was asked who is on call, and {why}: until it does, {THE_PLAN} decide"
        return Roster(self._fallback.people, trouble=trouble)
