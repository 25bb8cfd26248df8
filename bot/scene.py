"""What Slack is shown at the moment it is shown: the newest committed state, with the plan's names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from actions.plan import AnyAction
from bot.beside import facts_beside, invited, presses_after, presses_beside
from bot.domain.incident import Incident
from bot.domain.person import Person
from bot.domain.publication import Kind
from bot.domain.run import Run, RunState
from bot.drills.view import DrillView, drill_view
from bot.outside.standing import Standing, standing
from bot.outside.view import PublicationView, publication_view
from bot.outside.ways import not_connected
from bot.plan.models import DrPlan, OfferedAction
from bot.report import Reports
from bot.report.exporting import chart_of
from bot.report.telling import handed
from bot.runbooks.findings import findings
from bot.runbooks.fitting import each_once, fitting, fitting_now
from bot.runbooks.silence import silenceable
from bot.runbooks.view import WalkView, view
from bot.runs import Runs
from bot.slack.scene import Aid
from bot.store import drills as drill_rows
from bot.store import incidents as incident_rows
from bot.store import looked as looked_rows
from bot.store import runs as run_rows
from bot.store import walks as walk_rows
from bot.store.database import Store
from bot.store.journal import newest_at

OFFERS_LIMIT = 5
RUNBOOKS_LIMIT = 2
SILENCE = "silence-alert"
ALERTS_LOOKED_AT = 20


class PlanScene:
    """See bot.slack.scene.Scene."""

    def __init__(
        self,
        store: Store,
        plan: DrPlan,
        runs: Runs,
        actions: Mapping[str, AnyAction],
        off: Sequence[tuple[str, str]],
        before_report: Callable[[int], object] | None = None,
        unset: frozenset[str] = frozenset(),
    ) -> None:
        self._runs = runs
        self._store = store
        self._plan = plan
        self._actions = actions
        self._before_report = before_report
        self._unset = unset
        self._off = tuple(f"{name} is not set: {said}" for name, said in off)

    def incident(self, number: int) -> Incident | None:
        return incident_rows.get(self._store, number)

    def open_incidents(self) -> Sequence[Incident]:
        return incident_rows.open_incidents(self._store)

    def run(self, number: int) -> Run | None:
        return run_rows.get(self._store, number)

    def runs_of(self, incident: int) -> Sequence[Run]:
        return run_rows.of_incident(self._store, incident)

    def waiting_runs(self) -> Sequence[Run]:
        return run_rows.in_states(self._store, RunState.PROPOSED)

    def offers(self, incident: Incident) -> Sequence[OfferedAction]:
        """The runbooks that fit the incident's alerts, and only actions that exist here."""
        fits = fitting_now(self._store, self._plan, incident)
        offers = [offer for _, runbook in fits for offer in runbook.actions]
        return each_once(offers, self._actions)[:OFFERS_LIMIT]

    def aid(self, incident: Incident) -> Aid:
        """Runbooks to begin, those under way, what was looked at, and whether its alerts can be silenced.

        Of a resolved incident: what is left to press.
        """
        if not incident.is_open:
            return Aid(presses=presses_after(self._store, self._plan, incident))
        alerts = incident_rows.alerts_of(self._store, incident.id, ALERTS_LOOKED_AT)
        walks = [one for one in walk_rows.of_incident(self._store, incident.id) if not one.ended_at]
        begun = {walk.runbook for walk in walks}
        looked = looked_rows.of_incident(self._store, incident.id)
        runs = {one.run: run for one in looked if one.run and (run := self.run(one.run)) is not None}
        return Aid(
            runbooks=tuple(
                (key, runbook.title)
                for key, runbook in fitting(self._plan, incident, alerts)
                if runbook.is_walked and key not in begun
            )[:RUNBOOKS_LIMIT],
            walks=tuple(walks),
            findings=findings(looked, runs),
            silence=SILENCE in self._actions and bool(silenceable(alerts)),
            reopened_at=newest_at(self._store, incident.id, "incident-reopened"),
            facts=facts_beside(self._store, self._plan, incident),
            presses=presses_beside(self._store, self._plan, incident),
        )

    def walk(self, number: int) -> WalkView | None:
        found = walk_rows.get(self._store, number)
        return view(self._store, self._plan, self._runs, found) if found else None

    def drill(self, number: int) -> DrillView | None:
        found = drill_rows.get(self._store, number)
        return drill_view(self._store, self._plan, found) if found else None

    def publication(self, number: int) -> PublicationView | None:
        return publication_view(self._store, self._plan, number, self._unset)

    def outside(self, incident: int) -> Standing | None:
        found = self.incident(incident)
        if found is None:
            return None
        lacking = (not_connected(self._plan, kind, self._unset) for kind in Kind)
        return replace(standing(self._store.read, found), unconnected=tuple(filter(None, lacking)))

    def confirm_word(self, run: Run) -> str:
        return self._runs.confirm_word(run)

    def name(self, person_id: str) -> str:
        return self._plan.called(person_id)

    def responders(self, incident: Incident) -> Sequence[str]:
        return invited(self._store, self._plan, self._runs.roster(), incident)

    def person_by_slack(self, slack_id: str, handle: str) -> Person | None:
        return self._plan.person_by_slack(slack_id, handle)

    def report(self, incident: int) -> str:
        if self._before_report is not None:
            self._before_report(incident)
        reports = Reports(self._store, self._plan)
        return handed(reports.shown(incident), self._plan)

    def report_state(self, incident: int) -> str:
        return Reports(self._store, self._plan).state(incident).value

    def report_chart(self, incident: int) -> bytes:
        return chart_of(self._store, self._plan, incident)

    def report_section(self, incident: int, title: str) -> tuple[int, str, str]:
        return Reports(self._store, self._plan).section(incident, title)

    def disabled(self) -> Sequence[str]:
        return self._off
