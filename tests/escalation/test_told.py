"""Nobody answers: each line of the plan is told when it is due, once; an answer ends it."""

from __future__ import annotations

from tests.escalation.conftest import Build


def test_nobody_answers_a_sev_1(build: Build, store_url: str) -> None:
    world = build(store_url)
    world.declare()
    world.turn()
    assert world.told() == ["On-call engineer 03:00"]
    world.live(14.5)
    assert world.told() == ["On-call engineer 03:00"]
    world.live(0.5)
    assert world.told() == ["On-call engineer 03:00", "Engineering lead 03:15"]
    world.live(45)
    assert world.told() == ["On-call engineer 03:00", "Engineering lead 03:15", "CTO 03:30"]
    assert world.jobs() == ["tell:1:1:1:ana", "tell:1:1:1:rui", "tell:1:1:2:eva", "tell:1:1:3:leo"]
    assert "unanswered for 15 min" in str(
        world.store.read("SELECT payload FROM outbound WHERE key = 'tell:1:1:2:eva'")
    )
    assert [one.split("\n")[0] for one in world.thread()] == ["U0ANA @rui", "U0EVA", "U0LEO"]
    assert "nobody has answered for 15 min" in world.thread()[1]
    assert "CTO is next, at 03:30 UTC" in world.thread()[1]


def test_an_answer_stops_it(build: Build, store_url: str) -> None:
    world = build(store_url)
    world.declare()
    world.live(15)
    world.incidents.acknowledge(world.person("eva"), 1)
    world.live(60)
    assert world.told() == ["On-call engineer 03:00", "Engineering lead 03:15"]
    (stopped,) = world.journal("clock-stopped")
    assert stopped.actor == "eva"
    assert stopped.data["after_s"] == 900.0
    assert stopped.data["in_time"] is True
    assert stopped.data["said"] == "Eva Reis answered after 15 min: the response clock stopped."
    assert world.store.read("SELECT 1 FROM tells WHERE told_at = ''") == []


def test_the_end_stops_it(build: Build, store_url: str) -> None:
    world = build(store_url)
    world.declare()
    world.turn()
    world.incidents.resolve(world.person("ana"), 1)
    world.live(60)
    assert world.told() == ["On-call engineer 03:00"]
    assert [one.data["outcome"] for one in world.journal("clock-stopped")] == ["resolved"]
