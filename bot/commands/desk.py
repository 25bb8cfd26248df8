"""The use cases that the verbs call, gathered once by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from actions.plan import AnyAction
from actions.tools.toolbox import Toolbox
from bot.action_items import ActionItems
from bot.drills import Drills
from bot.duties import Duties
from bot.incidents import Incidents
from bot.outside import Outside
from bot.plan.models import DrPlan
from bot.readiness import Readiness
from bot.report import Reports
from bot.runbooks import Runbooks
from bot.runs import Runs
from bot.store.database import Store

# The id, the name and the state of each of the status page's components. Raises Later or Never.
PageComponents: TypeAlias = "Callable[[], Sequence[tuple[str, str, str]]]"


@dataclass(frozen=True)
class Desk:
    """Everything a verb may reach. `off` names each missing setting and what it disables; `pager` says that
    pages reach PagerDuty, `mail` that letters go out; `unset` names the settings of the ways outside
    that are not there.

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
    page_components: PageComponents | None = None
    mail: bool = True
    unset: frozenset[str] = frozenset()

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

    @property
    def action_items(self) -> ActionItems:
        """What is to be done after incidents, by whom and until when."""
        return ActionItems(self.store, self.plan)

    @property
    def outside(self) -> Outside:
        """What the outside is told: drafted, edited, approved."""
        return Outside(self.store, self.plan, self.unset)

    @property
    def reports(self) -> Reports:
        """The incident reports, to read, to change and to publish."""
        return Reports(self.store, self.plan)
