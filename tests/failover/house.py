"""The whole inside of the bot over a plan with a service in two places: verbs said, runs lived."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import yaml

from bot.commands.console import Where
from bot.domain.answer import Answer
from bot.domain.run import Run
from bot.house import House, build
from bot.settings import Settings
from tests.real.places import TwoPlaces

PLAN = Path(__file__).parents[2] / "data" / "belezza.yaml"
SHELL = Where("shell")


class Room:
    """What people say, and what becomes of it. Of the plan: ana is on call, bruno is an approver, too."""

    def __init__(self, house: House) -> None:
        self.house = house

    def say(self, line: str, who: str = "ana") -> Answer:
        person = self.house.plan.person(who)
        assert person is not None
        return self.house.console.execute(line, person, SHELL)

    def newest(self) -> Run:
        return self.house.runs.recent(1)[0]

    def ended(self, run: Run) -> Run:
        return self.house.runs.wait(run.id, 90.0)

    def approve(self, run: Run, who: str = "bruno") -> Run:
        """Approved, and lived to its end."""
        answer = self.say(f"approve {run.ref}", who)
        assert answer.exit == 0, answer
        return self.ended(run)


@contextlib.contextmanager
def room(
    places: TwoPlaces,
    folder: Path,
    sections: Mapping[str, object] | None = None,
    customers: Collection[str] = ("production",),
    **entry: object,
) -> Iterator[Room]:
    """The bot of the team's own plan, whose failover is the one of these places; its engine runs.

    `sections` replace those of the plan; `customers` are the environments that serve any.
    """
    plan = yaml.safe_load(PLAN.read_text())
    plan.update(sections or {})
    for name, environment in plan["environments"].items():
        environment["customers"] = name in customers
    plan["failover"] = {"api": places.failover(**entry)}
    path = folder / "plan.yaml"
    path.write_text(yaml.safe_dump(plan, allow_unicode=True, sort_keys=False))
    house = build(
        Settings(
            plan=path,
            database_url=f"sqlite:///{folder / 'drbot.db'}",
            environment=places.variables(),
        )
    )
    house.engine.start()
    try:
        yield Room(house)
    finally:
        house.engine.stop()
        house.close()
