"""What the rules say of alerts kept in a file, and how far people's labels agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from bot.domain.alert import Alert, AlertStatus
from bot.domain.severity import Severity
from bot.triage.judgement import Judgement, Triage

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


class _CaseForm(msgspec.Struct):
    labels: dict[str, str]
    annotations: dict[str, str]
    id: str | int | None = None
    severity: str | None = None


@dataclass(frozen=True)
class Case:
    """One alert of a replay file; `expected` is the severity that people gave it, or None."""

    id: str
    alert: Alert
    expected: Severity | None


@dataclass(frozen=True)
class Row:
    """One case and what the rules say of it."""

    case: Case
    judgement: Judgement

    @property
    def agrees(self) -> bool:
        """True also where nobody said what it should be."""
        return self.case.expected in (None, self.judgement.severity)


@dataclass(frozen=True)
class Replay:
    """All rows; `agreement_percent` over the labelled ones (None: none is labelled).

    `confusion[expected][judged]` counts the labelled cases.
    """

    rows: tuple[Row, ...]
    agreement_percent: float | None
    confusion: Mapping[Severity, Mapping[Severity, int]]


def read_cases(content: bytes) -> tuple[Case, ...]:
    """Read a JSON list of `{id?, labels, annotations, severity?}`; other keys are ignored.

    Raises ValueError naming the entry and what is wrong with it.
    """
    try:
        entries = msgspec.json.decode(content, type=list[msgspec.Raw])
    except msgspec.DecodeError as error:
        raise ValueError(f"not a JSON list of alerts: {error}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 text: {error.reason} at byte {error.start}") from error
    return tuple(_case(number, raw) for number, raw in enumerate(entries, start=1))


def replay(cases: Sequence[Case], triage: Triage) -> Replay:
    """Judge every case and compare with its label."""
    rows = tuple(Row(case, triage.judge(case.alert)) for case in cases)
    labelled = [row for row in rows if row.case.expected is not None]
    confusion = {expected: dict.fromkeys(Severity, 0) for expected in Severity}
    for row in labelled:
        if row.case.expected is not None:
            confusion[row.case.expected][row.judgement.severity] += 1
    agreement = 100 * sum(row.agrees for row in labelled) / len(labelled) if labelled else None
    return Replay(rows, agreement, confusion)


def _case(number: int, raw: msgspec.Raw) -> Case:
    try:
        form = msgspec.json.decode(raw, type=_CaseForm)
        expected = None if form.severity is None else Severity.parse(form.severity)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise ValueError(f"alert {number} of the list: {error}") from error
    name = str(form.id) if form.id is not None else f"{number}"
    alert = Alert("replay", name, AlertStatus.FIRING, _NO_TIME, None, form.labels, form.annotations)
    return Case(name, alert, expected)
