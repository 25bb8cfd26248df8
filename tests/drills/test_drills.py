"""Drills on the real store and engine: held, measured against the promises, certified, or refused."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from bot.domain.drill import DrillState, PartState
from bot.domain.person import Person
from bot.domain.run import RunState
from bot.domain.schedule import schedule_id
from bot.drills import advance
from bot.drills.view import trouble_with
from bot.store.journal import verify
from tests.drills.conftest import LOOK, House, ago, at, fresh, rehearse, until

Make = Callable[..., House]
SCHEDULE = Person(schedule_id("monthly-drill"), "the plan's schedule “Monthly drill”")


def test_one_command_and_recovery_is_proven_and_measured(house: Make) -> None:
    made = house(fresh(), LOOK)
    held = made.hold()
    assert (held.ref, held.state, held.started_by) == ("DRILL-1", DrillState.UNDER_WAY, "ana")
    ended = made.ended(held)
    assert ended.state is DrillState.PASSED, ended.said
    assert ended.said.startswith("Recovery worked, in ")
    assert "RTO 4 h promised and kept. RPO 1 h promised and kept: 12 min" in ended.said
    assert [part.state for part in ended.parts] == [PartState.HELD, PartState.HELD]
    first, look = (made.runs.get(number) for number in ended.runs)
    assert (first.requested_by, first.approved_by, first.state) == ("ana", "ana", RunState.VERIFIED)
    assert look.state is RunState.VERIFIED
    assert ended.rpo_s is not None
    assert 12 * 60 <= ended.rpo_s < 13 * 60
    assert ended.rto_s is not None
    assert 0 < ended.rto_s < 25
    assert made.kinds() == ["drill-started", "drill-passed"]
    assert made.shelf.names(first.id) == {"guard", "load", "verify", "defuse", "drop"}


def test_the_certificate_holds_everything_and_is_journalled_whole(house: Make) -> None:
    made = house(fresh(), LOOK)
    ended = made.ended(made.hold())
    paper = made.certificate(ended)
    assert (paper.ref, paper.drill, paper.asked_by, paper.passed) == ("DRILL-1", "restore", "Ana Lima", True)
    (came,) = paper.rehearsed
    assert (came.rows, came.tables, came.size_bytes) == (8_231_904, 9, 1_912_000_000)
    groups = dict(paper.groups)
    assert [name for name, _ in paper.groups] == [
        "survey", "guards", "load", "verify", "hand over", "smoke test", "clean up", "between them",
    ]  # fmt: skip
    took_s = sum(groups.values())
    first, last = made.store.read("SELECT at FROM journal WHERE kind LIKE 'drill-%' ORDER BY seq")
    assert took_s == pytest.approx((at(last[0]) - at(first[0])).total_seconds(), abs=0.05)
    assert [phase.held for phase in paper.phases] == [True] * len(paper.phases)
    assert paper.parts[0].facts[0] == ("backup", "belezza_production_20261123_020000.sql.gz, 339 MB")
    entry = json.loads(made.store.read("SELECT data FROM journal WHERE kind = 'drill-passed'")[0][0])
    assert entry == paper.as_json()
    assert trouble_with(made.store, paper) == ""
    assert verify(made.store) is None


def test_it_restored_but_the_data_is_older_than_the_promise(house: Make) -> None:
    made = house(rehearse(ago(hours=9, minutes=12)))
    ended = made.ended(made.hold())
    assert ended.state is DrillState.FAILED
    assert ended.said.startswith("Recovery worked, in ")
    assert "RPO 1 h promised, 9 h 12 min measured: the backup is from " in ended.said
    paper = made.certificate(ended)
    assert (paper.recovered, paper.passed) == (True, False)
    assert [one.kept for one in paper.objectives] == [True, False]
    assert ended.rto_s is not None, "how fast it was is known all the same"


def test_too_slow_is_a_broken_promise_too(house: Make) -> None:
    made = house(fresh(), rto="0.001s")
    ended = made.ended(made.hold())
    assert (ended.state, "RTO 1 ms promised, " in ended.said) == (DrillState.FAILED, True), ended.said
    assert made.certificate(ended).recovered


@pytest.mark.parametrize(
    ("how", "state", "said"),
    [
        ("fail-check", RunState.UNDONE, "2 of 9 tables differ"),
        ("refuse-guard", RunState.REFUSED, "the backup was overwritten"),
        ("refuse-verify", RunState.UNDONE, "the backup was overwritten"),
    ],
)
def test_a_run_that_fails_fails_the_drill(house: Make, how: str, state: RunState, said: str) -> None:
    made = house(fresh(how), fresh(place="attic"), LOOK)
    ended = made.ended(made.hold())
    assert ended.state is DrillState.FAILED
    assert ended.said.startswith("Recovery did not work: Rehearse a restore: ")
    assert said in ended.said
    assert [part.state for part in ended.parts] == [PartState.FAILED, PartState.SPARED, PartState.HELD]
    assert made.runs.get(ended.runs[0]).state is state
    assert len(ended.runs) == 2, "what follows is not run, unless it only looks"
    assert ended.rto_s is None
    assert made.kinds() == ["drill-started", "drill-failed"]


def test_a_survey_that_refuses_leaves_no_run(house: Make) -> None:
    made = house(fresh("refuse-survey"))
    ended = made.ended(made.hold())
    assert ended.said == (
        "Recovery was not rehearsed: Rehearse a restore: no backup of production can be proven whole:"
        " the newest has no manifest."
    )
    assert (ended.runs, ended.state) == ((), DrillState.FAILED)


def test_what_cannot_say_of_when_its_data_is_keeps_no_promise(house: Make) -> None:
    made = house(rehearse("yesterday, or so"))
    ended = made.ended(made.hold())
    assert ended.state is DrillState.FAILED
    assert "RPO 1 h promised, not measured: RUN-1 did not say of when its data is." in ended.said


def test_a_drill_of_looks_alone_certifies_no_recovery(house: Make) -> None:
    made = house(LOOK)
    ended = made.ended(made.hold())
    assert (ended.state, ended.rto_s, ended.rpo_s) == (DrillState.FAILED, None, None)
    assert ended.said == "Recovery was not rehearsed: every part of this drill only looks."


def test_a_plan_of_drills_is_kept_as_it_was_when_it_began(house: Make) -> None:
    made = house(fresh(), started=False)
    held = made.hold()
    made.plan.testing.tests.clear()  # type: ignore[union-attr]
    made.start()
    ended = made.ended(held)
    assert ended.state is DrillState.PASSED
    assert made.certificate(ended).every == "no longer in the plan"


def test_what_breaks_in_drbot_itself_is_told_and_tried_again(
    house: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: object) -> None:
        raise RuntimeError("the printer is on fire")

    monkeypatch.setattr(advance, "end", broken)
    made = house(fresh())
    held = made.hold()
    until(lambda: made.conductor.trouble)
    assert made.conductor.trouble == "DRILL-1 does not go on: RuntimeError: the printer is on fire"
    monkeypatch.undo()
    assert made.ended(held).state is DrillState.PASSED
    until(lambda: not made.conductor.trouble)


def test_an_rpo_kept_at_a_good_hour_only_says_so(house: Make) -> None:
    daily = '{title: Daily, cron: "0 2 * * *", action: back-up-database, params: {environment: production}}'
    made = house(fresh(), schedule=daily)
    ended = made.ended(made.hold())
    assert ended.state is DrillState.PASSED
    assert made.certificate(ended).caveat == (
        "The RPO was kept at this hour. At the worst one a loss costs up to 24 h, with the backup of"
        " `0 2 * * *`: the promise of 1 h is not kept around the clock."
    )
    assert "The RPO was kept at this hour" in made.say("certificate DRILL-1").document
