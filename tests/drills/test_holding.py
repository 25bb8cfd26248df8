"""Who holds a drill, when it is refused, and what it waits for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.domain.answer import Refusal, UsageError
from bot.domain.drill import DrillState
from bot.domain.person import Person
from bot.domain.run import RunState
from bot.domain.schedule import schedule_id
from bot.drills import advance
from bot.store import runs as run_rows
from tests.drills.conftest import LOOK, House, fresh, plan_of, until

Make = Callable[..., House]
SCHEDULE = Person(schedule_id("monthly-drill"), "the plan's schedule “Monthly drill”")


def test_one_of_a_kind_at_a_time(house: Make) -> None:
    made = house(fresh("wait-load"))
    held = made.hold(key="slack:1")
    assert made.hold(key="slack:1").id == held.id, "the same press is the same drill"
    with pytest.raises(Refusal, match=r"DRILL-1 \(Backup restore to staging\) is under way since .*Ana Lima"):
        made.hold("rui")
    made.shelf.gate.set()
    made.ended(held)
    assert made.hold("rui").id == 2


def test_who_may_not_and_what_is_not_there(house: Make) -> None:
    made = house(fresh(), started=False)
    with pytest.raises(Refusal, match="only on-call may ask for"):
        made.hold("leo")
    with pytest.raises(Refusal, match="does not name you"):
        made.drills.hold(Person("schedule:monthly-drill", "x", known=False), "restore")
    with pytest.raises(UsageError, match=r"no drill 'restor': did you mean 'restore'\? it has restore, full"):
        made.drills.hold(made.person("ana"), "restor")
    with pytest.raises(Refusal, match="held by people"):
        made.drills.hold(made.person("ana"), "full")
    with pytest.raises(Refusal, match="no schedule of the plan"):
        made.drills.hold(Person(schedule_id("nightly"), "x"), "restore")
    assert made.drills.recent() == []


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("{action: make-coffee}", "there is no such action here"),
        ("{action: high-shelve, params: {place: hall}}", "a drill never risks what it rehearses"),
    ],
)
def test_what_the_plan_may_not_have_it_do(house: Make, does: str, said: str) -> None:
    made = house(LOOK, does, started=False)
    with pytest.raises(Refusal, match=said):
        made.hold()


def test_a_schedule_holds_it_in_its_own_name(house: Make) -> None:
    made = house(fresh(), LOOK)
    held = made.drills.hold(SCHEDULE, "restore", "schedule:monthly-drill:1")
    ended = made.ended(held)
    assert ended.state is DrillState.PASSED, ended.said
    assert made.certificate(ended).asked_by == "the plan's schedule “Monthly drill”"
    assert {made.runs.get(number).requested_by for number in ended.runs} == {"schedule:monthly-drill"}


def test_where_the_plan_wants_another_to_approve_the_drill_says_so(house: Make) -> None:
    made = house(fresh(), approve="approver")
    ended = made.ended(made.hold())
    assert ended.state is DrillState.FAILED
    assert "RUN-1 was not approved: low risk is approved by approver only. Ask Rui Costa" in ended.said
    assert made.runs.get(1).state is RunState.CANCELLED, "nothing is left behind for somebody to press"
    assert made.ended(made.hold("rui")).state is DrillState.PASSED


def test_it_waits_for_whoever_works_on_the_target(house: Make) -> None:
    made = house(fresh())
    made.store.write(
        lambda tx: tx.run("INSERT INTO locks (target, run, since) VALUES ('staging/*', 99, ?)", (tx.now,))
    )
    held = made.hold()
    until(lambda: made.drill(held).runs)
    first = made.runs.get(made.drill(held).runs[0])
    assert first.state is RunState.PROPOSED
    assert made.drill(held).state is DrillState.UNDER_WAY
    made.store.write(lambda tx: tx.run("DELETE FROM locks"))
    assert made.ended(held).state is DrillState.PASSED
    refused = made.store.read("SELECT COUNT(*) FROM journal WHERE kind = 'press-refused'")
    assert refused == [(0,)], "waiting is not pressing again and again"


def test_somebody_denies_what_waits(house: Make) -> None:
    made = house(fresh())
    made.store.write(
        lambda tx: tx.run("INSERT INTO locks (target, run, since) VALUES ('staging/*', 99, ?)", (tx.now,))
    )
    held = made.hold()
    until(lambda: made.drill(held).runs)
    made.runs.deny(made.person("rui"), made.drill(held).runs[0], "not now")
    assert "RUN-1 denied: denied by Rui Costa: not now" in made.ended(held).said


def test_a_person_who_left_the_plan_holds_no_drill(house: Make) -> None:
    made = house(fresh(), started=False)
    held = made.hold("rui")
    made.plan.people.pop("rui")
    made.start()
    assert "the plan no longer names rui" in made.ended(held).said


def test_plans_without_drills_say_so(house: Make) -> None:
    made = house(LOOK, started=False)
    assert plan_of(LOOK).testing is not None
    made.plan.testing.tests.clear()  # type: ignore[union-attr]
    with pytest.raises(UsageError, match="the plan has no drills"):
        made.hold()


def test_a_schedules_drill_is_asked_for_again_where_it_was_held_back(
    house: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advance, "ASK_AGAIN_S", 0.05)
    made = house(fresh())
    made.store.write(
        lambda tx: tx.run("INSERT INTO locks (target, run, since) VALUES ('staging/*', 99, ?)", (tx.now,))
    )
    held = made.drills.hold(SCHEDULE, "restore", "schedule:monthly-drill:1")
    until(lambda: held.id in made.drilling.held_back)
    assert (made.drill(held).runs, made.drill(held).state) == ((), DrillState.UNDER_WAY)
    made.store.write(lambda tx: tx.run("DELETE FROM locks"))
    assert made.ended(held).state is DrillState.PASSED


def test_what_is_held_back_for_too_long_fails(house: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advance, "HELD_BACK_AT_MOST_S", 0.0)
    made = house(fresh())
    made.store.write(
        lambda tx: tx.run("INSERT INTO locks (target, run, since) VALUES ('staging/*', 99, ?)", (tx.now,))
    )
    said = made.ended(made.drills.hold(SCHEDULE, "restore")).said
    assert "Recovery was not rehearsed: Rehearse a restore: held back for 0 minutes: RUN-99 works on" in said


@pytest.mark.parametrize("times", [1, advance.ATTEMPTS])
def test_what_lost_a_race_before_it_began_is_asked_for_again(house: Make, times: int) -> None:
    made = house(fresh(), started=False)
    held = made.hold()
    for attempt in range(1, times + 1):
        key = f"drill:{held.id}:0" + (f".{attempt}" if attempt > 1 else "")
        doing = held.parts[0].doing
        lost = made.runs.propose(made.person("ana"), doing.action, doing.params, None, key)
        ended = replace(lost, state=RunState.REFUSED, outcome="RUN-99 works on staging/hall")
        made.store.write(lambda tx, ended=ended: run_rows.save(tx, ended))  # type: ignore[misc]
    made.start()
    over = made.ended(held)
    if times == 1:
        assert (over.state, over.runs) == (DrillState.PASSED, (2,))
    else:
        assert "was refused 5 times before it began, last: RUN-99 works on staging/hall" in over.said
