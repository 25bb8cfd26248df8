"""Which person of the plan did something at PagerDuty: by their e-mail, else by a name that only one has."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import msgspec

from bot.domain.pager import PAGER, Agent
from bot.domain.person import Person
from bot.plan.models import DrPlan
from bot.ways.pagerduty_calls import NoAnswer, Rest

KNOWN_MOST = 1_000
SILENT_S = 60.0


class _User(msgspec.Struct):
    email: str = ""


class _Users(msgspec.Struct):
    user: _User


class Who:
    """Asks PagerDuty for a user's e-mail, once; events name users without it. Used by one thread.

    Where it did not answer it is left in peace for a minute: an acknowledgement must not wait for a name.
    """

    def __init__(self, plan: DrPlan, rest: Rest | None, steady: Callable[[], float] = time.monotonic) -> None:
        self._plan = plan
        self._rest = rest
        self._steady = steady
        self._silent_until_s = float("-inf")
        self._emails: dict[str, str] = {}

    def did(self, agent: Agent) -> Person | None:
        """The person, `pagerduty` with the agent's name for a person whom the plan does not know, or None
        for integrations, automations and nobody. May ask over the network for a few seconds; never raises.
        """
        if not agent.person:
            return None
        email = agent.email or self._email(agent.id)
        return _by_email(self._plan, email) or self._by_name(agent.name) or _stranger(agent)

    def _email(self, user_id: str) -> str:
        if user_id in self._emails or self._rest is None or not user_id.isalnum():
            return self._emails.get(user_id, "")
        if self._steady() < self._silent_until_s:
            return ""
        try:
            answer = self._rest.get(f"/users/{user_id}")
            email = msgspec.json.decode(answer.body, type=_Users).user.email if answer.ok else ""
        except (NoAnswer, msgspec.MsgspecError):
            email = ""
        if not email:
            self._silent_until_s = self._steady() + SILENT_S
        elif len(self._emails) < KNOWN_MOST:
            self._emails[user_id] = email
        return email

    def _by_name(self, name: str) -> Person | None:
        wanted = _plain(name)
        same = [one for one, entry in self._plan.people.items() if wanted and _plain(entry.name) == wanted]
        return self._plan.person(same[0]) if len(same) == 1 else None


def who_of(plan: DrPlan, environment: Mapping[str, str]) -> Who:
    """By REST where there is a key, by names alone where there is none."""
    key = environment.get("PAGERDUTY_API_KEY", "")
    return Who(plan, Rest(key, environment.get("DR_PAGERDUTY_API_URL", "")) if key else None)


def _by_email(plan: DrPlan, email: str) -> Person | None:
    wanted = email.strip().lower()
    found = (one for one, entry in plan.people.items() if wanted and entry.email.lower() == wanted)
    known = next(found, "")
    return plan.person(known) if known else None


def _stranger(agent: Agent) -> Person:
    return Person(PAGER, agent.name or "somebody")


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
