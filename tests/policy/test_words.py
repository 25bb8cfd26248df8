"""The verbs, as people say them: what holds runs back, and how it is let go."""

from __future__ import annotations

from bot.commands.console import Where
from bot.commands.desk import Desk
from bot.commands.switchboard import Switchboard
from bot.domain.answer import Answer, Exit
from bot.domain.run import RunState
from bot.incidents import Incidents
from bot.oncall import PlanOnCall
from bot.store import journal
from bot.timeline import timeline
from tests.policy.conftest import Build, World, plan_of

FROZEN = {"title": "Sale", "because": "we sell", "weekly": "mon 00:00 - tue 00:00", "risks": ["low"]}


def say(world: World, line: str, who: str = "rui") -> Answer:
    tools = world.shelf.toolbox()
    told = Incidents(world.store, world.plan, lambda tx, incident: None)
    desk = Desk(world.plan, world.root, world.store, told, world.runs, world.actions, tools)
    return Switchboard(desk).execute(line, world.person(who), Where("shell"))


def test_a_breaker_is_listed_and_closed_in_words(build: Build) -> None:
    world = build(limits={"per_target_hour": 100})
    assert say(world, "breakers").title == "Every circuit breaker is closed."
    for _ in range(3):
        world.go(RunState.FAILED)
    listed = say(world, "breakers")
    assert listed.title == "One circuit breaker is open."
    assert listed.table
    assert listed.table.rows[0][0] == "staging/hall"
    assert any(
        "Circuit breaker open: staging/hall since 12:00:03 UTC" in line for line in say(world, "status").lines
    )
    refused = say(world, "run low-shelve place=hall")
    assert refused.exit is Exit.REFUSED
    assert say(world, "breaker close staging/hall", "eva").exit is Exit.USAGE
    assert say(world, "breaker close staging/hall fine", "leo").exit is Exit.REFUSED
    closed = say(world, "breaker close staging/hall the disk=full, freed", "eva")
    assert closed.title == "The circuit breaker of staging/hall is closed by Eva Reis: runs may begin again."
    row = world.store.read("SELECT actor, data FROM journal WHERE kind = 'breaker-closed'")[0]
    assert row[0] == "eva"
    assert '"reason":"the disk=full, freed"' in row[1]


def test_the_glass_is_broken_in_words_and_the_timeline_tells_it(build: Build) -> None:
    world = build(freezes=[FROZEN])
    world.declare(7)
    assert "frozen for low runs" in say(world, "run low-shelve place=hall incident=INC-7").title
    asked = say(world, 'run low-shelve place=hall incident=INC-7 break_glass="customers cannot pay"')
    assert asked.exit is Exit.DONE
    assert any("! Break-glass by Rui Costa: “customers cannot pay”" in line for line in asked.lines)
    told = timeline(journal.of_incident(world.store, 7), (), {"rui": "Rui Costa"})
    assert "Rui Costa broke the glass for RUN-1: customers cannot pay; overridden: freeze" in [
        moment.what for moment in told
    ]
    note = world.store.read("SELECT channel, parent, payload FROM outbox WHERE key = 'run:1:glass'")[0]
    assert note[:2] == ("#belezza-alerts", "incident:7:card")
    assert note[2].startswith("RUN-1 (Furnish the shelf, staging/hall): Break-glass by Rui Costa")


def test_breakers_read_well_in_the_timeline(build: Build) -> None:
    world = build(limits={"per_target_hour": 100})
    world.declare(7)
    for _ in range(3):
        world.go(RunState.FAILED, incident=7)
    told = [moment.what for moment in timeline(journal.of_incident(world.store, 7), ())]
    ends = "RUN-1 (failed); RUN-2 (failed); RUN-3 (failed)"
    assert f"the circuit breaker of staging/hall opened: {ends} ended badly" in told


def test_oncall_and_status_say_where_it_is_known_from(build: Build) -> None:
    world = build()
    assert say(world, "oncall").title == "On call: Ana Lima, Rui Costa."
    assert say(world, "oncall").lines == ("Known from the plan's roles.",)
    mute = build(PlanOnCall(plan_of({}), "PagerDuty is silent"))
    assert "PagerDuty is silent." in say(mute, "oncall").lines
    assert "PagerDuty is silent." in say(mute, "status").lines
