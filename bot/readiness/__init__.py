"""Whether the team could recover now: each component of the plan, promised beside measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from actions.plan import AnyAction
from actions.tools.toolbox import Toolbox
from bot.plan.models import DrPlan
from bot.readiness.board import Board, Light, Standing
from bot.readiness.kept import Readiness
from bot.readiness.own import Own, Trouble
from bot.readiness.watching import Watching
from bot.readiness.whole import aged, verdict
from bot.runs import Runs
from bot.store.database import Store

__all__ = ["Board", "Light", "Readiness", "Standing", "Trouble", "aged", "readiness_of", "verdict"]


def readiness_of(
    plan: DrPlan,
    store: Store,
    toolbox: Toolbox,
    actions: Mapping[str, AnyAction],
    runs: Runs,
    off: Sequence[tuple[str, str]] = (),
    engine: Callable[[], str] = lambda: "unknown",
    troubles: Callable[[], Sequence[Trouble]] = tuple,
) -> Readiness:
    """The board over the plan's components and drbot's own memory. Nothing is measured before it is asked."""
    own = Own(plan, store, off, engine, runs.breakers, runs.roster, troubles)
    return Readiness(Watching(plan, toolbox, actions), own)
