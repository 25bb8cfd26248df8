"""What a drill measured, read from the journal of its runs: time by phase, and how old what came back was."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from actions.rehearsal_values import BACKUP, BYTES, DATA_OF, NEWEST_ROW, ROWS, TABLES
from bot.domain.entry import Entry
from bot.domain.run import Run
from bot.drills.words import between_s, moment

CLEAN_UP = "clean up"
TAKE_BACK = "take back"
GROUPS = ("survey", "guards", "load", "verify", "hand over", "switch", "smoke test", TAKE_BACK, CLEAN_UP)
"""The coarse phases, in the order in which a certificate shows them."""
# What a step's title says of where it belongs, the first that fits; else its place in the plan says it.
_TITLES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (CLEAN_UP, re.compile(r"^(?:drop|remove|clean|note|stop the copy)\b|\b(?:is|are) left\b", re.IGNORECASE)),
    ("hand over", re.compile(r"^(?:hand|defuse|mask)\b|\bharmless\b", re.IGNORECASE)),
    ("load", re.compile(r"^(?:load|download|restore|replay|bring|copy)\b", re.IGNORECASE)),
    ("switch", re.compile(r"^(?:swap|change|point|wait)\b|\bdrill record\b", re.IGNORECASE)),
    ("smoke test", re.compile(r"^(?:ask|resolve|probe|run|call)\b", re.IGNORECASE)),
    ("verify", re.compile(r"^(?:verify|compare|count|check)\b", re.IGNORECASE)),
)
_PLACES: Mapping[str, str] = {
    "before": "guards",
    "steps": "load",
    "after": "verify",
    "undo": TAKE_BACK,
    "late": TAKE_BACK,
}
CLOCKS_AGREE_S = 600.0
"""Two clocks of a drill are never further apart than this, or nothing is reckoned from one to the other."""
STEPPED_S = 5.0
"""A clock is set right by less than this all the time; more is told."""
_PASSED = frozenset({"guard-passed", "step-done", "check-passed"})


@dataclass(frozen=True)
class Phase:
    """A stretch of a drill. `said` is the evidence or why it did not hold; `run` is `RUN-7`; `light` is how a
    look judged what it found (green, amber, red, or '' where it judges nothing).
    """

    group: str
    title: str
    seconds: float
    run: str = ""
    said: str = ""
    held: bool = True
    light: str = ""


@dataclass(frozen=True)
class Rehearsed:
    """What one run brought back. Times are ISO 8601 UTC, '' where the run did not say; numbers likewise None.

    `data_of` is the moment of which the data is: the dump's snapshot, or the point in time recovered; of a
    copy that takes over (no `backup`), what it held when it was asked, at `asked_at`.
    """

    run: str
    backup: str = ""
    data_of: str = ""
    newest_row: str = ""
    rows: int | None = None
    tables: int | None = None
    size_bytes: int | None = None
    asked_at: str = ""

    def lost_s(self, declared_at: str) -> float | None:
        """What a loss would have cost, everything written since: None where that cannot be reckoned.

        A backup is held against the declaration, a copy that follows against the moment it was asked.
        """
        at = declared_at if self.backup or not self.asked_at else self.asked_at
        if not self.of or self.ahead_s(declared_at) > CLOCKS_AGREE_S:
            return None
        return max(0.0, between_s(self.of, at))

    @property
    def of(self) -> str:
        """The moment of its data, as far as the run said it."""
        return self.data_of or self.newest_row

    def ahead_s(self, declared_at: str) -> float:
        """By how much its data is of later than the moment at which the run said so; 0 where it is not."""
        return max(0.0, between_s(self.asked_at or declared_at, self.of))


@dataclass(frozen=True)
class Measured:
    """`recovered_s` is from the declaration to the last check, cleaning up left out; None without a check, or
    where the clock that measured it was set back meanwhile, by `set_back_s`.
    """

    phases: tuple[Phase, ...]
    rehearsed: tuple[Rehearsed, ...]
    recovered_s: float | None
    set_back_s: float = 0.0

    def by_group(self) -> dict[str, float]:
        """Seconds of each coarse phase that there was, in the order of GROUPS."""
        found = {group: sum(one.seconds for one in self.phases if one.group == group) for group in GROUPS}
        return {group: seconds for group, seconds in found.items() if seconds > 0}


def measure(declared_at: str, runs: Sequence[tuple[Run, Sequence[Entry]]]) -> Measured:
    """From the runs in order, each with its journal. The phases follow one another without a gap."""
    phases: list[Phase] = []
    rehearsed: list[Rehearsed] = []
    cursor, last_check, set_back_s = declared_at, "", 0.0
    for run, entries in runs:
        found: dict[str, str] = {}
        asked_at = ""
        for phase, entry in _phases(run, entries):
            set_back_s = max(set_back_s, between_s(entry.at, cursor))
            phases.append(replace(phase, seconds=max(0.0, between_s(cursor, entry.at))))
            cursor = entry.at
            values = entry.data.get("values")
            if entry.kind in _PASSED:
                last_check = last_check if phase.group == CLEAN_UP else entry.at
                found |= _texts(values)
                asked_at = entry.at if DATA_OF in _texts(values) else asked_at
        if BACKUP in found or DATA_OF in found:
            rehearsed.append(_rehearsed(run.ref, found, asked_at))
    if set_back_s <= STEPPED_S:
        set_back_s = 0.0
    known = last_check and not set_back_s
    recovered_s = max(0.0, between_s(declared_at, last_check)) if known else None
    return Measured(tuple(phases), tuple(rehearsed), recovered_s, set_back_s)


def group_of(place: str, title: str) -> str:
    """The coarse phase of a step. `place` is where it stands in its plan: before, steps, after, undo."""
    if place in ("before", "undo", "late"):
        return _PLACES[place]
    said = (group for group, words in _TITLES if words.search(title))
    return next(said, _PLACES.get(place, "verify"))


def _phases(run: Run, entries: Sequence[Entry]) -> Iterator[tuple[Phase, Entry]]:
    for entry in entries:
        data = entry.data
        if entry.kind == "run-proposed":
            yield Phase("survey", f"Survey and plan: {run.title}", 0.0, run.ref), entry
        elif entry.kind == "run-started":
            yield Phase("survey", "Look again, approve and start", 0.0, run.ref), entry
        elif entry.kind in _PASSED or entry.kind == "step-failed":
            title, said = str(data.get("title", "")), str(data.get("said", ""))
            group = group_of(str(data.get("phase", "")), title)
            light = str(data.get("light", ""))
            yield Phase(group, title, 0.0, run.ref, said, entry.kind in _PASSED, light), entry


def _rehearsed(ref: str, found: Mapping[str, str], asked_at: str) -> Rehearsed:
    return Rehearsed(
        ref,
        found.get(BACKUP, ""),
        _time(found.get(DATA_OF, "")),
        _time(found.get(NEWEST_ROW, "")),
        _number(found.get(ROWS, "")),
        _number(found.get(TABLES, "")),
        _number(found.get(BYTES, "")),
        asked_at,
    )


def _texts(values: object) -> dict[str, str]:
    return {str(name): str(value) for name, value in values.items()} if isinstance(values, Mapping) else {}


def _time(text: str) -> str:
    at = moment(text)
    return at.isoformat().replace("+00:00", "Z") if at else ""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
