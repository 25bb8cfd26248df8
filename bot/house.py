"""The bot's inside, built once: memory, plan, use cases, console. No thread of its own runs yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from actions.plan import AnyAction
from actions.registry import all_actions
from bot.action_items.reminding import Reminders
from bot.commands.desk import Desk, PageComponents
from bot.commands.switchboard import Switchboard
from bot.correlation.correlator import Correlator
from bot.digest.posting import DigestPost
from bot.domain.outbound import Way
from bot.drills import Drills
from bot.drills.advance import Drilling
from bot.engine import Engine, system_url
from bot.escalation.ticker import Escalation
from bot.escalation.wiring import escalation_of
from bot.incidents import Incidents
from bot.intake import Intake
from bot.metrics import Metrics
from bot.oncall import THE_PLAN, OnCall, PlanOnCall
from bot.outbound.service import Outbound
from bot.outbound.wiring import outbound_of
from bot.outside import OutsideClock, outside_clock_of, unset_ways
from bot.pagerduty import PagerDutyOnCall
from bot.paging.answers import Answers
from bot.paging.reserve import Reserve
from bot.paging.wiring import answers_of, off_in_paging
from bot.plan.load import load_plan
from bot.plan.models import DrPlan
from bot.plan.outside import unset_outside
from bot.readiness import Readiness, Trouble, readiness_of
from bot.report import request_report
from bot.report.cost import measure
from bot.runbooks.conductor import Conductor
from bot.runbooks.looking import Looks
from bot.runs import Runs
from bot.scene import PlanScene
from bot.schedules import Clockwork, clockwork_of, heartbeat_of, troubles_of
from bot.self_dr.backup import copier
from bot.settings import Settings
from bot.store.database import Store
from bot.store.identity import identity
from bot.store.opening import open_store
from bot.toolbox import PlanToolbox
from bot.triage import Triage, load_vocabulary
from bot.ways.statuspage import StatusPage

VOCABULARY = Path(__file__).parents[1] / "data" / "triage.yaml"


@dataclass(frozen=True)
class House:
    """Everything that a face needs. `close` ends what was opened."""

    settings: Settings
    plan: DrPlan
    store: Store
    actions: Mapping[str, AnyAction]
    toolbox: PlanToolbox
    incidents: Incidents
    runs: Runs
    engine: Engine
    intake: Intake
    metrics: Metrics
    correlator: Correlator
    conductor: Conductor
    clockwork: Clockwork
    outside_clock: OutsideClock
    outbound: Outbound
    answers: Answers
    escalation: Escalation
    scene: PlanScene
    readiness: Readiness
    console: Switchboard
    off: tuple[tuple[str, str], ...]

    def close(self) -> None:
        """Close the store. Safe to call twice."""
        self.store.close()


def build(settings: Settings) -> House:
    """Build it. Raises PlanFaults, VocabularyFault or StoreDown with what to mend."""
    plan = load_plan(settings.plan)
    triage = Triage(plan, load_vocabulary(VOCABULARY))
    store = open_store(settings.database_url)
    actions = all_actions()
    toolbox = PlanToolbox(plan, settings.environment, identity(store))
    metrics = Metrics()
    intake = Intake(store, metrics.committed)
    incidents = Incidents(store, plan, request_report)
    on_call = on_call_of(plan, settings.environment)
    runs = Runs(store, plan, toolbox, actions, on_call=on_call)
    engine = Engine(store, runs, toolbox, actions, system_url(settings.database_url))
    off = (*settings.missing(), *_off_in_the_plan(plan, settings.environment))
    conductor = Conductor(
        store,
        plan,
        runs,
        lambda: engine.ours,
        Looks(store, plan, runs, actions, intake.calm),
        drilling=Drilling(store, plan, runs),
    )
    heartbeat = heartbeat_of(plan, settings.environment, store, engine, lambda: conductor.trouble)
    mail = bool(settings.environment.get("SMTP_URL") and plan.communication.outside.mail_from)
    outbound = outbound_of(
        settings.environment,
        store,
        plan,
        lambda: engine.ours,
        on_trouble={Way.PAGERDUTY: Reserve(plan, on_call.last, mail)},
    )
    troubles = troubles_of(plan, store, heartbeat)
    readiness = readiness_of(
        plan, store, toolbox, actions, runs, off, lambda: _engine(engine),
        lambda: [*troubles(), *([Trouble("Outside", said)] if (said := outbound.trouble) else [])],
    )  # fmt: skip
    pager = bool(settings.environment.get("PAGERDUTY_ROUTING_KEY"))
    unset = unset_ways(settings.environment)
    desk = Desk(
        plan, settings.plan, store, incidents, runs, actions, toolbox, off, lambda: _engine(engine),
        readiness, pager, _page_components(settings.environment), mail, unset,
    )  # fmt: skip
    return House(
        settings=settings,
        plan=plan,
        store=store,
        actions=actions,
        toolbox=toolbox,
        incidents=incidents,
        runs=runs,
        engine=engine,
        intake=intake,
        metrics=metrics,
        conductor=conductor,
        clockwork=clockwork_of(
            store,
            plan,
            runs,
            Drills(store, plan, runs, actions),
            engine,
            intake,
            lambda: readiness.latest,
            copier(settings.database_url, settings.environment),
            heartbeat,
            DigestPost(store, plan),
            (Reminders(store, plan).turn,),
        ),
        outside_clock=outside_clock_of(store, plan, lambda: engine.ours),
        correlator=Correlator(store, plan, triage, request_report, intake.calm),
        outbound=outbound,
        answers=answers_of(store, plan, incidents, settings.environment),
        escalation=escalation_of(store, plan, runs, engine, intake, pager, mail),
        scene=PlanScene(
            store, plan, runs, actions, off, lambda number: measure(store, plan, toolbox, number), unset
        ),
        readiness=readiness,
        console=Switchboard(desk),
        off=off,
    )


def _page_components(environment: Mapping[str, str]) -> PageComponents:
    """Asks the status page for its components when somebody wants to see them."""
    page = StatusPage(environment)
    return lambda: [(one.id, one.name, one.status) for one in page.components()]


def on_call_of(plan: DrPlan, environment: Mapping[str, str]) -> OnCall:
    """Where it is known who is on call: PagerDuty where the plan names schedules and a key is there."""
    if plan.on_call_from is None:
        return PlanOnCall(plan)
    key = environment.get("PAGERDUTY_API_KEY", "")
    if not key:
        trouble = f"PAGERDUTY_API_KEY is not set, so {THE_PLAN} say who is on call, not PagerDuty"
        return PlanOnCall(plan, trouble)
    schedules = plan.on_call_from.pagerduty
    return PagerDutyOnCall(plan, schedules, key, environment.get("DR_PAGERDUTY_API_URL", ""))


def _off_in_the_plan(plan: DrPlan, environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The plan names variables of its own: each that is not set, and what is out of reach or unwatched."""
    if plan.heartbeat and not environment.get(plan.heartbeat.url_env):
        yield plan.heartbeat.url_env, "there is no heartbeat: nobody is told when drbot itself is silent"
    if plan.communication.outside.mail_from and not environment.get("SMTP_URL"):
        yield "SMTP_URL", "mail is off: no letter reaches people on call or customers"
    yield from off_in_paging(plan, environment)
    yield from unset_outside(plan, environment)
    for name, place in plan.environments.items():
        if place.database and not environment.get(place.database.url_env):
            yield (
                place.database.url_env,
                f"{name}'s database is out of reach: nothing can be looked at, ended or restored there",
            )


def _engine(engine: Engine) -> str:
    """Who executes runs, what holds which target, and what nobody will resume, in a sentence."""
    status = engine.status()
    if not status.holder:
        return "none: approved runs wait until `dr serve` runs"
    said = f"{status.holder}, {len(status.running)} running"
    if status.locks:
        said += ", holds " + ", ".join(f"{lock.target} (RUN-{lock.run})" for lock in status.locks)
    if status.stranded:
        said += f"; ALARM: nobody resumes {', '.join(status.stranded)}"
    return said + (f"; {status.problem}" if status.problem else "")
