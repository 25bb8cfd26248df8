"""A report as Markdown, by the plan's incident template: all words escaped, all lines with their evidence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.redact import REDACTED, redact
from bot.report.bench import shorten
from bot.report.impact import duration
from bot.report.records import Claim, FollowUp, Report, Source, Suspicion, Times

NOT_RECORDED = "not recorded"
_BRIEF = 150
_TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
_SAFE_CODE = re.compile(r"(`[^`\n<>&\\\[\]]+`)")
_SPECIAL = re.compile(r"([\\`*\[\]])")
_LOOSE_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_ENTITY = re.compile(r"&(?=#?\w{1,31};)")

# The lines of the plan's timeline, in its order; the first and the last are added to it.
_TIMELINE = (
    ("started", "Impact began"),
    ("detected", "Issue detected"),
    ("acknowledged", "Investigation started"),
    ("identified", "Root cause identified"),
    ("fix", "Fix deployed"),
    ("restored", "Service restored"),
    ("resolved", "Incident resolved"),
)


def render(report: Report) -> str:
    """The report as Markdown. Nothing in it pings, links or runs, whatever people wrote."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - Markdown, not HTML: inert() escapes every text
        keep_trailing_newline=True,
    )
    return environment.get_template("report.md.j2").render(report=_view(report), not_recorded=NOT_RECORDED)


def inert(text: str) -> str:
    """A text as one line of Markdown that only shows itself. Safe inline code stays code."""
    line = " ".join(redact(text).split())
    parts = _SAFE_CODE.split(line)
    return "".join(part if index % 2 else _escaped(part) for index, part in enumerate(parts))


def _escaped(text: str) -> str:
    text = _ENTITY.sub("&amp;", text)
    text = _SPECIAL.sub(r"\\\1", text).replace("~~", r"\~\~")
    text = _LOOSE_UNDERSCORE.sub(r"\\_", text)
    return text.replace(re.sub(r"([\[\]])", r"\\\1", REDACTED), REDACTED)


def _view(report: Report) -> Mapping[str, object]:
    times = report.times
    day = _first_day(times)
    return {
        "ref": inert(report.ref),
        "title": inert(report.title) or NOT_RECORDED,
        "date_time": _date_time(times),
        "duration": _duration(times),
        "severity": _line(report.severity) if report.severity else NOT_RECORDED,
        "impact": [_line(claim) for claim in report.impact],
        "timeline": _timeline(report, day),
        "events": [_event(claim, day) for claim in report.events],
        "left_out": report.left_out,
        "cause": [_line(claim) for claim in report.cause],
        "resolution": [_timed(claim) for claim in report.resolution],
        "follow_ups": [_follow_up(item) for item in report.follow_ups],
        "lessons": [_line(claim) for claim in report.lessons],
        "suspicions": [_suspicion(one) for one in report.suspicions],
        "measures": _measures(times),
        "notes": [_line(note) for note in report.notes],
        "sources": [_source(one) for one in report.sources],
    }


def _line(claim: Claim) -> str:
    return f"{inert(claim.text)}{_labels(claim.evidence)}"


def _labels(evidence: Sequence[str]) -> str:
    labels = ", ".join(dict.fromkeys(evidence))
    return f" [{labels}]" if labels else ""


def _timed(claim: Claim) -> str:
    return f"{claim.at:%H:%M} UTC: {_line(claim)}" if claim.at else _line(claim)


def _event(claim: Claim, day: datetime | None) -> str:
    return f"{_clock(claim.at, day, '%H:%M:%S')} {_line(claim)}" if claim.at else _line(claim)


def _clock(at: datetime, day: datetime | None, form: str = "%H:%M") -> str:
    """The time of day, with the date where it is another day than the incident's first."""
    return at.strftime(form) if day is None or at.date() == day.date() else at.strftime(f"%Y-%m-%d {form}")


def _first_day(times: Times) -> datetime | None:
    first = times.started or times.detected
    return first.at if first else None


