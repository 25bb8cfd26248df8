"""An incident that grows worse, milder or comes back: its clock begins anew, and tells nobody twice."""

from __future__ import annotations

import pytest

from bot.domain.answer import Refusal
from bot.domain.severity import Severity
from bot.escalation.clock import mind_clock
from bot.store.database import Tx
from tests.escalation.conftest import Build, World


def set_severity(world: World, severity: Severity) -> None:
    world.incidents.set_severity(world.person("ana"), 1, severity)


def test_worse_after_an_answer_is_answered_anew_by_anybody(build: Build, store_url: str) -> None:
    world = build(store_url)
    world.declare(Severity.SEV3)
    world.incidents.acknowledge(world.person("ana"), 1)
    world.clocks.forward(hours=1)
    set_severity(world, Severity.SEV1)
    assert world.clock().runs
    world.live(16)
    assert world.told() == ["On-call engineer 04:00", "Engineering lead 04:15"]
    world.incidents.acknowledge(world.person("eva"), 1)
    world.live(60)
    assert len(world.told()) == 2
    taken = world.journal("incident-acknowledged")
    assert [one.actor for one in taken] == ["ana", "eva"], "the first says how soon somebody came"
    assert world.incident().acknowledged_by == "eva"
    with pytest.raises(Refusal, match="already acknowledged by Eva Reis"):
        world.incidents.acknowledge(world.person("rui"), 1)


def test_an_answer_in_the_same_moment_as_the_change_counts(build: Build) -> None:
    world = build()
    world.declare(Severity.SEV3)
    world.incidents.acknowledge(world.person("ana"), 1)
    set_severity(world, Severity.SEV1)
    world.incidents.acknowledge(world.person("ana"), 1)
    assert not world.clock().runs


def test_nothing_but_the_severity_begins_it_anew_once_it_is_answered(build: Build) -> None:
    world = build()
    world.declare(Severity.SEV2)
    world.incidents.acknowledge(world.person("ana"), 1)
    world.incidents.note(world.person("ana"), 1, "looking")
    set_severity(world, Severity.SEV3)
    world.live(300)
    assert not world.clock().runs
    assert world.told() == []


def test_milder_while_nobody_answers_has_the_longer_time_and_tells_nobody_again(
    build: Build, store_url: str
) -> None:
    world = build(store_url)
    world.declare(Severity.SEV1)
    world.live(20)
    set_severity(world, Severity.SEV2)
    world.live(61)
    assert world.told() == ["On-call engineer 03:00", "Engineering lead 03:15"]
    set_severity(world, Severity.SEV1)
    world.live(31)
    assert world.told()[2:] == ["On-call engineer 04:21", "Engineering lead 04:36", "CTO 04:51"]
    assert [one.data["reason"] for one in world.journal("clock-started")] == [
        "opened",
        "SEV-1 → SEV-2",
        "SEV-2 → SEV-1",
    ]


def test_what_comes_back_is_told_anew(build: Build, store_url: str) -> None:
    world = build(store_url)
    world.declare()
    world.live(1)
    world.incidents.resolve(world.person("ana"), 1)
    world.clocks.forward(minutes=5)
    world.reopen()
    world.live(16)
    assert world.told() == ["On-call engineer 03:00", "On-call engineer 03:06", "Engineering lead 03:21"]
    assert world.clock().reason == "reopened"


def test_an_incident_of_before_there_were_clocks_gets_its_whole_time(build: Build) -> None:
    world = build()
    world.declare()
    world.store.write(lambda tx: [tx.run("DELETE FROM clocks"), tx.run("DELETE FROM tells")])
    world.clocks.forward(hours=5)
    world.incidents.note(world.person("ana"), 1, "still down")
    world.live(15)
    assert world.told() == ["On-call engineer 08:00", "Engineering lead 08:15"]


def test_a_severity_without_a_time_stops_it_and_another_begins_it(build: Build) -> None:
    world = build()
    world.declare(Severity.SEV2)
    set_severity(world, Severity.NONE)
    world.live(120)
    assert world.told() == []
    set_severity(world, Severity.SEV2)
    world.live(1)
    assert world.told() == ["On-call engineer 05:00"]


def test_a_plan_without_times_has_no_clocks(build: Build) -> None:
    world = build(severities={})
    world.declare()
    world.incidents.acknowledge(world.person("ana"), 1)
    assert world.journal("clock-started", "clock-stopped", "escalated") == []
    with pytest.raises(Refusal, match="already acknowledged"):
        world.incidents.acknowledge(world.person("rui"), 1)


def test_asked_any_number_of_times_nothing_more_happens(build: Build) -> None:
    world = build()
    one = world.declare()
    for _ in range(3):
        world.store.write(lambda tx: mind_clock(tx, world.plan, one))
    assert world.clock().round == 1
    assert len(world.journal("clock-started")) == 1


def test_an_incident_that_did_not_change_costs_one_statement(build: Build) -> None:
    world = build()
    one = world.declare()
    said: list[str] = []

    class Counted:
        def __init__(self, tx: Tx) -> None:
            self._tx = tx
            self.now = tx.now

        def all(self, sql: str, params: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
            said.append(sql)
            return self._tx.all(sql, params)

    world.store.write(lambda tx: mind_clock(Counted(tx), world.plan, one))  # type: ignore[arg-type]
    assert len(said) == 1
