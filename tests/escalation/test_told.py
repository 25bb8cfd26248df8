"""Nobody answers: each line of the plan is told when it is due, once; an answer ends it."""

from __future__ import annotations

from bot.domain.severity import Severity
from tests.escalation.conftest import Build, World


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


def channel_told(world: World) -> list[str]:
    return [str(one.data["said"]) for one in world.journal("escalated") if one.data["ways"] == ["channel"]]


def news(world: World) -> list[str]:
    rows = world.store.read(
        "SELECT payload FROM outbox WHERE kind = 'incident-news' ORDER BY created_at, key"
    )
    return [str(row[0]) for row in rows]


def test_the_timeline_says_how_the_channel_was_told_each_time(build: Build) -> None:
    world = build()
    world.declare(Severity.SEV3)
    world.incidents.acknowledge(world.person("ana"), 1)
    world.clocks.forward(minutes=1)
    world.incidents.set_severity(world.person("ana"), 1, Severity.SEV1, "all salons")
    world.clocks.forward(minutes=1)
    world.incidents.resolve(world.person("ana"), 1)
    world.clocks.forward(minutes=1)
    world.store.write(
        lambda tx: world.incidents.reopen_within(tx, world.person("ana"), 1, "Ana Lima saw it again")
    )
    name = "Slack #belezza-alerts was told"
    assert channel_told(world) == [
        f"{name}: the incident's card is posted there by itself.",
        f"{name}: that it is graver is said there, and its card edited.",
        f"{name}: that it is open again is said there, and its card edited.",
    ]
    press = "Acknowledge on the card, or with `/dr ack INC-1`."
    assert news(world) == [
        f"SEV-1 INC-1 “database down”: Ana Lima set SEV-1 (was SEV-3): all salons. {press}",
        f"SEV-1 INC-1 “database down”: reopened, Ana Lima saw it again. {press}",
    ]


def test_the_last_who_is_called_reads_that_nobody_is_behind_them(build: Build) -> None:
    world = build()
    world.declare()
    world.live(31)
    assert (
        "There is nobody behind them in the plan's table: whoever reads this, take it." in world.thread()[2]
    )
    assert "nobody behind" not in world.thread()[1]


def test_the_next_who_is_told_tomorrow_is_named_with_the_day(build: Build) -> None:
    table = [{"tell": "On-call", "roles": ["on-call"]}, {"tell": "Lead", "roles": ["lead"]}]
    world = build(communication={"internal": table})
    world.declare(Severity.SEV4)
    world.live(12 * 60, step_s=600)
    assert "Lead is next, at 2026-11-24 03:00 UTC." in world.thread()[0]
