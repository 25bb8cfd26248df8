"""What a drill measured, read from the journal of its runs: time by phase, and how old what came back was."""

from __future__ import annotations

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
# The first word of a step's title that says which of them it belongs to; else where it stands in its plan.
_WORDS: Mapping[str, str] = {
    "load": "load",
    "download": "load",
    "make": "load",
    "create": "load",
    "start": "load",
    "recover": "load",
    "verify": "verify",
    "compare": "verify",
    "count": "verify",
    "hand": "hand over",
    "defuse": "hand over",
    "mask": "hand over",
    "swap": "switch",
    "change": "switch",
    "point": "switch",
    "wait": "switch",
    "resolve": "smoke test",
    "probe": "smoke test",
    "smoke": "smoke test",
    "run": "smoke test",
    "ask": "smoke test",
    "drop": CLEAN_UP,
    "remove": CLEAN_UP,
    "clean": CLEAN_UP,
    "stop": CLEAN_UP,
}
_PLACES: Mapping[str, str] = {
    "before": "guards",
    "steps": "load",
    "after": "verify",
    "undo": TAKE_BACK,
    "late": TAKE_BACK,
}
_PASSED = frozenset({"guard-passed", "step-done", "check-passed"})


@dataclass(frozen=True)
class Phase:
    """A stretch of a drill. `said` is the evidence or why it did not hold; `run` is `RUN-7`."""

    group: str
    title: str
    seconds: float
    run: str = ""
    said: str = ""
    held: bool = True


@dataclass(frozen=True)
class Rehearsed:
    """What one run brought back. Times are ISO 8601 UTC, '' where the run did not say; numbers likewise None.

    `data_of` is the moment of which the data is: the dump's snapshot, or the point in time recovered.
    """

    run: str
    backup: str = ""
    data_of: str = ""
    newest_row: str = ""
    rows: int | None = None
    tables: int | None = None
    size_bytes: int | None = None


@dataclass(frozen=True)
class Measured:
    """`recovered_s` is from the declaration to the last check, cleaning up left out; None without a check."""

    phases: tuple[Phase, ...]
    rehearsed: tuple[Rehearsed, ...]
    recovered_s: float | None

    def by_group(self) -> dict[str, float]:
        """Seconds of each coarse phase that there was, in the order of GROUPS."""
        found = {group: sum(one.seconds for one in self.phases if one.group == group) for group in GROUPS}
        return {group: seconds for group, seconds in found.items() if seconds > 0}


def measure(declared_at: str, runs: Sequence[tuple[Run, Sequence[Entry]]]) -> Measured:
    """From the runs in order, each with its journal. The phases follow one another without a gap."""
    phases: list[Phase] = []
    rehearsed: list[Rehearsed] = []
    cursor, last_check = declared_at, ""
    for run, entries in runs:
        found: dict[str, str] = {}
        for phase, entry in _phases(run, entries):
            phases.append(replace(phase, seconds=max(0.0, between_s(cursor, entry.at))))
            cursor = entry.at
            values = entry.data.get("values")
            if entry.kind in _PASSED:
                last_check = last_check if phase.group == CLEAN_UP else entry.at
                found |= _texts(values)
        if BACKUP in found or DATA_OF in found:
            rehearsed.append(_rehearsed(run.ref, found))
    return Measured(
        tuple(phases), tuple(rehearsed), between_s(declared_at, last_check) if last_check else None
    )


def group_of(place: str, title: str) -> str:
    """The coarse phase of a step. `place` is where it stands in its plan: before, steps, after, undo."""
    if place in ("before", "undo", "late"):
        return _PLACES[place]
    first = title.split(" ", 1)[0].lower()
    return _WORDS.get(first, _PLACES.get(place, "verify"))


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
            yield Phase(group, title, 0.0, run.ref, said, entry.kind in _PASSED), entry


def _rehearsed(ref: str, found: Mapping[str, str]) -> Rehearsed:
    return Rehearsed(
        ref,
        found.get(BACKUP, ""),
        _time(found.get(DATA_OF, "")),
        _time(found.get(NEWEST_ROW, "")),
        _number(found.get(ROWS, "")),
        _number(found.get(TABLES, "")),
        _number(found.get(BYTES, "")),
    )


def _texts(values: object) -> dict[str, str]:
    return {str(name): str(value) for name, value in values.items()} if isinstance(values, Mapping) else {}


def _time(text: str) -> str:
    at = moment(text)
    return at.isoformat().replace("+00:00", "Z") if at else ""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
