"""What holds runs back, as the plan writes it: freeze windows, limits an hour, breakers, break-glass.

Everything here is drbot's own addition to the written plan. A plan that says nothing has no freezes, the
limits of `bot.domain.limits`, and glass that approvers break.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, model_validator

from bot.domain import glass, limits
from bot.domain.breaker import BreakerRule
from bot.domain.freeze import Freeze, Weekly
from bot.plan.fields import Duration, Part

ChangingRisk: TypeAlias = Literal["low", "high", "destructive"]


def read_weekly(given: object) -> Weekly:
    """Read `fri 18:00 - mon 08:00`. Raises ValueError with the form."""
    return given if isinstance(given, Weekly) else Weekly.parse(str(given))


def read_zone(given: object) -> ZoneInfo:
    """Read an IANA time zone. Raises ValueError with examples."""
    if isinstance(given, ZoneInfo):
        return given
    try:
        return ZoneInfo(str(given)[:60])
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"{str(given)[:60]!r} is not a time zone: write UTC or America/Sao_Paulo") from error


def read_moment(given: object) -> datetime:
    """Read an ISO time such as `2026-12-24T18:00`. Raises ValueError with the form."""
    if isinstance(given, datetime):
        return given
    try:
        return datetime.fromisoformat(str(given).strip()[:40])
    except ValueError as error:
        raise ValueError(f"{str(given)[:40]!r} is not a time: write 2026-12-24T18:00") from error


Moment = Annotated[datetime, BeforeValidator(read_moment)]
Zone = Annotated[ZoneInfo, BeforeValidator(read_zone)]
WeeklyField = Annotated[Weekly, BeforeValidator(read_weekly)]
Count = Annotated[int, Field(ge=0, le=1000)]


class FreezeEntry(Part):
    """One window in which nothing is changed: `from` and `until`, or `weekly`, in `timezone` (else UTC).

    No environments means all. `risks` are those it holds back; looks it never does.
    """

    title: str
    because: str
    begins: Moment | None = Field(default=None, alias="from")
    until: Moment | None = None
    weekly: WeeklyField | None = None
    timezone: Zone | None = None
    environments: tuple[str, ...] = ()
    risks: tuple[ChangingRisk, ...] = ("high", "destructive")
    contact: str = ""

    @model_validator(mode="after")
    def _one_window(self) -> FreezeEntry:
        if (self.weekly is None) == (self.begins is None and self.until is None):
            raise ValueError("say when: either `from` and `until`, or `weekly`")
        if self.weekly is not None:
            return self
        if self.begins is None or self.until is None:
            raise ValueError("a window needs both `from` and `until`: one that never ends is never lifted")
        if self._zoned(self.until) <= self._zoned(self.begins):
            raise ValueError(f"the window ends ({self.until}) before it begins ({self.begins})")
        return self

    @property
    def rule(self) -> Freeze:
        """As the policy decides by it."""
        return Freeze(
            title=self.title,
            because=self.because,
            zone=self.timezone or UTC,
            begins=self._zoned(self.begins) if self.begins else None,
            ends=self._zoned(self.until) if self.until else None,
            weekly=self.weekly,
            environments=frozenset(self.environments),
            risks=frozenset(self.risks),
            contact=self.contact,
        )

    @property
    def when(self) -> str:
        """`fri 18:00 - mon 08:00 (Europe/Lisbon)`, as people read it."""
        window = str(self.weekly) if self.weekly else f"{_say(self.begins)} - {_say(self.until)}"
        return f"{window} ({self.timezone.key if self.timezone else 'UTC'})"

    def _zoned(self, moment: datetime) -> datetime:
        return moment if moment.tzinfo else moment.replace(tzinfo=self.timezone or UTC)


class BreakerEntry(Part):
    """So many failures in a row on one target within the time open its circuit breaker."""

    failures: int = Field(default=3, ge=1, le=20)
    within: Duration = 3600.0


class LimitsEntry(Part):
    """How many runs may begin within an hour, by risk and on each target; a risk not named keeps its own."""

    per_hour: dict[ChangingRisk, Count] = Field(default_factory=dict)
    per_target_hour: Count = limits.PER_TARGET_HOUR
    breaker: BreakerEntry = BreakerEntry()

    @property
    def rule(self) -> limits.Limits:
        """As the policy decides by it."""
        return limits.Limits({**limits.PER_HOUR, **dict(self.per_hour.items())}, self.per_target_hour)

    @property
    def breaker_rule(self) -> BreakerRule:
        """As the policy decides by it."""
        return BreakerRule(self.breaker.failures, self.breaker.within)


class BreakGlassEntry(Part):
    """Who may override freezes, limits, breakers and the need of an open incident, with a reason."""

    roles: tuple[str, ...] = Field(default=glass.ROLES, min_length=1)


class OnCallFrom(Part):
    """Where it is known who is on call now: PagerDuty's schedules, by id. Without it: the role `on-call`."""

    pagerduty: tuple[str, ...] = Field(min_length=1, max_length=20)


def _say(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M") if moment else "open"
