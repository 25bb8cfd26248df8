"""Walks and drills that were under way in the copy are ended, and no number is given twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.domain.drill import Drill, DrillPart, DrillState, PartState
from bot.domain.severity import Severity
from bot.domain.walk import Doing, StepState, Walk, WalkState, WalkStep, next_step
from bot.domain.walk import Rest as WalkRests
from bot.drills.progress import Rest, next_move
from bot.drills.view import certificate_of
from bot.incidents import Incidents
from bot.report import request_report
from bot.self_dr import back_up
from bot.self_dr.numbers import NUMBERS_LEFT_OUT
from bot.store import drills, incidents, runs, walks
from bot.store.journal import verify
from tests.self_dr.memories import Memories, Memory, both, bring_back

AT = "2026-11-23T02:39:00.000000Z"


def begin_drill(memory: Memory, name: str = "failover") -> Drill:
    parts = (
        DrillPart(Doing("look", "Look"), only_looks=True, state=PartState.HELD, said="well"),
        DrillPart(Doing("shelve", "Rehearse")),
    )
    drill = Drill(0, name, "Failover simulation", DrillState.UNDER_WAY, "ana", AT, parts=parts)
    return memory.store.write(lambda tx: drills.insert(tx, drill))


def begin_walk(memory: Memory, incident: int | None = None) -> Walk:
    steps = (
        WalkStep("Look", does=(Doing("look"),), state=StepState.HELD),
        WalkStep("Turn the key", command="by hand", state=StepState.BY_HAND, began_at=AT, stood_at=AT),
    )
    walk = Walk(0, "recovery", "Recovery", "production", "ana", AT, steps, incident=incident)
    return memory.store.write(lambda tx: walks.insert(tx, walk))


@both
def test_drills_and_walks_of_then_do_not_go_on_by_themselves(
    memories: Memories, tmp_path: Path, engine: str
) -> None:
    before = memories.open(memories.url(engine))
    ana = before.plan.person("ana")
    assert ana
    house = Incidents(before.store, before.plan, request_report)
    incident = house.declare(ana, "the shelf is wet", Severity.SEV2)
    drill, walk, alone = begin_drill(before), begin_walk(before, incident.id), begin_walk(before)
    where = back_up(before.url, str(tmp_path / "copies"), {}).where

    url = memories.url(engine)
    ended = bring_back(url, where).settled
    after = memories.open(url)
    assert (ended.drills, ended.walks) == ((drill.ref,), (walk.ref, alone.ref))
    assert ended.open_incidents == (incident.ref,)
    held = drills.get(after.store, drill.id)
    assert held
    assert (held.state, certificate_of(held), held.rto_s) == (DrillState.FAILED, None, None)
    assert "not finished when the memory was copied" in held.said
    assert [part.state for part in held.parts] == [PartState.HELD, PartState.SPARED]
    assert isinstance(next_move(held, {}), Rest)
    for one in (walk, alone):
        stopped = walks.get(after.store, one.id)
        assert stopped
        assert stopped.state is WalkState.STOPPED
        assert "Begin it anew" in stopped.said
        assert isinstance(next_step(stopped, {}), WalkRests)
    assert (drills.active(after.store), walks.active(after.store)) == ([], [])
    told = {
        key: (parent, payload)
        for key, parent, payload in after.store.read("SELECT key, parent, payload FROM outbox")
    }
    assert told[f"walk:{walk.id}:stopped"][0] == f"incident:{incident.id}:card"
    assert told[f"walk:{alone.id}:stopped"][0] == f"walk:{alone.id}:card"
    assert "nothing is certified" in told[f"drill:{drill.id}:end"][1]
    stops = after.store.read("SELECT incident FROM journal WHERE kind = 'runbook-stopped' ORDER BY seq")
    assert stops == [(incident.id,), (None,)]
    assert verify(after.store) is None


@both
def test_no_number_of_the_lost_time_is_given_again(memories: Memories, tmp_path: Path, engine: str) -> None:
    before = memories.open(memories.url(engine))
    ended = replace(begin_drill(before), state=DrillState.PASSED, ended_at=AT)
    before.store.write(lambda tx: drills.save(tx, ended))
    where = back_up(before.url, str(tmp_path / "copies"), {}).where  # before the first run, walk and incident
    url = memories.url(engine)
    bring_back(url, where)
    after = memories.open(url)
    assert after.ask("new").id == NUMBERS_LEFT_OUT + 1
    assert begin_walk(after).id == NUMBERS_LEFT_OUT + 1
    assert begin_drill(after, "restore").id == ended.id + NUMBERS_LEFT_OUT + 1
    ana = after.plan.person("ana")
    assert ana
    house = Incidents(after.store, after.plan, request_report)
    assert house.declare(ana, "the shelf is wet").id == NUMBERS_LEFT_OUT + 1
    assert [one.id for one in incidents.open_incidents(after.store)] == [NUMBERS_LEFT_OUT + 1]
    mark = runs.get(after.store, NUMBERS_LEFT_OUT)
    assert mark
    assert mark.outcome.startswith("no run: numbers up to here may have been given after 20")
    assert drills.newest(after.store, "failover") == ended
