"""A report as Markdown, by the plan's incident template: all words escaped, all lines with their evidence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.findings.dossier import shorten
from bot.findings.impact import duration
from bot.findings.records import Claim, Contributing, FollowUp, Report, Source, Suspicion, Times
from bot.plan.people import IncidentTemplate
from bot.redact import REDACTED, redact
from bot.report.layout import Layout, layout_of, titled
from bot.report.paper import Paper, Section, written

NOT_RECORDED = "not recorded"
_BRIEF = 150
_TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
_SAFE_CODE = re.compile(r"(`[^`\n<>&\\\[\]]+`)")
_SPECIAL = re.compile(r"([\\`*\[\]])")
_LOOSE_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_ENTITY = re.compile(r"&(?=#?\w{1,31};)")


def render(report: Report, template: IncidentTemplate | None = None) -> str:
    """The report as Markdown in the plan's template. Nothing in it pings, links or runs, whatever people
    wrote."""
    return written(paper(report, template))


def paper(report: Report, template: IncidentTemplate | None = None) -> Paper:
    """The same cut into its sections, as people edit them. A cost that nobody measured has none."""
    layout = layout_of(template)
    drawn = _environment().get_template("report.md.j2")
    view = _view(report, layout)

    def body(kind: str, hint: str = "") -> str:
        return drawn.render(kind=kind, hint=inert(hint), report=view, not_recorded=NOT_RECORDED).strip("\n")

    slots = [slot for slot in layout.slots if slot.kind != "cost" or report.cost]
    sections = tuple(Section(inert(slot.title), body(slot.kind, slot.hint)) for slot in slots)
    return Paper(body("head"), sections)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - Markdown, not HTML: inert() escapes every text
        keep_trailing_newline=True,
    )


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


def _view(report: Report, layout: Layout) -> Mapping[str, object]:
    times = report.times
    day = _first_day(times)
    filled: Mapping[str, list[str]] = {
        "date_time": [_date_time(times)],
        "duration": [_duration(times)],
        "severity": [_line(report.severity)] if report.severity else [],
        "impact": [_line(claim) for claim in report.impact],
        "": [],
    }
    looks = report.looks
    return {
        "ref": inert(report.ref),
        "title": inert(titled(layout, report.title or NOT_RECORDED)),
        "summary": [(inert(label), filled[kind]) for kind, label in layout.summary],
        "impact": filled["impact"],
        "timeline": _timeline(report, layout, day),
        "events": [_event(claim, day) for claim in report.events],
        "left_out": report.left_out,
        "cause": [_line(claim) for claim in report.cause],
        "resolution": [_timed(claim) for claim in report.resolution],
        "follow_ups": [_follow_up(item) for item in report.follow_ups],
        "lessons": [_line(claim) for claim in report.lessons],
        "suspicions": [_suspicion(one) for one in report.suspicions],
        "kept": [_line(one.said) for one in report.kept],
        "alerts": [_alert(one, day) for one in report.alerts],
        "cost": _line(report.cost) if report.cost else "",
        "well": [_line(claim) for claim in looks.well],
        "badly": [_line(claim) for claim in looks.badly],
        "lucky": [_line(claim) for claim in looks.lucky],
        "measures": _measures(times),
        "notes": [_line(note) for note in report.notes],
        "sources": [_source(one) for one in report.sources],
    }


def _alert(one: Contributing, day: datetime | None) -> tuple[str, ...]:
    quiet = _clock(one.resolved_at, day, "%H:%M:%S") if one.resolved_at else "still firing"
    first = _clock(one.first_at, day, "%H:%M:%S")
    return (inert(one.name).replace("|", "\\|"), first, str(one.count), quiet, _labels(one.evidence).strip())


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


def _timeline(report: Report, layout: Layout, day: datetime | None) -> list[str]:
    return [_moment(report, name, words, day) for name, words in layout.moments]


def _moment(report: Report, name: str, words: str, day: datetime | None) -> str:
    claim: Claim | None = report.fix if name == "fix" else getattr(report.times, name) if name else None
    title = inert(words)
    if name == "fix" and claim is None and report.times.mitigated is not None:
        return f"{NOT_RECORDED} - {title}: no fix is credited with the recovery"
    if claim is not None and claim.at is not None:
        brief = replace(claim, text=shorten(claim.text, _BRIEF))
        return f"{_clock(claim.at, day)} - {title}: {_line(brief)}"
    if name == "identified" and report.cause:
        return f"{NOT_RECORDED} - {title}: the cause is not known{_labels(report.cause[0].evidence)}"
    return f"{NOT_RECORDED} - {title}"


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
