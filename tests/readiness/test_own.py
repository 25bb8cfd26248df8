"""What drbot knows by itself: promises, drills, seats, incidents, engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.breaker import Breaker
from bot.domain.drill import Drill, DrillState
from bot.domain.standing import Light, Standing
from bot.oncall import Roster
from bot.plan import promises
from bot.plan.load import load_plan
from bot.plan.models import DrPlan
from bot.plan.recovery import ClusterEntry, ScheduleEntry
from bot.readiness.own import Own, Trouble
from bot.readiness.rehearsed import trends
from bot.store import drills as rows
from bot.store.sqlite import SqliteStore
from tests.readiness.conftest import Clock

PLAN = load_plan(Path(__file__).parents[2] / "data" / "belezza.yaml")
TESTS = {
    "restore": {
        "title": "Restore to staging",
        "every": "monthly",
        "owner": "DevOps",
        "does": [{"action": "x"}],
    },
    "full": {"title": "Full exercise", "every": "annually", "owner": "All teams"},
}


def plan(**changed: object) -> DrPlan:
    return PLAN.model_copy(update={"testing": promises.Testing.model_validate({"tests": TESTS}), **changed})


def own(store: SqliteStore, of: DrPlan, **given: object) -> Own:
    made = Own(of, store, (), lambda: "host:1, 0 running", tuple, lambda: Roster(("ana",)))
    return replace(made, **given)  # type: ignore[arg-type]


def line(found: tuple[Standing, ...], key: str) -> Standing:
    (one,) = [one for one in found if one.key == key]
    return one


@pytest.fixture
def held(store: SqliteStore, clock: Clock) -> Drill:
    """A drill that passed four days ago."""
    return keep(store, DrillState.PASSED, "2026-11-19T03:12:00.000000Z")


def keep(store: SqliteStore, state: DrillState, at: str, **given: object) -> Drill:
    drill = Drill(0, "restore", "Restore to staging", state, "drbot", at, at, rto_s=41.3, rpo_s=1500.0)
    if state is DrillState.UNDER_WAY:
        drill = replace(drill, ended_at="", rto_s=None, rpo_s=None)
    return store.write(lambda tx: rows.insert(tx, replace(drill, **given)))  # type: ignore[arg-type]


def test_an_rpo_that_the_schedule_cannot_keep_is_red_with_what_would(
    store: SqliteStore, clock: Clock
) -> None:
    found = line(own(store, plan()).lines(clock.now), "rpo")
    assert (found.light, found.promised, found.measured) == (Light.RED, "at most 1 h", "up to 24 h")
    assert "can lose 24 h" in found.why
    assert "every 1m" in found.why
    assert (found.helps, found.place) == ("plan check", "proof")


def test_archived_wal_keeps_it(store: SqliteStore, clock: Clock) -> None:
    cluster = ClusterEntry(stanza="belezza", config="c", data_directory="d")
    production = PLAN.environments["production"].model_copy(update={"cluster": cluster})
    of = plan(environments={**PLAN.environments, "production": production})
    found = line(own(store, of).lines(clock.now), "rpo")
    assert (found.light, found.measured, found.helps) == (Light.GREEN, "up to 1 min", "")


@pytest.mark.parametrize(
    ("where", "cron", "light"),
    [
        ("production", "0 * * * *", Light.GREEN),
        ("production", "0 */2 * * *", Light.RED),
        ("staging", "0 * * * *", Light.RED),
    ],
)
def test_drbots_own_schedule_keeps_it_where_customers_are(
    store: SqliteStore, clock: Clock, where: str, cron: str, light: Light
) -> None:
    own_backup = ScheduleEntry.model_validate(
        {"title": "Backup", "cron": cron, "action": "back-up-database", "params": {"environment": where}}
    )
    found = line(own(store, plan(schedules={"backup": own_backup})).lines(clock.now), "rpo")
    assert found.light is light


def test_a_drill_that_passed_is_measured_beside_its_promise(
    store: SqliteStore, clock: Clock, held: Drill
) -> None:
    found = line(own(store, plan()).lines(clock.now), "restore")
    assert (found.light, found.overdue, found.helps) == (Light.GREEN, False, "")
    assert (found.promised, found.measured) == ("monthly · RTO 4 h", "RTO 41.3 s · RPO 25 min")
    assert found.why == "DRILL-1 passed 4 d ago"


def test_a_drill_that_is_overdue_says_since_when(store: SqliteStore, clock: Clock, held: Drill) -> None:
    clock.forward(days=30)
    found = line(own(store, plan()).lines(clock.now), "restore")
    assert (found.light, found.overdue, found.helps) == (Light.AMBER, True, "drill restore")
    assert found.why == "DRILL-1 passed 34 d ago: 3 d overdue"


def test_a_drill_that_failed_is_red_though_one_before_passed(
    store: SqliteStore, clock: Clock, held: Drill
) -> None:
    keep(store, DrillState.FAILED, "2026-11-22T03:00:00.000000Z", said="the hashes differ", rto_s=None)
    found = line(own(store, plan()).lines(clock.now), "restore")
    assert (found.light, found.helps, found.label) == (Light.RED, "drill restore", "Hold the drill")
    assert found.why == "DRILL-2 failed on 2026-11-22: the hashes differ"


def test_a_drill_that_was_never_held_or_is_under_way(store: SqliteStore, clock: Clock) -> None:
    never = line(own(store, plan()).lines(clock.now), "restore")
    assert (never.light, never.overdue, never.helps) == (Light.AMBER, True, "drill restore")
    keep(store, DrillState.UNDER_WAY, "2026-11-23T03:00:00.000000Z")
    found = line(own(store, plan()).lines(clock.now), "restore")
    assert (found.light, found.helps) == (Light.AMBER, "")
    assert found.why.startswith("DRILL-1 is under way since 03:00 UTC")


def test_a_drill_of_people_alone_is_not_measured(store: SqliteStore, clock: Clock) -> None:
    found = line(own(store, plan()).lines(clock.now), "full")
    assert (found.light, found.promised) == (Light.UNKNOWN, "annually")
    assert found.why.startswith("All teams holds it by hand")


def test_the_age_of_a_drill_is_of_the_one_that_passed(store: SqliteStore, clock: Clock, held: Drill) -> None:
    keep(store, DrillState.FAILED, "2026-11-22T03:00:00.000000Z")
    assert own(store, plan()).ages_s(clock.now) == {"drill:restore": 4 * 86400.0}


def test_the_trend_of_drills_is_drawn_once_there_is_one(store: SqliteStore, clock: Clock) -> None:
    assert trends(plan(), store) == ()
    keep(store, DrillState.PASSED, "2026-11-19T03:12:00.000000Z")
    ((title, drawn),) = trends(plan(), store)
    assert title == "Restore to staging"
    assert drawn.startswith("<svg")


def test_vacant_seats_are_counted(store: SqliteStore, clock: Clock) -> None:
    found = line(own(store, plan()).lines(clock.now), "people-and-seats")
    assert (found.light, found.place) == (Light.AMBER, "watch")
    assert "vacant" in found.why
    assert "more)" in found.why


def test_nobody_on_call_at_all_is_red(store: SqliteStore, clock: Clock) -> None:
    found = line(own(store, plan(people={})).lines(clock.now), "people-and-seats")
    assert found.light is Light.RED
    assert found.why.startswith("nobody has the role on-call")


@pytest.mark.parametrize(
    ("said", "light"),
    [
        ("none: approved runs wait until `dr serve` runs", Light.AMBER),
        ("host:1, 0 running; ALARM: nobody resumes RUN-4", Light.RED),
        ("host:1, 2 running", Light.GREEN),
    ],
)
def test_the_engine(store: SqliteStore, clock: Clock, said: str, light: Light) -> None:
    found = line(own(store, plan(), engine=lambda: said).lines(clock.now), "engine")
    assert (found.light, found.why) == (light, said)


def test_what_else_is_watched(store: SqliteStore, clock: Clock) -> None:
    made = own(
        store,
        plan(),
        off=(("SLACK_BOT_TOKEN", "Slack is off"), ("X", "y")),
        breakers=lambda: (Breaker("staging/database", "2026-11-23T03:00:00.000000Z", ("RUN-1", "RUN-2")),),
        troubles=lambda: (Trouble("Heartbeat", "the URL in DR_HEARTBEAT_URL answered 500"),),
    )
    found = made.lines(clock.now)
    assert line(found, "settings").why == "not set: SLACK_BOT_TOKEN, X"
    assert line(found, "circuit-breaker").why == "open: staging/database since 03:00:00 UTC (RUN-1, RUN-2)"
    assert line(found, "heartbeat").light is Light.AMBER
    assert line(found, "incidents").light is Light.GREEN
    assert all(one.place == "watch" for one in found[-5:])


def test_who_is_on_call(store: SqliteStore) -> None:
    assert own(store, plan()).on_call() == ()
    (nobody,) = own(store, plan(), roster=lambda: Roster((), "PagerDuty")).on_call()
    assert (nobody.light, nobody.why) == (Light.RED, "nobody is on call, by PagerDuty")
