"""Vacant seats, people without an address, and the pager: who is reached instead, and that it is said."""

from __future__ import annotations

from datetime import datetime

from bot.domain.severity import Severity
from bot.escalation.reach import foretell
from bot.escalation.telling import Telling
from bot.oncall import Roster
from tests.escalation.conftest import PEOPLE, Build, World


def without(*names: str) -> dict[str, object]:
    return {name: entry for name, entry in PEOPLE.items() if name not in names}


def test_a_vacant_seat_has_the_next_told_at_once(build: Build, store_url: str) -> None:
    world = build(store_url, people=without("eva"))
    world.declare()
    world.live(15)
    assert world.told() == ["On-call engineer 03:00", "Engineering lead 03:15", "CTO 03:15"]
    assert [one.data["tell"] for one in world.journal("seat-vacant")] == ["Engineering lead"]
    assert "nobody has the role lead. CTO is told now, instead of waiting." in world.thread()[1]
    world.live(60)
    assert len(world.told()) == 3


def test_nobody_at_all_is_said_to_the_last(build: Build) -> None:
    world = build(people={"zoe": {"name": "Zoe", "roles": []}, "ana": {"name": "Ana", "roles": []}})
    world.incidents.declare(world.person("zoe"), "database down", Severity.SEV1)
    world.turn()
    assert world.told() == ["On-call engineer 03:00", "Engineering lead 03:00", "CTO 03:00"]
    assert len(world.journal("seat-vacant")) == 3
    assert "whoever reads this, take it" in world.thread()[-1]


def test_somebody_without_any_address_is_not_thought_told(build: Build) -> None:
    people = {**without("eva"), "eva": {"name": "Eva Reis", "roles": ["lead"]}}
    world = build(people=people)
    world.declare()
    world.live(15)
    assert world.told()[1:] == ["Engineering lead 03:15", "CTO 03:15"]
    (vacant,) = world.journal("seat-vacant")
    assert "neither mail address nor Slack account of Eva Reis" in str(vacant.data["said"])


def test_where_no_mail_goes_out_a_mention_is_all_and_an_address_alone_reaches_nobody(build: Build) -> None:
    people = {**without("leo"), "leo": {"name": "Leo Dias", "email": "leo@example.org", "roles": ["cto"]}}
    world = build(people=people)
    world.begin_anew(Telling(world.store, world.plan, pager=False, mail=False))
    world.declare()
    world.live(31)
    assert world.jobs() == []
    assert [one.data["said"] for one in world.journal("escalated")][1:] == [
        "On-call engineer was told by a mention in the incident's thread: Ana Lima, Rui Costa.",
        "Engineering lead was told by a mention in the incident's thread: Eva Reis.",
    ]
    (vacant,) = world.journal("seat-vacant")
    assert "no Slack account of Leo Dias, and drbot sends no mail" in str(vacant.data["said"])


def test_with_a_pager_on_call_is_paged_and_the_lead_is_written_to(build: Build, store_url: str) -> None:
    world = build(store_url, pager=True)
    world.declare()
    world.live(15)
    (page,) = world.store.read("SELECT action, incident FROM outbound WHERE way = 'pagerduty'")
    assert tuple(page) == ("trigger", 1)
    assert world.jobs() == ["tell:1:1:2:eva"]
    told = [one for one in world.journal("escalated") if one.data["ways"] == ["page"]]
    assert told[0].data["said"] == "On-call engineer was told by PagerDuty: Ana Lima, Rui Costa."


def test_a_pager_knows_whom_to_wake_though_the_plan_does_not(build: Build) -> None:
    world = build(pager=True, people=without("rui", "ana") | {"zoe": {"name": "Zoe", "roles": []}})
    world.incidents.declare(world.person("zoe"), "database down", Severity.SEV1)
    world.turn()
    assert world.journal("seat-vacant") == []
    assert len(world.store.read("SELECT 1 FROM outbound WHERE way = 'pagerduty'")) == 1


def test_the_roster_says_who_is_on_call(build: Build) -> None:
    world = build()
    world.roster = Roster(("leo",), "PagerDuty", paged=True)
    world.declare()
    world.turn()
    assert world.jobs() == ["tell:1:1:1:leo"]


def test_what_is_foretold_is_what_happens(build: Build) -> None:
    for number, (severity, gone) in enumerate(
        [
            (Severity.SEV1, ()),
            (Severity.SEV1, ("eva",)),
            (Severity.SEV1, ("eva", "leo")),
            (Severity.SEV2, ("leo",)),
            (Severity.SEV3, ()),
            (Severity.SEV4, ("ana",)),
        ],
        1,
    ):
        world = build(people=without(*gone) | {"zoe": {"name": "Zoe", "roles": []}})
        begins = world.clocks.now
        expected = foretell(world.plan, severity, begins, world.roster, pager=False)
        world.incidents.declare(world.person("zoe"), f"trouble {number}", severity)
        world.live(1500, step_s=60)
        happened = told_of(world, number)
        assert happened == [
            (one.step.tell, one.at, tuple(person.id for person in one.reach.who), one.reach.reached)
            for one in expected
        ]


def test_the_channel_is_told_by_the_card_itself(build: Build) -> None:
    world = build()
    world.declare()
    assert [one.data["tell"] for one in world.journal("escalated")] == ["Slack #belezza-alerts"]
    assert world.store.read("SELECT key FROM outbox WHERE kind = 'incident-card'")


def told_of(world: World, number: int) -> list[tuple[object, ...]]:
    return [
        (
            one.data["tell"],
            datetime.fromisoformat(one.at),
            tuple(one.data["people"]),  # type: ignore[arg-type]
            one.kind == "escalated",
        )
        for one in world.journal("escalated", "seat-vacant", number=number)
    ]
