"""The kinds of value that a plan file holds: durations, matchers, severities, frequencies, vacant seats."""

from __future__ import annotations

import math
import re
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from bot.domain.matcher import Matcher
from bot.domain.severity import Severity
from bot.plan.cron import Cron

LONGEST_S = 100 * 365 * 86400.0
LONGEST_MATCHER = 500
_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(?:[0-9]{1,9}(?:\.[0-9]{1,6})?[smhdw])+")
_PART = re.compile(r"([0-9.]+)([smhdw])")
_PLACEHOLDER = re.compile(r"\[[^\[\]]*\]")


class Part(BaseModel):
    """Every part of the plan is closed (unknown keys are faults) and frozen."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, ignored_types=(cached_property,)
    )


def read_duration_s(given: object) -> float:
    """Read `90s`, `15m`, `1h30m`, `7d` or a number of seconds. Raises ValueError with the form."""
    text = str(given).strip()
    if isinstance(given, bool):
        text = ""
    elif re.fullmatch(r"[0-9]{1,12}(?:\.[0-9]{1,6})?", text):
        text += "s"
        total = float(text[:-1])
        return _in_bounds(total, given)
    if len(text) > 60 or _DURATION.fullmatch(text) is None:
        raise ValueError(f"{str(given)[:60]!r} is not a duration: write 90s, 15m, 1h30m or 7d")
    return _in_bounds(sum(float(number) * _UNITS_S[unit] for number, unit in _PART.findall(text)), given)


def _in_bounds(seconds: float, given: object) -> float:
    if not math.isfinite(seconds) or seconds > LONGEST_S:
        raise ValueError(f"{str(given)[:60]!r} is longer than a hundred years")
    return seconds


def say_duration(seconds: float) -> str:
    """A duration as people write it: `1h 30m`, `7d`, `60s`. The inverse of reading up to whole seconds.

    From two minutes, two hours and two days up the larger unit is used; `24h` stays hours.
    """
    left = round(seconds)
    if left < 120 and left % 60:
        return f"{left}s"
    said = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        if unit == "d" and seconds < 2 * 86400:
            continue
        count, left = divmod(left, size)
        if count:
            said.append(f"{count}{unit}")
    return " ".join(said) or "0s"


def read_matcher(given: object) -> Matcher:
    """Read one matcher in Alertmanager's syntax. Raises ValueError with the form."""
    if isinstance(given, Matcher):
        return given
    text = str(given)
    if len(text) > LONGEST_MATCHER:
        raise ValueError(f"a matcher of {len(text)} characters is too long: {LONGEST_MATCHER} are allowed")
    try:
        return Matcher.parse(text)
    except (OverflowError, RecursionError) as error:
        raise ValueError(f"{text[:60]!r} holds an expression that cannot be used: {error}") from error


def read_severity(given: object) -> Severity:
    """Read `SEV-2`, `2`. Raises ValueError with the form."""
    return given if isinstance(given, Severity) else Severity.parse(str(given)[:60])


def read_cron(given: object) -> Cron:
    """Read five cron fields. Raises ValueError with the form."""
    return given if isinstance(given, Cron) else Cron.parse(str(given))


def read_seat(given: object) -> object:
    """A vacant seat is null; a placeholder such as `[Name]` or an empty text says the same."""
    text = given.strip() if isinstance(given, str) else given
    return None if isinstance(text, str) and (not text or _PLACEHOLDER.fullmatch(text)) else given


def _severity_name(text: str) -> str:
    levels = [level.value for level in Severity if level is not Severity.NONE]
    if text not in levels:
        raise ValueError(f"{text[:60]!r} is not a severity of the plan: write {', '.join(levels)}")
    return text


Duration = Annotated[float, BeforeValidator(read_duration_s)]
SeverityField = Annotated[Severity, BeforeValidator(read_severity)]
SeverityName = Annotated[str, AfterValidator(_severity_name)]
MatcherField = Annotated[Matcher, BeforeValidator(read_matcher)]
CronField = Annotated[Cron, BeforeValidator(read_cron)]
Seat = Annotated[str | None, BeforeValidator(read_seat)]
"""A person's plan id, or None while the seat is vacant."""

Frequency = Literal["daily", "weekly", "monthly", "quarterly", "annually"]
FREQUENCY_DAYS = {"daily": 1, "weekly": 7, "monthly": 31, "quarterly": 92, "annually": 366}
