"""Reads what a digest is reckoned from: a few bounded questions over the store's rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.digest.facts import Facts, Firing, Met, Pressed, Promises
from bot.digest.period import Period
from bot.domain.person import DRBOT
from bot.domain.response_clock import ANSWERED
from bot.domain.schedule import SCHEDULE
from bot.domain.severity import Severity
from bot.plan.models import DrPlan
from bot.store.database import Read, Row, Store, from_iso, iso

INCIDENTS = 20_000
ENTRIES = 60_000
RUNS = 20_000
GAP = 200
SOON = timedelta(minutes=30)
_MET = "SELECT id, title, severity, opened_at, acknowledged_at, resolved_at FROM incidents"
_BY_NOBODY = f"actor <> '{DRBOT}' AND actor NOT LIKE 'monitor:%' AND actor NOT LIKE '{SCHEDULE}%'"
"""An entry that a person made. What the monitor, a schedule or drbot itself did is nobody's doing."""
_HEEDED = (
    "SELECT i.id, i.alert_names FROM incidents i WHERE i.id IN ("  # noqa: S608 - constants
    "SELECT id FROM incidents WHERE severity IN ('SEV-1', 'SEV-2') UNION"
    " SELECT incident FROM journal WHERE kind = 'severity-changed'"
    " AND (data LIKE '%\"SEV-1\"%' OR data LIKE '%\"SEV-2\"%'))"
    f" AND EXISTS (SELECT 1 FROM journal j WHERE j.incident = i.id AND {_BY_NOBODY})"
    " ORDER BY i.id DESC LIMIT ?"
)


def promises_of(plan: DrPlan) -> Promises:
    """What the plan promises: response times (section 4.1) and the mean time to recovery (1.1)."""
    mttr = plan.objectives.get("mttr")
    answers = {Severity.parse(name): level.response for name, level in plan.severities.items()}
    return Promises(answers, mttr.target if mttr else None)


def facts_of(store: Store, period: Period) -> Facts:
    """Everything of one period. Raises StoreDown."""
    begins, ends = iso(period.begins), iso(period.ends)
    within = (begins, ends, INCIDENTS)
    read = store.read
    opened = _met(read(f"{_MET} WHERE opened_at >= ? AND opened_at < ? ORDER BY id LIMIT ?", within))
    resolved = _met(read(f"{_MET} WHERE resolved_at >= ? AND resolved_at < ? ORDER BY id LIMIT ?", within))
    still = _met(read(f"{_MET} WHERE state <> 'resolved' AND opened_at < ? LIMIT ?", (ends, INCIDENTS)))
    met = {one.id: one for one in (*opened, *resolved, *still)}
    slowest = _slowest_answers(read, sorted(met))
    opened = [replace(one, slowest_s=slowest.get(one.id)) for one in opened]
    fired = _firings(read, sorted(met), begins, ends)
    return Facts(
        opened=tuple(opened),
        resolved=tuple(resolved),
        open_now=len(still),
        opened_before=opened_in(read, period.before),
        firings=tuple(fired[:ENTRIES]),
        touched=_touched(read, sorted(met)),
        heeded=_heeded(read),
        presses=tuple(_presses(read, begins, ends)),
        left_out=(len(opened) == INCIDENTS) + (len(fired) > ENTRIES),
    )


def opened_in(read: Read, period: Period) -> int:
    """How many incidents opened in it."""
    ((count,),) = read(
        "SELECT COUNT(*) FROM incidents WHERE opened_at >= ? AND opened_at < ?",
        (iso(period.begins), iso(period.ends)),
    )
    return int(count)


def _met(rows: Iterable[Row]) -> list[Met]:
    return [
        Met(number, title, Severity(severity), from_iso(opened), _moment(answered), _moment(resolved))
        for number, title, severity, opened, answered, resolved in rows
    ]


def _slowest_answers(read: Read, numbers: Sequence[int]) -> dict[int, float]:
    """The longest answer of each incident in seconds, as the response clock stopped at it."""
    found: dict[int, float] = {}
    for first, last in _spans(numbers):
        rows = read(
            "SELECT incident, data FROM journal WHERE kind = 'clock-stopped' AND incident BETWEEN ? AND ?"
            " ORDER BY seq LIMIT ?",
            (first, last, ENTRIES),
        )
        for incident, data in rows:
            told = json.loads(data)
            if told.get("outcome") == ANSWERED:
                found[incident] = max(found.get(incident, 0.0), float(told.get("after_s", 0.0)))
    return found


