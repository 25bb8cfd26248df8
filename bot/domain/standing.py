"""How the parts of a plan stand: the readiness board's lines, and what they say together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Literal, TypeAlias


class Light(Enum):
    """How a component stands."""

    GREEN = "ready"
    AMBER = "look"
    RED = "not ready"
    UNKNOWN = "not measured"


Place: TypeAlias = Literal["component", "proof", "watch"]
"""`component`: a row of the plan's 1.2. `proof`: a drill, or a promise checked against itself. Both count in
the verdict. `watch`: what else a person should know, about the team and drbot itself."""


@dataclass(frozen=True)
class Standing:
    """One line of the board: what, how it stands, the sentence why, and the line that would help.

    `helps` is a command line, `label` what its button says. `promised` and `measured` are short, with units.
    `key` is its name in the plan (or drbot's own, for a watch). `partly`: one of its looks could not be made.
    """

    component: str
    light: Light
    why: str
    helps: str = ""
    key: str = ""
    promised: str = ""
    measured: str = ""
    label: str = ""
    overdue: bool = False
    place: Place = "component"
    partly: bool = False


@dataclass(frozen=True)
class Board:
    """Every line, in the plan's order. `measured_at` (ISO 8601 UTC) is '' while nothing was measured yet.

    `ages_s` are the ages in seconds that are known, by what is that old: `backup`, `archive` (the WAL's),
    `drill:restore-staging`. Infinite where there is none. `since` says since when nothing was measured, where
    that is too long ago to go by; '' where it is not.
    """

    standings: tuple[Standing, ...]
    measured_at: str = ""
    measuring: bool = False
    ages_s: Mapping[str, float] = field(default_factory=dict)
    since: str = ""

    @property
    def judged(self) -> tuple[Standing, ...]:
        """The lines that the verdict is about."""
        return tuple(one for one in self.standings if one.place != "watch")

    @property
    def watched(self) -> tuple[Standing, ...]:
        """The lines beside them."""
        return tuple(one for one in self.standings if one.place == "watch")

    def of(self, light: Light) -> tuple[Standing, ...]:
        """Those of the verdict's lines with this light."""
        return tuple(one for one in self.judged if one.light is light)

    @property
    def worst(self) -> Light:
        """The light of the whole: grey where nothing was measured, or nothing for too long; red stays red."""
        for light in (Light.RED, Light.AMBER, Light.GREEN)[: 1 if self.since else 3]:
            if self.of(light):
                return light
        return Light.UNKNOWN

    def age_s(self, now: datetime) -> float | None:
        """How old the measurement is; None where there is none."""
        if not self.measured_at:
            return None
        return max(0.0, (now.astimezone(UTC) - datetime.fromisoformat(self.measured_at)).total_seconds())
