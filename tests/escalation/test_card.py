"""The clock on the incident's card: by when, who was told, who is next; and who answered."""

from __future__ import annotations

import re

from bot.beside import facts_beside, presses_beside
from bot.domain.severity import Severity
from tests.escalation.conftest import PEOPLE, Build, World


def answer(world: World) -> str:
    """The line with each moment as `03:15`, or as `2026-11-24 03:15` where it has its day."""
    facts = dict(facts_beside(world.store, world.plan, world.incident(), world.clocks.wall))
    said = re.sub(r"<!date\^\d+\^\{time\}\|\S+ (\d\d:\d\d) UTC>", r"\1", facts.get("Answer", ""))
    return re.sub(r"<!date\^\d+\^[^|]+\|(\S+ \d\d:\d\d) UTC>", r"\1", said)


def again(world: World) -> list[str]:
    presses = presses_beside(world.store, world.plan, world.incident())
    return [one.line for one in presses if one.name == "ack-again"]


def test_while_nobody_answers(build: Build) -> None:
    world = build()
    world.declare()
    world.turn()
    assert (
        answer(world)
        == "due *03:15*; told: On-call engineer 03:00; told next: Engineering lead 03:15, CTO 03:30"
    )
    world.live(15)
    assert answer(world) == (
        "⚠️ due *03:15*, *overdue*; told: On-call engineer 03:00, Engineering lead 03:15; told next: CTO 03:30"
    )
    world.live(15)
    assert answer(world).endswith("CTO 03:30; *nobody is left to tell*")


def test_the_card_is_drawn_anew_whenever_a_line_is_told(build: Build) -> None:
    world = build()
    world.declare()
    wanted = "SELECT wanted FROM outbox WHERE kind = 'incident-card'"
    world.turn()
    before = world.store.read(wanted)
    world.live(14.5)
    assert world.store.read(wanted) == before, "nothing to show, nothing to send"
    world.live(0.5)
    assert world.store.read(wanted) > before


def test_an_answer_is_overdue_from_its_moment_on_though_nobody_is_told_then(build: Build) -> None:
    table = [{"tell": "On-call engineer", "roles": ["on-call"]}]
    world = build(communication={"internal": table})
    world.declare(Severity.SEV3)
    wanted = "SELECT wanted FROM outbox WHERE kind = 'incident-card'"
    world.live(239, step_s=60)
    before = world.store.read(wanted)
    assert answer(world) == "due *07:00*; told: On-call engineer 05:00; *nobody is left to tell*"
    world.live(1, step_s=60)
    assert answer(world).startswith("⚠️ due *07:00*, *overdue*; told: On-call engineer 05:00")
    drawn = world.store.read(wanted)
    assert drawn > before, "the card is drawn anew when it falls due"
    world.live(5, step_s=60)
    assert world.store.read(wanted) == drawn, "and once is enough"


def test_a_moment_of_another_day_has_its_day(build: Build) -> None:
    world = build()
    world.clocks.forward(hours=19, minutes=2)
    world.declare(Severity.SEV3)
    assert answer(world) == "due *2026-11-24 02:02*; told next: On-call engineer 2026-11-24 00:02"


def test_a_vacant_seat_is_on_it(build: Build) -> None:
    world = build(people={name: one for name, one in PEOPLE.items() if name != "eva"})
    world.declare()
    world.live(15)
    assert "vacant: Engineering lead" in answer(world)


def test_once_it_is_answered(build: Build) -> None:
    world = build()
    world.declare()
    world.live(4)
    world.incidents.acknowledge(world.person("ana"), 1)
    assert answer(world) == "answered after 4 min by Ana Lima"
    assert again(world) == []


def test_worse_since_it_was_answered_there_is_a_button_again(build: Build) -> None:
    world = build()
    world.declare(Severity.SEV3)
    world.incidents.acknowledge(world.person("ana"), 1)
    world.incidents.set_severity(world.person("ana"), 1, Severity.SEV1)
    world.turn()
    assert answer(world).startswith("due *03:15* (SEV-3 → SEV-1); told: On-call engineer 03:00")
    assert again(world) == ["ack INC-1"]
    world.incidents.acknowledge(world.person("rui"), 1)
    assert again(world) == []
    assert answer(world) == "answered after 0 s by Rui Costa"


def test_without_a_clock_there_is_no_line(build: Build) -> None:
    world = build(severities={})
    world.declare()
    assert answer(world) == ""


def test_hostile_words_of_the_plan_stay_words(build: Build) -> None:
    table = [{"tell": "<!channel> *lead*", "roles": ["lead"]}]
    world = build(communication={"internal": table})
    world.declare()
    assert "<!channel>" not in answer(world)
