"""The inside of the bot, engine and all, over a fresh SQLite: what a run costs beside its bare steps."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from actions.plan import AnyAction
from bot.domain.run import RunState
from bot.engine import Engine, system_url
from bot.plan.models import DrPlan
from bot.runs import Runs
from bot.store.sqlite import SqliteStore
from bot.toolbox import PlanToolbox
from tests.matrix.mortal import PEOPLE, RISKS

LIMITS = {
    "per_hour": {"high": 100, "destructive": 100},
    "per_target_hour": 100,
}  # it does the same again and again


@dataclass(frozen=True)
class Inside:
    """Ana asks and Rui approves."""

    plan: DrPlan
    toolbox: PlanToolbox
    runs: Runs

    def run_s(self, action: AnyAction, given: Mapping[str, str], within_s: float = 60) -> float:
        """From the asking to the verified end: survey, plan, approval, guards, steps, checks, journal."""
        ana, rui = self.plan.person("ana"), self.plan.person("rui")
        if ana is None or rui is None:
            raise LookupError("the plan of the bench lost its people")
        began = time.monotonic()
        asked = self.runs.propose(ana, action.name, given)
        self.runs.approve(rui, asked.id, typed=self.runs.confirm_word(asked))
        ended = self.runs.wait(asked.id, within_s)
        took_s = time.monotonic() - began
        if ended.state is not RunState.VERIFIED:
            raise RuntimeError(f"{ended.ref} ended {ended.state.value}: {ended.outcome}")
        return took_s


@contextlib.contextmanager
def inside(
    directory: Path,
    environments: Mapping[str, object],
    variables: Mapping[str, str],
    actions: Mapping[str, AnyAction],
) -> Iterator[Inside]:
    """A bot of these environments, started, and stopped afterwards."""
    directory.mkdir()
    sections = {"people": PEOPLE, "risks": RISKS, "environments": environments, "limits": LIMITS}
    plan = DrPlan.model_validate(sections)
    toolbox = PlanToolbox(plan, variables)
    store = SqliteStore(directory / "drbot.db")
    runs = Runs(store, plan, toolbox, actions)
    engine = Engine(store, runs, toolbox, actions, system_url(f"sqlite:///{directory}/drbot.db"))
    try:
        engine.start(standby=True)
        yield Inside(plan, toolbox, runs)
    finally:
        engine.stop()
        store.close()
