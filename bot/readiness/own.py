"""What drbot knows without looking anywhere: promises, drills, seats, incidents, and how it is itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.breaker import Breaker
from bot.drills.words import span
from bot.oncall import Roster
from bot.plan.finding import Review
from bot.plan.models import DrPlan
from bot.plan.rpo import keeps_rpo, least_loss
from bot.plan.seats import unfilled_seats
from bot.plan.source import Source
from bot.readiness.board import Light, Standing, short
from bot.readiness.rehearsed import ages, rehearsals
from bot.store.database import Store
from bot.store.evidence import open_by_severity

WORST = "SEV-1"


@dataclass(frozen=True)
class Trouble:
    """Something of drbot's own that does not work as the plan says: a heartbeat, a schedule."""

    title: str
    said: str


@dataclass(frozen=True)
class Own:
    """Reads rows and the plan. `engine` says how it is in a sentence; `troubles` are other rooms' own.

    `roster` may ask a pager for a few seconds, everything else is quick.
    """

    plan: DrPlan
    store: Store
    off: Sequence[tuple[str, str]]
    engine: Callable[[], str]
    breakers: Callable[[], Sequence[Breaker]]
    roster: Callable[[], Roster]
    troubles: Callable[[], Sequence[Trouble]] = tuple

    def lines(self, now: datetime) -> tuple[Standing, ...]:
        """Promises and drills, then what to watch. Raises StoreDown."""
        return (
            *self._promise(),
            *rehearsals(self.plan, self.store, now),
            *self._seats(now),
            *self._incidents(),
            *self._engine(),
            *self._breakers(),
            *(_watch(one.title, Light.AMBER, one.said) for one in self.troubles()),
            *self._settings(),
        )

    def ages_s(self, now: datetime) -> Mapping[str, float]:
        """How long ago each drill passed. Raises StoreDown."""
        return ages(self.plan, self.store, now)

    def on_call(self) -> tuple[Standing, ...]:
        """Whether it is known who is on call; may take a few seconds."""
        roster = self.roster()
        if roster.trouble:
            return (_watch("On call", Light.AMBER, roster.trouble, "oncall", "Who is on call"),)
        if not roster.people:
            said = f"nobody is on call, by {roster.source}"
            return (_watch("On call", Light.RED, said, "oncall", "Who is on call"),)
        return ()

    def _promise(self) -> Iterator[Standing]:
        objective, loss = self.plan.objectives.get("rpo"), least_loss(self.plan)
        if objective is None or loss is None:
            return
        kept = loss.most_s <= objective.target
        said = f"{loss.way} alone can lose {span(loss.most_s)}"
        yield Standing(
            component=objective.title,
            light=Light.GREEN if kept else Light.RED,
            why=short(f"kept by {loss.way}" if kept else f"{said}; {keeps_rpo(self.plan)}"),
            helps="" if kept else "plan check",
            key="rpo",
            promised=f"at most {span(objective.target)}",
            measured=f"up to {span(loss.most_s)}",
            label="" if kept else "Check the plan",
            place="proof",
        )

    def _seats(self, now: datetime) -> Iterator[Standing]:
        found = list(unfilled_seats(Review(self.plan, self.plan.source or Source()), now.date()))
        if not found:
            yield _watch("People and seats", Light.GREEN, "every seat of the plan is taken")
            return
        first = min(found, key=lambda one: one.level != "fault")
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        light = Light.RED if first.level == "fault" else Light.AMBER
        yield _watch("People and seats", light, f"{first.message}{more}", "plan check", "Check the plan")

    def _incidents(self) -> Iterator[Standing]:
        counts = open_by_severity(self.store)
        if not counts:
            yield _watch("Incidents", Light.GREEN, "none is open")
            return
        said = ", ".join(f"{count} {severity}" for severity, count in counts)
        light = Light.RED if counts[0][0] == WORST else Light.AMBER
        yield _watch("Incidents", light, f"open: {said}", "incidents", "Open incidents")

    def _engine(self) -> Iterator[Standing]:
        said = self.engine()
        alarm, none = "ALARM" in said, said.startswith("none")
        light = Light.RED if alarm else Light.AMBER if none else Light.GREEN
        yield _watch("Engine", light, said)

    def _breakers(self) -> Iterator[Standing]:
        for one in self.breakers():
            said = f"open: {one.target} since {one.opened_at[11:19]} UTC ({', '.join(one.runs)})"
            yield _watch("Circuit breaker", Light.AMBER, said, "breakers", "Breakers")

    def _settings(self) -> Iterator[Standing]:
        if self.off:
            names = ", ".join(name for name, _ in self.off)
            yield _watch("Settings", Light.AMBER, f"not set: {names}")


def _watch(title: str, light: Light, said: str, helps: str = "", label: str = "") -> Standing:
    key = title.lower().replace(" ", "-")
    return Standing(title, light, short(said), helps, key, label=label, place="watch")
