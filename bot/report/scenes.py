"""What the chart of an incident shows: alerts, people, presses, runs, the outside, each at its time. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.moment import Moment
from bot.findings.dossier import lay_out
from bot.findings.promises import severity_at
from bot.findings.records import Case, Claim, Report

LABEL = 25
EDGE = 0.04
"""How much of its length a picture shows before its begin and after its end."""
_BARS = 6
_PRESSES = frozenset(
    {"incident-declared", "incident-acknowledged", "severity-changed", "run-approved", "run-denied"}
    | {"incident-resolved", "incident-reopened", "glass-broken", "duty-taken", "handed-over"}
)
_OUTSIDE = ("sent-outside", "not-sent-outside", "publication-approved", "escalated", "seat-vacant")
_ENDS = {"run-verified": "verified", "run-failed": "failed", "run-undone": "undone", "run-stopped": "stopped"}
_AFTER = timedelta(hours=2)


@dataclass(frozen=True)
class Bar:
    """Something that lasted. `end` is None where it has not ended; `how` says how it did."""

    label: str
    begin: datetime
    end: datetime | None
    how: str = ""


@dataclass(frozen=True)
class Band:
    """A severity from one moment to the next."""

    severity: str
    begin: datetime
    end: datetime


@dataclass(frozen=True)
class Picture:
    """Everything that the chart shows; all times are UTC. `more` counts bars that have no row."""

    title: str
    begin: datetime
    end: datetime
    alerts: tuple[Bar, ...] = ()
    more_alerts: int = 0
    people: tuple[datetime, ...] = ()
    presses: tuple[datetime, ...] = ()
    runs: tuple[Bar, ...] = ()
    more_runs: int = 0
    outside: tuple[tuple[datetime, bool], ...] = ()
    bands: tuple[Band, ...] = ()
    marks: tuple[tuple[str, datetime], ...] = field(default=())


def picture_of(case: Case, report: Report) -> Picture | None:
    """The picture of a case and its draft; None where nothing of it has a time."""
    times = report.times
    marks = _marks(report)
    moments = [one.when for one in case.moments if one.kind != "message-posted"]
    said = [one.at for one in case.said if not one.by_bot]
    first = times.started or times.detected
    at = [one for one in (first.at if first else None, *moments, *said) if one is not None]
    if not at:
        return None
    last = times.resolved or times.restored
    end = min(max(at), last.at + _AFTER) if last is not None and last.at is not None else max(at)
    begin = first.at if first and first.at else min(at)
    end = max(end, begin + timedelta(minutes=5), *(when for _, when in marks)) if marks else end
    end = max(end, begin + timedelta(minutes=5))
    edge = (end - begin) * EDGE
    begin, end = begin - edge, end + edge
    alerts = [Bar(one.name, one.first_at, one.resolved_at) for one in report.alerts]
    runs = _runs(case)
    return Picture(
        title=f"{report.ref}  {report.title}",
        begin=begin,
        end=end,
        alerts=tuple(alerts[:_BARS]),
        more_alerts=max(0, len(alerts) - _BARS),
        people=tuple(one for one in said if begin <= one <= end),
        presses=tuple(one.when for one in case.moments if _pressed(one) and begin <= one.when <= end),
        runs=tuple(runs[:_BARS]),
        more_runs=max(0, len(runs) - _BARS),
        outside=tuple(
            (one.when, one.kind not in ("not-sent-outside", "seat-vacant"))
            for one in case.moments
            if one.kind in _OUTSIDE and begin <= one.when <= end
        ),
        bands=_bands(case, begin, last.at if last and last.at and last is times.resolved else end),
        marks=marks,
    )


def _pressed(moment: Moment) -> bool:
    """Whether a person did it; what the rules did by themselves is no press."""
    return moment.kind in _PRESSES and moment.who != "drbot"


def _marks(report: Report) -> tuple[tuple[str, datetime], ...]:
    times = report.times
    named: tuple[tuple[str, Claim | None], ...] = (
        ("began", times.started),
        ("detected", times.detected),
        ("acknowledged", times.acknowledged),
        ("cause found", times.identified),
        ("restored", times.restored),
        ("resolved", times.resolved),
    )
    return tuple((name, claim.at) for name, claim in named if claim is not None and claim.at is not None)


def _runs(case: Case) -> Sequence[Bar]:
    begun: dict[str, tuple[str, datetime]] = {}
    ended: dict[str, tuple[str, datetime]] = {}
    for moment in case.moments:
        if moment.kind == "run-started":
            begun[moment.run] = (moment.what.removesuffix(" started"), moment.when)
        elif moment.kind in _ENDS and moment.run:
            ended[moment.run] = (_ENDS[moment.kind], moment.when)
    found = []
    for run, (label, at) in begun.items():
        how, end = ended.get(run, ("under way", None))
        found.append(Bar(label if label.startswith(run) else f"{run} {label}", at, end, how))
    return found


def _bands(case: Case, begin: datetime, end: datetime) -> tuple[Band, ...]:
    graded = [one for one in case.moments if one.severity.startswith("SEV") and begin <= one.when <= end]
    if not graded:
        level = severity_at(lay_out(case), None)
        return (Band(level, begin, end),) if level else ()
    edges = [*(one.when for one in graded), end]
    found = [
        Band(one.severity[:5], edges[index], edges[index + 1])
        for index, one in enumerate(graded)
        if edges[index + 1] > edges[index]
    ]
    return tuple(found[:12])
