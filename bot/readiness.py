"""Whether the team could recover now: each component of the plan, promised beside measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Literal

from actions.backups import Proof, list_backups
from actions.plan import Refused, Transient
from actions.tools.toolbox import Toolbox
from bot.plan.fields import say_duration
from bot.plan.models import DrPlan
from bot.store.database import Store, from_iso, utc_now
from bot.store.evidence import last_verified


class Light(Enum):
    """How a component stands."""

    GREEN = "ready"
    AMBER = "look"
    RED = "not ready"
    UNKNOWN = "not measured"


@dataclass(frozen=True)
class Standing:
    """One line of the board: what, how it stands, the sentence why, and the line that would help."""

    component: str
    light: Light
    why: str
    helps: str = ""


class Readiness:
    """Looks at the real places each time it is asked; nothing is remembered."""

    def __init__(
        self, plan: DrPlan, store: Store, toolbox: Toolbox, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._plan = plan
        self._store = store
        self._toolbox = toolbox
        self._clock = clock

    def board(self) -> Sequence[Standing]:
        """Every component whose backup the plan promises (section 1.2), then the restores it rehearses."""
        promised = [name for name, component in self._plan.components.items() if component.backup_frequency]
        rehearsed = [
            name for name, place in self._plan.environments.items() if place.database and not place.customers
        ]
        return [*map(self._component, promised), *map(self._restore, rehearsed)]

    def _component(self, name: str) -> Standing:
        component = self._plan.components[name]
        backed_up = [
            one for one, place in self._plan.environments.items() if place.backups and place.customers
        ]
        if name in ("db", "database", "postgresql") and backed_up:
            return self._backups(component.title, backed_up[0])
        said = f"promised: {component.backup_frequency}; drbot does not measure it yet"
        return Standing(component.title, Light.UNKNOWN, said)

    def _backups(self, title: str, environment: str) -> Standing:
        try:
            backups = list_backups(self._toolbox.backups(environment))
        except (Refused, Transient) as error:
            return Standing(title, Light.RED, str(error))
        proven = [one for one in backups if one.proof is not Proof.NONE]
        if not proven:
            return Standing(title, Light.RED, f"none of {len(backups)} backups can be proven whole")
        age_s = (self._clock() - proven[0].taken_at).total_seconds()
        rpo_s = self._promised_s("rpo")
        said = f"newest proven backup is {_age(age_s)} old, RPO {say_duration(rpo_s)}"
        if age_s <= rpo_s:
            return Standing(title, Light.GREEN, said)
        return Standing(
            title, Light.RED, f"{said}: a loss now would break the promise", f"backups {environment}"
        )

    def _restore(self, environment: str) -> Standing:
        title = f"restore into {environment}"
        found = last_verified(self._store, "restore-database", environment)
        helps = f"restore {environment}"
        if found is None:
            return Standing(title, Light.AMBER, "never rehearsed here", helps)
        run, started, ended = found
        took_s = (from_iso(ended) - from_iso(started)).total_seconds()
        rto_s = self._promised_s("rto")
        said = f"RUN-{run} took {took_s:.1f} s, RTO {say_duration(rto_s)}, on {ended[:10]}"
        return Standing(title, Light.GREEN if took_s <= rto_s else Light.RED, said, helps)

    def _promised_s(self, name: Literal["rto", "rpo"]) -> float:
        objective = self._plan.objectives.get(name)
        return objective.target if objective else 0.0


def _age(seconds: float) -> str:
    return say_duration(round(seconds)) if seconds < 120 else say_duration(round(seconds / 60) * 60)
