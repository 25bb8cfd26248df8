"""What an action is: a plan, read three ways (the card shows it, the engine runs it, the report prints it).

`survey` looks at the world and returns facts; `plan` is pure, so the same parameters and facts always
give the same steps and the same digest. There is no dry-run flag: a plan that nobody runs is the dry run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, Generic, Literal, TypeAlias, TypeVar

import msgspec

from actions.failures import NotVerified, Refused, Transient
from actions.promises import Ending, Fault, Statement
from actions.tools.toolbox import Toolbox

__all__ = [
    "Action",
    "AnyAction",
    "Context",
    "Ending",
    "Evidence",
    "Fault",
    "Light",
    "NotVerified",
    "Plan",
    "Refused",
    "Risk",
    "Statement",
    "Step",
    "Transient",
    "digest",
    "no_drift",
    "to_json",
]
P = TypeVar("P")
F = TypeVar("F")


class Risk(Enum):
    """Who may ask and who approves follows from this (the table is the plan's)."""

    LOOK = "look"
    LOW = "low"
    HIGH = "high"
    DESTRUCTIVE = "destructive"


Light: TypeAlias = Literal["", "green", "amber", "red"]
"""How what a look found stands, as the readiness board shows it: well, look at it, it would fail now."""


@dataclass(frozen=True)
class Evidence:
    """What a step found or did: one past-tense sentence, and named values for the report.

    `light` is a look's own judgement of what it found ('' where it judges nothing).
    """

    said: str
    values: Mapping[str, str] = field(default_factory=dict)
    light: Light = ""


def _unheard(said: str) -> None:
    """Progress that nobody listens to."""
    del said


@dataclass(frozen=True)
class Context:
    """What a step is given: the tools, a name that is its run's own, and a way to say how far it is.

    `run` is the id of the run whose effects these are (for an undo: the run that is taken back), so a
    name made of it is the same however often the step is repeated.
    """

    tools: Toolbox
    run: int
    progress: Callable[[str], None] = _unheard


@dataclass(frozen=True)
class Step:
    """One guard, step or check. `do` must be safe to run twice: a killed engine repeats it.

    A guard raises Refused, a check NotVerified; any of them may raise Transient and is then tried up
    to `attempts` times. A destructive step re-checks its own precondition inside itself.
    """

    title: str
    do: Callable[[Context], Evidence]
    timeout_s: float = 60.0
    attempts: int = 3


@dataclass(frozen=True)
class Plan:
    """Guards, steps, verification, and the way back. `facts` is what a person should see before approving.

    `undo_keep_s` is how long the way back stays open after the run. `amount` is what the time grows with
    (bytes of a database, replicas), so that past runs of another size still tell how long this one takes.
    `objections` are sentences of the survey against doing this at all: with any, the run is refused unless
    somebody who may breaks the glass (`facts` must hold what they rest on, so that the digest covers them).
    """

    before: tuple[Step, ...]
    steps: tuple[Step, ...]
    after: tuple[Step, ...]
    undo: tuple[Step, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    forecast_s: float | None = None
    undo_keep_s: float = 0.0
    amount: float = 1.0
    objections: tuple[str, ...] = ()


def no_drift(planned: object, now: object) -> str | None:
    """The strictest rule: any difference between the surveyed and the present facts is drift."""
    return None if planned == now else "what was surveyed has changed since the plan was shown"


@dataclass(frozen=True)
class Action(Generic[P, F]):
    """A remediation that describes itself.

    `params` and `facts` are frozen dataclasses (JSON-able by msgspec). `target` names the lock:
    environment and component, `staging/database`. `drift` says in a sentence how the world has moved
    away from the plan since it was shown, or None. `permissions` are what it needs to work, in the
    words of the system that grants them. `environments` limits where it may run (empty: everywhere).
    `example` is a full command. `reach` is the most it can touch, in a sentence. `iam` are the AWS
    statements it needs; `endings` how a run of it ends when a fault strikes (the fault matrix proves each).
    """

    name: str
    title: str
    risk: Risk
    params: type[P]
    facts: type[F]
    environment: Callable[[P], str]
    target: Callable[[P], str]
    survey: Callable[[Toolbox, P], F]
    plan: Callable[[P, F], Plan]
    permissions: tuple[str, ...]
    example: str
    description: str = ""
    drift: Callable[[F, F], str | None] = no_drift
    environments: tuple[str, ...] = ()
    confirm_word: Callable[[P], str] | None = None
    reach: str = ""
    iam: tuple[Statement, ...] = ()
    endings: tuple[Ending, ...] = ()

    def read_params(self, given: Mapping[str, object]) -> P:
        """Parameters from `key=value` words or JSON. Raises msgspec.ValidationError naming the field."""
        names = {field.name for field in fields(self.params)}  # type: ignore[arg-type]  # P is a dataclass
        strange = sorted(set(given) - names)
        if strange:
            raise msgspec.ValidationError(
                f"{self.name} has no parameter {strange[0]!r}; it takes {', '.join(sorted(names)) or 'none'}"
            )
        return msgspec.convert(given, self.params, strict=False)

    def read_facts(self, stored: Mapping[str, object]) -> F:
        """Facts as they were journalled at survey time."""
        return msgspec.convert(stored, self.facts, strict=False)


AnyAction = Action[Any, Any]
"""An action whose parameter and fact types are its own business; only the action itself reads them."""


def to_json(record: object) -> dict[str, Any]:
    """The JSON form of a params or facts record."""
    built: dict[str, Any] = msgspec.to_builtins(record)
    return built


def digest(action: AnyAction, params: object, facts: object, plan: Plan) -> str:
    """SHA-256 over action, parameters, facts and every title: what an approval names."""
    seen = {
        "action": action.name,
        "risk": action.risk.value,
        "params": to_json(params),
        "facts": to_json(facts),
        "before": [step.title for step in plan.before],
        "steps": [step.title for step in plan.steps],
        "after": [step.title for step in plan.after],
        "undo": [step.title for step in plan.undo],
    }
    return hashlib.sha256(msgspec.json.encode(seen, order="sorted")).hexdigest()
