"""What a report is drafted from (a case) and what it says (claims, each with its evidence)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from bot.domain.moment import Moment


class Meaning(Enum):
    """What a pin or reaction says about a message."""

    CAUSE = "root cause"
    IMPACT = "impact"
    ACTION = "action item"
    FIXED = "fixed"
    LESSON = "lesson"
    NOTABLE = "for the timeline"

    # By identity: each is the only one of its kind, and every message is asked for its marks.
    __hash__ = object.__hash__


# Slack's names of the reactions that people mark with; a pin counts as `pushpin`.
MARK_MEANINGS: Mapping[str, Meaning] = {
    "mag": Meaning.CAUSE,
    "mag_right": Meaning.CAUSE,
    "boom": Meaning.IMPACT,
    "collision": Meaning.IMPACT,
    "memo": Meaning.ACTION,
    "pencil": Meaning.ACTION,
    "white_check_mark": Meaning.FIXED,
    "heavy_check_mark": Meaning.FIXED,
    "bulb": Meaning.LESSON,
    "pushpin": Meaning.NOTABLE,
    "round_pushpin": Meaning.NOTABLE,
}


@dataclass(frozen=True)
class Human:
    """Somebody who took part. `zone` is an IANA time zone or empty; `handles` other words for them."""

    id: str
    name: str
    handles: tuple[str, ...] = ()
    zone: str = ""


@dataclass(frozen=True)
class Said:
    """One message as it stands now, redacted plain text. `ref` is its label in the report (`m13`)."""

    ref: str
    place: str
    at: datetime
    author: str
    who: str
    text: str
    thread: str = ""
    by_bot: bool = False
    edited: bool = False
    marks: Mapping[Meaning, tuple[str, ...]] = field(default_factory=dict)
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Target:
    """A time that the plan promises: `key` (`mttr`, `rto`), its title there, `target_s`, and for what."""

    key: str
    title: str
    target_s: float
    priority: str = ""


@dataclass(frozen=True)
class Promised:
    """What the times are held against: response times by severity (`SEV-1`), and the plan's objectives."""

    response_s: Mapping[str, float] = field(default_factory=dict)
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True)
class Case:
    """Everything known about one incident. `zones` are the IANA time zones of the people."""

    ref: str
    title: str
    severity: str
    said: tuple[Said, ...]
    moments: tuple[Moment, ...]
    humans: Mapping[str, Human] = field(default_factory=dict)
    zones: tuple[str, ...] = ()
    component: str = ""
    environment: str = ""
    state: str = ""
    promised: Promised = Promised()


@dataclass(frozen=True)
class Claim:
    """One sentence and the labels of what proves it (`e4`, `m13`). `at` where it is about a moment.

    `deed` is true where somebody did something, rather than saw that it was so.
    """

    text: str
    evidence: tuple[str, ...]
    at: datetime | None = None
    deed: bool = False


@dataclass(frozen=True)
class FollowUp:
    """An action item. `owner` and `due` are None where nobody said; `proposed_by` is who wrote it."""

    text: str
    evidence: tuple[str, ...]
    proposed_by: str
    owner: str | None = None
    due: date | None = None
    due_said: str = ""


@dataclass(frozen=True)
class Times:
    """The moments that measures are taken from; None where nobody said.

    `late_runs` came when it was already over, so that no fix is theirs.
    """

    started: Claim | None = None
    detected: Claim | None = None
    acknowledged: Claim | None = None
    identified: Claim | None = None
    mitigated: Claim | None = None
    restored: Claim | None = None
    resolved: Claim | None = None
    late_runs: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Suspicion:
    """What somebody suspected, and what was answered: never a cause."""

    said: Claim
    answers: tuple[Claim, ...] = ()
    ruled_out: bool = False


@dataclass(frozen=True)
class Source:
    """Where a label of the report leads."""

    ref: str
    at: datetime
    who: str
    what: str
    marks: tuple[str, ...] = ()
    edited: bool = False


@dataclass(frozen=True)
class Kept:
    """A time held against its promise. `kept` is None where none is named or the time is not known."""

    said: Claim
    kept: bool | None = None


@dataclass(frozen=True)
class Contributing:
    """One alert of the incident: how often it fired, when first, and when it last went quiet (or None)."""

    name: str
    first_at: datetime
    count: int
    resolved_at: datetime | None
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Looks:
    """What the record suggests for the three questions that people answer."""

    well: tuple[Claim, ...] = ()
    badly: tuple[Claim, ...] = ()
    lucky: tuple[Claim, ...] = ()


@dataclass(frozen=True)
class Report:
    """A drafted report: plain text throughout, ready to be rendered."""

    ref: str
    title: str
    severity: Claim | None
    fix: Claim | None
    times: Times
    impact: tuple[Claim, ...]
    cause: tuple[Claim, ...]
    cause_known: bool
    resolution: tuple[Claim, ...]
    follow_ups: tuple[FollowUp, ...]
    lessons: tuple[Claim, ...]
    events: tuple[Claim, ...]
    suspicions: tuple[Suspicion, ...]
    notes: tuple[Claim, ...]
    sources: tuple[Source, ...]
    left_out: int = 0
    kept: tuple[Kept, ...] = ()
    alerts: tuple[Contributing, ...] = ()
    cost: Claim | None = None
    looks: Looks = Looks()
