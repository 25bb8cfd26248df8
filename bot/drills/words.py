"""Times as a certificate says them: what took 41.3 s is not said to have taken a minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def span(seconds: float) -> str:
    """`12 ms`, `0.4 s`, `41.3 s`, `1 min 12 s`, `9 h 12 min`, `3 d 4 h`; never more than two units."""
    if seconds < 0:
        return f"−{span(-seconds)}"
    if 0.0005 <= seconds < 0.0995:
        return f"{seconds * 1000:.0f} ms"
    if round(seconds, 1) < 60:
        return f"{_short(seconds)} s"
    whole = round(seconds)
    if whole < 3600:
        return _two(whole // 60, "min", whole % 60, "s")
    minutes = round(seconds / 60)
    if minutes < 48 * 60:
        return _two(minutes // 60, "h", minutes % 60, "min")
    hours = round(seconds / 3600)
    return _two(hours // 24, "d", hours % 24, "h")


def promised(seconds: float) -> str:
    """A promise as the plan writes it, in whole units: `4 h`, `30 min`, `1 h 30 min`."""
    return span(seconds)


def clock(iso: str, day_of: str = "") -> str:
    """`2026-11-23 02:00 UTC`, or `02:00 UTC` where it is the day of the other moment. '' of no time."""
    at = moment(iso)
    if at is None:
        return ""
    same = moment(day_of)
    if same is not None and same.date() == at.date():
        return f"{at:%H:%M} UTC"
    return f"{at:%Y-%m-%d %H:%M} UTC"


def moment(iso: str) -> datetime | None:
    """The moment that a text names, in UTC; None where it names none. No zone means UTC."""
    try:
        at = datetime.fromisoformat(iso)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def between_s(since: str, until: str) -> float:
    """Seconds from one moment to the other; 0.0 where one of them is none."""
    first, last = moment(since), moment(until)
    return (last - first).total_seconds() if first and last else 0.0


def overdue_words(overdue: timedelta) -> str:
    """`3 d 4 h overdue`; '' where it is not."""
    seconds = overdue.total_seconds()
    return f"{span(seconds)} overdue" if seconds > 0 else ""


def _short(seconds: float) -> str:
    return f"{seconds:.1f}".removesuffix(".0")


def _two(first: int, unit: str, second: int, smaller: str) -> str:
    return f"{first} {unit} {second} {smaller}" if second else f"{first} {unit}"
