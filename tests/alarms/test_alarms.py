"""drbot's own alarms: through every monitor's intake, once, on either store, whatever the clock does."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.alarms import ONCE, Alarm, Alarms
from bot.correlation.correlator import Correlator
from bot.domain.alert import Alert, AlertStatus, Notification
from bot.domain.incident import Incident
from bot.domain.severity import Severity
from bot.house import VOCABULARY
from bot.incidents import Incidents
from bot.intake import Busy, Intake
from bot.plan.load import load_plan
from bot.plan.models import DrPlan
from bot.store import incidents
from bot.store.alerts import Accepted
from bot.store.database import Store, StoreDown
from bot.triage import Triage, load_vocabulary
from tests.store.conftest import Opened, opened, postgres_url, store  # noqa: F401 - fixtures

SHIPPED = Path(__file__).parents[2] / "data" / "belezza.yaml"
TOO_OLD = Alarm(
    "DrbotBackupTooOld",
    "backups",
    "No good backup for longer than the RPO: the newest good one is 2h old, and the RPO is 1h",
    "Make one.",
    component="database",
    environment="production",
)


class World:
    """A store, its intake, the shipped plan and rules."""

    def __init__(self, opened: Opened) -> None:  # noqa: F811
        self.store: Store = opened.store
        self.clock = opened.clock
        self.plan: DrPlan = load_plan(SHIPPED)
        triage = Triage(self.plan, load_vocabulary(VOCABULARY))
        self.intake = Intake(self.store)
        self.correlator = Correlator(self.store, self.plan, triage, lambda _tx, _one: None)
        self.alarms = Alarms(self.store, self.intake.accept, self.clock)

    def fold(self) -> list[Incident]:
        while self.correlator.fold_once():
            pass
        return list(incidents.open_incidents(self.store))

    def send(self, name: str, text: str, **labels: str) -> None:
        said = {"alertname": name, **labels}
        alert = Alert("alertmanager", name, AlertStatus.FIRING, self.clock(), None, said, {"summary": text})
        self.intake.accept(Notification((alert,))).result(timeout=10)


@pytest.fixture
def world(opened: Opened) -> World:  # noqa: F811
    return World(opened)


def test_an_alarm_opens_one_incident_and_its_end_closes_it(world: World) -> None:
    assert world.alarms.raise_alarm(TOO_OLD)
    assert not world.alarms.raise_alarm(TOO_OLD)
    (incident,) = world.fold()
    assert (incident.severity, incident.component, incident.environment) == (
        Severity.SEV2,
        "database",
        "production",
    )
    assert incident.why[1].endswith("its label plan_component names it")
    assert world.alarms.clear(TOO_OLD.name, "backups")
    assert not world.alarms.clear(TOO_OLD.name, "backups")
    assert world.fold() == []


def test_it_comes_again_though_the_clock_went_back(world: World) -> None:
    for _ in range(3):
        assert world.alarms.raise_alarm(TOO_OLD)
        assert len(world.fold()) == 1
        world.clock.forward(days=-1)
        assert world.alarms.clear(TOO_OLD.name, "backups")
        assert world.fold() == []


def test_it_joins_the_trouble_of_its_component(world: World) -> None:
    world.send("PostgresDown", "PostgreSQL is down", job="postgres")
    world.alarms.raise_alarm(TOO_OLD)
    (incident,) = world.fold()
    assert incident.severity is Severity.SEV1
    assert set(incident.alert_names) == {"PostgresDown", "DrbotBackupTooOld"}


def test_clearing_what_never_was_stores_nothing(world: World) -> None:
    assert not world.alarms.clear("DrbotDrillFailed", "hall")
    assert world.store.read("SELECT 1 FROM alerts") == []


def test_another_subject_is_another_alarm(world: World) -> None:
    assert world.alarms.raise_alarm(TOO_OLD)
    assert world.alarms.raise_alarm(replace(TOO_OLD, subject="other backups"))
    assert world.fold()[0].alerts_firing == 2


def test_other_labels_are_news_of_the_same_firing(world: World) -> None:
    first = replace(TOO_OLD, labels={"due": "monday"})
    assert world.alarms.raise_alarm(first)
    world.fold()
    assert world.alarms.raise_alarm(replace(first, labels={"due": "tuesday"}))
    (incident,) = world.fold()
    assert incident.alerts_firing == 1


def test_many_at_once_are_one(world: World) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: world.alarms.raise_alarm(TOO_OLD), range(32)))
    (incident,) = world.fold()
    assert incident.alerts_firing == 1
    assert len(world.store.read("SELECT 1 FROM alerts")) == 1


@pytest.mark.parametrize(
    ("name", "summary", "severity"),
    [
        ("DrbotBackupTooOld", "No good backup for longer than the RPO", Severity.SEV2),
        (
            "DrbotArchiveLate",
            "The WAL archive of the database stands still: 16m",
            Severity.SEV2,
        ),
        (
            "DrbotBackupsUnseen",
            "Whether there is a good backup is not known: nothing could be seen of it for 15m",
            Severity.SEV3,
        ),
        (
            "DrbotScheduledRunFailed",
            "Daily backup was not done on schedule: the bucket is gone",
            Severity.SEV3,
        ),
        (
            "DrbotDrillFailed",
            "Database restore test failed in rehearsal (DRILL-3): rows differ",
            Severity.SEV3,
        ),
        ("DrbotDrillOverdue", "Database restore test is overdue: since 3 days", Severity.SEV4),
        ("DrbotMonitoringSilent", "Prometheus is silent: Watchdog always fires", Severity.SEV2),
        ("DrbotClockBehind", "Schedules stand still: the clock stands at 2020", Severity.SEV3),
    ],
)
def test_each_alarm_has_its_severity_by_the_shipped_plan(
    world: World, name: str, summary: str, severity: Severity
) -> None:
    world.alarms.raise_alarm(Alarm(name, "it", summary, environment="production"))
    (incident,) = world.fold()
    assert incident.severity is severity, incident.why


def test_a_label_of_the_plans_ids_comes_before_any_matcher(world: World) -> None:
    plan = world.plan
    labels = {
        "plan_environment": "staging",
        "plan_component": "redis",
        "job": "postgres",
        "env": "production",
    }
    assert plan.environment_of(labels) == ("staging", "its label plan_environment names it")
    assert plan.component_of(labels) == ("redis", "its label plan_component names it")
    unknown = {"plan_environment": "moon", "plan_component": "sun", "job": "postgres", "env": "production"}
    assert plan.environment_of(unknown)[0] == "production"
    assert plan.component_of(unknown)[0] == "database"


def test_a_busy_intake_is_a_store_that_is_away(opened: Opened) -> None:  # noqa: F811
    def busy(_: Notification) -> Future[Accepted]:
        raise Busy("too much waits")

    alarms = Alarms(opened.store, busy, opened.clock)
    with pytest.raises(StoreDown, match="drbot's own alarm DrbotBackupTooOld waits: too much waits"):
        alarms.raise_alarm(TOO_OLD)


def test_it_is_reported_after_a_long_time_as_a_new_firing(world: World) -> None:
    world.alarms.raise_alarm(TOO_OLD)
    world.fold()
    world.alarms.clear(TOO_OLD.name, "backups")
    world.fold()
    world.clock.now += timedelta(days=3)
    world.alarms.raise_alarm(TOO_OLD)
    (incident,) = world.fold()
    assert incident.id == 2


def resolved_by_ana(world: World, incident: int) -> None:
    ana = world.plan.person(next(iter(world.plan.people)))
    assert ana is not None
    Incidents(world.store, world.plan, lambda _tx, _one: None).resolve(ana, incident)


def test_what_a_person_resolved_while_it_held_is_said_again_and_again(world: World) -> None:
    """Nobody repeats drbot's own alarms: one resolved by mistake must not be silent for ever."""
    world.alarms.raise_alarm(TOO_OLD)
    world.fold()
    for number in (1, 2, 3):
        resolved_by_ana(world, number)
        world.clock.forward(hours=3, minutes=59)
        assert not world.alarms.raise_alarm(TOO_OLD)
        assert world.fold() == []
        world.clock.forward(minutes=1)
        assert world.alarms.raise_alarm(TOO_OLD)
        assert world.alarms.raise_alarm(TOO_OLD) is False, "it waits to be judged"
        (incident,) = world.fold()
        assert (incident.id, incident.alerts_firing) == (number + 1, 1)
        assert not world.alarms.raise_alarm(TOO_OLD)
    ((said,),) = world.store.read("SELECT annotations FROM alerts")
    assert "INC-3 was resolved while this held, and it still holds. Make one." in said
    assert world.alarms.clear(TOO_OLD.name, "backups")
    assert world.fold() == []


def test_it_is_said_again_though_the_clock_went_back(world: World) -> None:
    world.clock.forward(days=400)
    world.alarms.raise_alarm(TOO_OLD)
    world.fold()
    resolved_by_ana(world, 1)
    world.clock.forward(days=-400)
    assert world.alarms.raise_alarm(TOO_OLD)
    assert len(world.fold()) == 1


def test_what_happened_once_is_over_when_a_person_says_so(world: World) -> None:
    failed = replace(TOO_OLD, name="DrbotDrillFailed", labels={"drill": "DRILL-3"}, again=ONCE)
    world.alarms.raise_alarm(failed)
    world.fold()
    resolved_by_ana(world, 1)
    world.clock.forward(days=30)
    assert not world.alarms.raise_alarm(failed)
    assert world.alarms.raise_alarm(replace(failed, labels={"drill": "DRILL-4"}))
    assert len(world.fold()) == 1
