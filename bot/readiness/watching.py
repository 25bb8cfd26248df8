"""Looking at the plan's components, several looks at once: light, sentence, promised beside measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeAlias

from actions.plan import AnyAction
from actions.tools.toolbox import Toolbox
from bot.drills.words import span
from bot.plan.models import Component, DrPlan, OfferedAction
from bot.readiness.board import Light, Look, Standing, age_of, decided, short
from bot.readiness.helps import customers, first_help, places_of
from bot.readiness.looking import LOOK_S, Looking

AT_ONCE = 6
LOOKS_A_COMPONENT = 8
Wanted: TypeAlias = tuple[str, OfferedAction]
BLIND = Look(Light.UNKNOWN, "nothing measures it yet: name its `looks` in the plan")


@dataclass(frozen=True)
class Watched:
    """What one measurement found: a line for each component, and the ages in seconds that became known."""

    standings: tuple[Standing, ...]
    ages_s: Mapping[str, float] = field(default_factory=dict)


class Watching:
    """Looks at every component that the plan promises something of, or that it names looks for."""

    def __init__(
        self,
        plan: DrPlan,
        toolbox: Toolbox,
        actions: Mapping[str, AnyAction],
        look_s: float = LOOK_S,
    ) -> None:
        self._plan = plan
        self._actions = actions
        self._looking = Looking(toolbox, actions, look_s)

    @property
    def components(self) -> Mapping[str, Component]:
        """Those on the board: with a promise of 1.2, or with looks."""
        return {key: one for key, one in self._plan.components.items() if one.backup_frequency or one.looks}

    def stop(self) -> None:
        """Wait for no look any longer. Safe to call twice."""
        self._looking.stop()

    def unmeasured(self) -> tuple[Standing, ...]:
        """The lines before the first measurement."""
        return tuple(
            self._standing(key, one, Look(Light.UNKNOWN, "not measured yet"))
            for key, one in self.components.items()
        )

    def measure(self) -> Watched:
        """Look at everything now. Never raises; takes at most `look_s` for every six looks."""
        here = customers(self._plan)
        wanted = [
            (key, offer)
            for key, component in self.components.items()
            for one in component.looks[:LOOKS_A_COMPONENT]
            for offer in places_of(one, here).values()
        ]
        with ThreadPoolExecutor(AT_ONCE, "readiness") as pool:
            found = list(pool.map(lambda one: self._looking.look(one[1]), wanted))
        looks: dict[str, list[Look]] = {key: [] for key in self.components}
        for (key, _), look in zip(wanted, found, strict=True):
            looks[key].append(look)
        standings = [
            self._standing(key, one, decided(looks[key]) if looks[key] else BLIND)
            for key, one in self.components.items()
        ]
        return Watched(tuple(standings), _ages(wanted, found))

    def _standing(self, key: str, component: Component, look: Look) -> Standing:
        helps = label = ""
        if look.light in (Light.RED, Light.AMBER) and look.mendable:
            helps, label = first_help(self._plan, key, component, self._actions, look.helps)
        return Standing(
            component.title,
            look.light,
            short(look.said),
            helps,
            key,
            self._promised(key, component),
            short(look.measured, 60),
            label,
            partly=look.partly,
        )

    def _promised(self, key: str, component: Component) -> str:
        """1.2's backup frequency, and 1.1's RPO where its priority names this component."""
        rpo = self._plan.objectives.get("rpo")
        named = rpo is not None and rpo.priority.lower() in (key, component.title.lower())
        said = f"RPO {span(rpo.target)}" if rpo and named else ""
        return " · ".join(one for one in (component.backup_frequency, said) if one)


def _ages(wanted: Sequence[Wanted], found: Sequence[Look]) -> Mapping[str, float]:
    """How old what could be brought back is, where a look told it: of several places the worst."""
    told: dict[tuple[str, str], list[Look]] = {}
    for (_, offer), look in zip(wanted, found, strict=True):
        told.setdefault((look.age_of, offer.params.get("environment", "")), []).append(look)
    ages_s: dict[str, float] = {}
    for (what, _), looks in told.items():
        age_s = age_of(looks)
        if age_s is not None:
            ages_s[what] = max(age_s, ages_s.get(what, 0.0))
    return ages_s