def _date_time(times: Times) -> str:
    first = times.started or times.detected
    if first is None or first.at is None:
        return NOT_RECORDED
    which = "" if times.started else " (of the detection; when it began is not recorded)"
    return f"{first.at:%Y-%m-%d %H:%M} UTC{which}{_labels(first.evidence)}"


def spoken(length: timedelta) -> str:
    """`X hours Y minutes`, rounded to the minute."""
    minutes = round(length.total_seconds() / 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} {'hour' if hours == 1 else 'hours'} {minutes} {'minute' if minutes == 1 else 'minutes'}"


def _duration(times: Times) -> str:
    length = duration(times)
    if length is None:
        return NOT_RECORDED
    first = times.started or times.detected
    last = times.restored or times.mitigated or times.resolved
    if first is None or last is None or first.at is None or last.at is None:
        return NOT_RECORDED
    begin = "its beginning" if times.started else "its detection"
    end = "the restored service" if times.restored or times.mitigated else "the end of the incident"
    evidence = _labels((*first.evidence, *last.evidence))
    span = f"from {begin} at {first.at:%H:%M} to {end} at {last.at:%H:%M} UTC"
    return f"{spoken(length)} (computed: {span}){evidence}"


def _timeline(report: Report, day: datetime | None) -> list[str]:
    lines = []
    for name, words in _TIMELINE:
        claim: Claim | None = report.fix if name == "fix" else getattr(report.times, name)
        if name == "fix" and claim is None and report.times.mitigated is not None:
            lines.append(f"{NOT_RECORDED} - {words}: no fix is credited with the recovery")
        elif claim is not None and claim.at is not None:
            brief = replace(claim, text=shorten(claim.text, _BRIEF))
            lines.append(f"{_clock(claim.at, day)} - {words}: {_line(brief)}")
        elif name == "identified" and report.cause:
            lines.append(
                f"{NOT_RECORDED} - {words}: the cause is not known{_labels(report.cause[0].evidence)}"
            )
        else:
            lines.append(f"{NOT_RECORDED} - {words}")
    return lines


def _follow_up(item: FollowUp) -> str:
    owner = inert(item.owner) if item.owner else f"{NOT_RECORDED} (proposed by {inert(item.proposed_by)})"
    said = f' (said: "{inert(item.due_said)}")' if item.due_said else ""
    due = f"{item.due:%Y-%m-%d}{said}" if item.due else f"{NOT_RECORDED}{said}"
    return f"{inert(item.text)} — owner: {owner}; due: {due}{_labels(item.evidence)}"


def _suspicion(one: Suspicion) -> str:
    verdict = "Ruled out" if one.ruled_out else "Not shown"
    answers = "; answered by ".join(_line(answer) for answer in one.answers)
    return f"{verdict}: {_line(one.said)}; answered by {answers}"


def _measures(times: Times) -> list[str]:
    pairs = (
        ("Time to detect", times.started, times.detected),
        ("Time to acknowledge", times.detected, times.acknowledged),
        ("Time to identify", times.detected, times.identified),
        ("Time to mitigate", times.detected, times.mitigated),
        ("Time to restore (from the beginning)", times.started or times.detected, times.restored),
        ("Time to resolve", times.detected, times.resolved),
    )
    lines = []
    for words, begin, end in pairs:
        if begin is None or end is None or begin.at is None or end.at is None or end.at < begin.at:
            lines.append(f"{words}: {NOT_RECORDED}")
            continue
        seconds = round((end.at - begin.at).total_seconds())
        stamp = f"{begin.at:%Y-%m-%d %H:%M:%S} to {end.at:%Y-%m-%d %H:%M:%S} UTC"
        minutes, rest = divmod(seconds, 60)
        lines.append(f"{words}: {minutes} min {rest} s ({stamp}){_labels((*begin.evidence, *end.evidence))}")
    return lines


def _source(one: Source) -> str:
    marks = f"; marked {inert('; '.join(one.marks))}" if one.marks else ""
    edited = "; edited" if one.edited else ""
    return f"[{one.ref}] {one.at:%Y-%m-%d %H:%M:%S} UTC, {inert(one.who)}, {inert(one.what)}{edited}{marks}"
