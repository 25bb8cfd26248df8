"""A run: one action asked for, planned, approved, executed and proven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from bot.domain.entry import Json
from bot.domain.glass import Glass

FOUND_LIMIT = 400


class RunState(Enum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    RUNNING = "running"
    VERIFIED = "verified"
    DENIED = "denied"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REFUSED = "refused"
    FAILED = "failed"
    UNDONE = "undone"
    STOPPED = "stopped"

    @property
    def ended(self) -> bool:
        return self not in (RunState.PROPOSED, RunState.APPROVED, RunState.RUNNING)


@dataclass(frozen=True)
class Measured:
    """A PromQL query that is measured before and after, what it should be then, and what it was before."""

    query: str
    expect: str
    before: str


@dataclass(frozen=True)
class PlanText:
    """What a person is shown and approves: titles of guards, steps, checks and undo, in order.

    `facts` are rows of the survey (name, value) as a person reads them; `warnings` are sentences. `glass`
    is what the plan's rules were overridden with, and by whom; the run's digest covers it. `watch` is what is
    measured before and after. `forecast_s` is what the action reckons, or the median of `forecast_runs` past
    runs where there are any; `amount` is what its time grows with. `objections` are the action's own
    sentences against doing this, which only a broken glass overrides.
    """

    before: tuple[str, ...]
    steps: tuple[str, ...]
    after: tuple[str, ...]
    undo: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    forecast_s: float | None = None
    forecast_runs: int = 0
    amount: float = 1.0
    glass: Glass | None = None
    watch: Measured | None = None
    objections: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """The present state of one run; times are ISO 8601 UTC, empty while they have not come.

    `params` and `facts` are the JSON forms of the action's own dataclasses; `digest` is what an
    approval names. `undo_of` is the run this one takes back. `position` counts finished phases of
    `plan.before + steps + after`, `outcome` is the sentence at the end. `lights` are how a look judged each
    sentence of `evidence` (green, amber, red, '' where it judged nothing); they may be fewer.
    """

    id: int
    action: str
    title: str
    risk: str
    target: str
    environment: str
    params: Mapping[str, Json]
    facts: Mapping[str, Json]
    plan: PlanText
    digest: str
    state: RunState
    requested_by: str
    requested_at: str
    expires_at: str
    incident: int | None = None
    approved_by: str = ""
    approved_at: str = ""
    started_at: str = ""
    ended_at: str = ""
    position: int = 0
    current: str = ""
    outcome: str = ""
    undo_of: int | None = None
    undone_by: int | None = None
    undo_until: str = ""
    evidence: tuple[str, ...] = field(default=())
    lights: tuple[str, ...] = field(default=())

    @property
    def judged(self) -> tuple[tuple[str, str], ...]:
        """Each sentence of the evidence with its light."""
        return tuple(zip(self.evidence, (*self.lights, *[""] * len(self.evidence)), strict=False))

    @property
    def found_red(self) -> str:
        """What it judged red, in one text of at most 400 characters; '' where nothing was."""
        said = "; ".join(said for said, light in self.judged if light == "red")
        return said if len(said) <= FOUND_LIMIT else f"{said[: FOUND_LIMIT - 1]}…"

    @property
    def ref(self) -> str:
        """`RUN-12`, as people say it."""
        return f"RUN-{self.id}"


def parse_run_ref(text: str) -> int:
    """Read `RUN-12`, `run12` or `12`. Raises ValueError with the form that would be right."""
    digits = text.strip().upper().removeprefix("RUN").removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        raise ValueError(f"{text!r} is not a run: say RUN- and its number")
    return int(digits)
