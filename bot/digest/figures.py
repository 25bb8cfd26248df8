"""The digest's figures: a pure fold of the facts. Nothing here looks at a clock or at a row."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from bot.digest.facts import Facts, Met, Pressed, Promises
from bot.digest.noise import Noise, noisiest
from bot.domain.severity import Severity

PRESSES = 5
LATE = 5


@dataclass(frozen=True)
class Times:
    """Times against a promise, in seconds; None where there is nothing to measure, or no promise.

    `kept` and `missed` count what can be judged. `worst` is the incident of the longest.
    """

    measured: int = 0
    median_s: float | None = None
    worst_s: float | None = None
    worst: str = ""
    promised_s: float | None = None
    kept: int = 0
    missed: int = 0


@dataclass(frozen=True)
class OfSeverity:
    """One severity: how many incidents opened, and how soon a person answered."""

    severity: Severity
    opened: int
    answers: Times


@dataclass(frozen=True)
class LateAnswer:
    """An incident that was answered late: `after_s` until the answer, or how long it waited for none."""

    ref: str
    title: str
    severity: Severity
    after_s: float
    promised_s: float
    answered: bool


@dataclass(frozen=True)
class Helped:
    """A button: how often people pressed it, how often it held, and after how many it was over soon."""

    action: str
    title: str
    pressed: int
    verified: int
    helped: int


@dataclass(frozen=True)
class Figures:
    """What a digest says of its period."""

    opened: int
    opened_before: int
    open_now: int
    by_severity: tuple[OfSeverity, ...]
    recovery: Times
    late: tuple[LateAnswer, ...]
    late_more: int
    noisy: tuple[Noise, ...]
    presses: tuple[Helped, ...]
    left_out: int = 0


def figures(facts: Facts, promises: Promises, until: datetime) -> Figures:
    """Reckon them. `until` is the moment by which an answer that never came is late: now, or the end."""
    late = sorted(_late(facts.opened, promises, until), key=lambda one: (one.severity.rank, -one.after_s))
    return Figures(
        opened=len(facts.opened),
        opened_before=facts.opened_before,
        open_now=facts.open_now,
        by_severity=tuple(_by_severity(facts.opened, promises, until)),
        recovery=_recovery(facts.resolved, promises.recovery_s),
        late=tuple(late[:LATE]),
        late_more=max(0, len(late) - LATE),
        noisy=noisiest(facts),
        presses=_presses(facts.presses),
        left_out=facts.left_out,
    )


def _by_severity(opened: Sequence[Met], promises: Promises, until: datetime) -> Iterable[OfSeverity]:
    for severity in Severity:
        of_it = [one for one in opened if one.severity is severity]
        if of_it:
            promised_s = promises.answer_s.get(severity)
            yield OfSeverity(severity, len(of_it), _answers(of_it, promised_s, until))


def _answers(met: Sequence[Met], promised_s: float | None, until: datetime) -> Times:
    """What was over before an answer was due needed none: it is neither kept nor missed."""
    measured = [(after_s, one) for one in met if (after_s := _answer_s(one)) is not None]
    missed = kept = 0
    for one in met:
        after_s = _answer_s(one)
        if promised_s is None:
            continue
        if after_s is None:
            missed += _waited_s(one, until) > promised_s
        elif after_s > promised_s:
            missed += 1
        else:
            kept += 1
    return _times(measured, promised_s, kept, missed)


def _recovery(resolved: Sequence[Met], promised_s: float | None) -> Times:
    measured = [
        ((one.resolved_at - one.opened_at).total_seconds(), one) for one in resolved if one.resolved_at
    ]
    kept = sum(1 for took_s, _ in measured if promised_s is not None and took_s <= promised_s)
    return _times(measured, promised_s, kept, len(measured) - kept if promised_s is not None else 0)


def _times(measured: Sequence[tuple[float, Met]], promised_s: float | None, kept: int, missed: int) -> Times:
    if not measured:
        return Times(promised_s=promised_s, kept=kept, missed=missed)
    worst_s, worst = max(measured, key=lambda one: (one[0], -one[1].id))
    middle_s = median(took_s for took_s, _ in measured)
    return Times(len(measured), middle_s, worst_s, worst.ref, promised_s, kept, missed)


def _late(opened: Sequence[Met], promises: Promises, until: datetime) -> Iterable[LateAnswer]:
    for one in opened:
        promised_s = promises.answer_s.get(one.severity)
        answer_s = _answer_s(one)
        after_s = _waited_s(one, until) if answer_s is None else answer_s
        if promised_s is not None and after_s > promised_s:
            yield LateAnswer(
                one.ref, one.title, one.severity, after_s, promised_s, answered=answer_s is not None
            )


def _answer_s(one: Met) -> float | None:
    if one.answered_at is None or one.slowest_s is not None:
        return one.slowest_s if one.answered_at else None
    return (one.answered_at - one.opened_at).total_seconds()


def _waited_s(one: Met, until: datetime) -> float:
    """How long it waited for an answer that never came."""
    return ((one.resolved_at or until) - one.opened_at).total_seconds()


def _presses(presses: Sequence[Pressed]) -> tuple[Helped, ...]:
    titles: dict[str, Counter[str]] = defaultdict(Counter)
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for one in presses:
        titles[one.action][one.title] += 1
        for place, so in enumerate((True, one.verified, one.helped)):
            counts[one.action][place] += so
    found = [Helped(action, titles[action].most_common(1)[0][0], *counts[action]) for action in counts]
    found.sort(key=lambda one: (-one.helped, -one.verified, -one.pressed, one.action))
    return tuple(found[:PRESSES])