def _moment(text: str) -> datetime | None:
    return from_iso(text) if text else None


def _spans(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Sorted numbers as few ranges: incidents of a period follow each other, older ones are few."""
    spans: list[tuple[int, int]] = []
    for number in numbers:
        if spans and number - spans[-1][1] <= GAP:
            spans[-1] = (spans[-1][0], number)
        else:
            spans.append((number, number))
    return spans


def _firings(read: Read, numbers: Sequence[int], begins: str, ends: str) -> list[Firing]:
    """What fired in the period in these incidents, each with its end where that was told by now."""
    wanted = frozenset(numbers)
    found: list[Firing] = []
    for first, last in _spans(numbers):
        rows = read(
            "SELECT incident, kind, at, data FROM journal WHERE incident >= ? AND incident <= ?"
            " AND kind IN ('alert-fired', 'alert-resolved') ORDER BY incident, seq LIMIT ?",
            (first, last, ENTRIES),
        )
        found += _paired(row for row in rows if row[0] in wanted)
        if len(found) > ENTRIES:
            break
    return [one for one in found if begins <= iso(one.at) < ends]


def _paired(rows: Iterable[Row]) -> list[Firing]:
    firing: dict[tuple[int, str], Firing] = {}
    found: list[Firing] = []
    for incident, kind, at, data in rows:
        told = json.loads(data)
        key = (incident, str(told.get("fingerprint", "")))
        before = firing.pop(key, None)
        if kind == "alert-resolved":
            if before:
                found.append(_ended(before, from_iso(at)))
            continue
        if before:
            found.append(before)
        severity = Severity(told.get("severity", Severity.NONE.value))
        firing[key] = Firing(str(told.get("name", "")), incident, severity, from_iso(at), None)
    return [*found, *firing.values()]


def _ended(one: Firing, at: datetime) -> Firing:
    return Firing(one.name, one.incident, one.severity, one.at, at)


def _touched(read: Read, numbers: Sequence[int]) -> frozenset[int]:
    """The incidents of these in which a person did anything at all."""
    found: set[int] = set()
    for first, last in _spans(numbers):
        rows = read(
            "SELECT DISTINCT incident FROM journal WHERE incident >= ? AND incident <= ?"  # noqa: S608 - constant
            f" AND {_BY_NOBODY} LIMIT ?",
            (first, last, INCIDENTS),
        )
        found |= {row[0] for row in rows}
    return frozenset(found & set(numbers))


def _heeded(read: Read) -> frozenset[str]:
    """The alerts that were ever part of a SEV-1 or SEV-2 in which a person did anything."""
    listed = read(f"SELECT alert_names FROM ({_HEEDED}) AS heeded", (INCIDENTS,))  # noqa: S608
    joined = read(
        f"SELECT DISTINCT name FROM alerts WHERE incident IN (SELECT id FROM ({_HEEDED}) AS heeded)",  # noqa: S608
        (INCIDENTS,),
    )
    names = {name for (told,) in listed for name in json.loads(told)}
    return frozenset(names | {name for (name,) in joined})


def _presses(read: Read, begins: str, ends: str) -> Iterable[Pressed]:
    """What people had run for an incident; each with whether that was over within half an hour after it held.

    A rehearsal or a copy made beside every incident helped none.
    """
    rows = read(
        "SELECT r.action, r.title, r.state, r.ended_at, r.undone_by, i.resolved_at"  # noqa: S608
        " FROM runs r JOIN incidents i ON i.id = r.incident"
        " WHERE r.requested_at >= ? AND r.requested_at < ? AND r.undo_of IS NULL AND r.requested_by <> ?"
        f" AND r.requested_by NOT LIKE '{SCHEDULE}%' ORDER BY r.id LIMIT ?",
        (begins, ends, DRBOT, RUNS),
    )
    for action, title, state, ended_at, undone_by, resolved_at in rows:
        verified = state == "verified" and undone_by is None
        helped = False
        if verified and resolved_at and ended_at:
            after = from_iso(resolved_at) - from_iso(ended_at)
            helped = timedelta() <= after <= SOON
        yield Pressed(action, title, verified, helped)
