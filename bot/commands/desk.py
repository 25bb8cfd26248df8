"""The use cases that the verbs call, gathered once by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from actions.plan import AnyAction
from actions.tools.toolbox import Toolbox
from bot.drills import Drills
from bot.duties import Duties
from bot.incidents import Incidents
from bot.plan.models import DrPlan
from bot.readiness import Readiness
from bot.runbooks import Runbooks
from bot.runs import Runs
from bot.store.database import Store


@dataclass(frozen=True)
class Desk:
    """Everything a verb may reach. `off` names each missing setting and what it disables; `pager` says that
    pages reach PagerDuty.

    Without `readiness` whoever asks for the board measures it.
    """

    plan: DrPlan
    plan_path: Path
    store: Store
    incidents: Incidents
    runs: Runs
    actions: Mapping[str, AnyAction]
    toolbox: Toolbox
    off: tuple[tuple[str, str], ...] = ()
    engine: Callable[[], str] = field(default=lambda: "unknown")
    readiness: Readiness | None = None
    pager: bool = False

    @property
    def runbooks(self) -> Runbooks:
        """The plan's runbooks, to begin and to walk through."""
        return Runbooks(self.store, self.plan, self.runs, self.actions)

    @property
    def drills(self) -> Drills:
        """The plan's drills, to hold and to look up."""
        return Drills(self.store, self.plan, self.runs, self.actions)

    @property
    def duties(self) -> Duties:
        """Who leads, talks and works for an incident."""
        return Duties(self.store, self.plan, self.incidents)
