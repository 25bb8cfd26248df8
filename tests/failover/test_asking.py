"""Asked is the new place, whatever the resolver here still answers: its health decides, not the old one's."""

from __future__ import annotations

import pytest

from actions.failover.fail_over import fail_over_name
from actions.failover.record_moves import Asked, probe_by_name
from actions.plan import Context, NotVerified
from actions.tools.dns.route53 import Kind, Record
from tests.actions.running import planned
from tests.real.places import FIRST, SECOND, TwoPlaces
from tests.real.route53_wire import Rrset

HERE = {"environment": "staging", "service": "api"}


def asked(places: TwoPlaces, record: Record) -> Asked:
    return probe_by_name(places.tools().service_name("api"), record, lambda _: None)


def new(places: TwoPlaces, value: str = SECOND, kind: Kind = "A") -> Record:
    return Record(places.name, kind, 1, (value,))


def keeps_the_old(places: TwoPlaces) -> None:
    """The name was moved, and the resolver here keeps what it had for longer than anybody waits."""
    places.front.put(places.zone, places.at(SECOND))
    places.dns.hosts[places.name] = FIRST


def test_the_resolver_that_has_the_new_answer_is_believed(places: TwoPlaces) -> None:
    places.front.put(places.zone, places.at(SECOND))
    assert asked(places, new(places)).how == "through the name"
    assert (places.first.hosts, places.second.hosts) == ([], [places.name])


@pytest.mark.disaster(
    "the resolver here keeps the old answer for long", "the new place is asked, and decides"
)
def test_away_from_a_dead_place_that_the_resolver_still_answers(places: TwoPlaces) -> None:
    _, plan = planned(fail_over_name, places.tools(), **HERE)
    places.first.healthy = False
    places.first.hosts.clear()
    keeps_the_old(places)
    said = plan.after[-1].do(Context(places.tools(), 7)).said
    assert (
        f"asked at {SECOND}, where the record leads ({places.dns.place} still answers {FIRST}), answered 200"
        in said
    )
    assert places.first.hosts == [], "the old place is not asked"


@pytest.mark.disaster(
    "the resolver here keeps the old answer for long", "the new place is asked, and decides"
)
def test_a_new_place_that_dies_is_not_proven_by_the_old_one(places: TwoPlaces) -> None:
    _, plan = planned(fail_over_name, places.tools(), **HERE)
    places.second.healthy = False
    keeps_the_old(places)
    with pytest.raises(NotVerified, match=r"asked at 127\.0\.0\.3, .* answered 503 .*, on secondary"):
        plan.after[-1].do(Context(places.tools(), 7))


def test_a_resolver_that_has_no_answer(places: TwoPlaces) -> None:
    found = asked(places, Record(f"nobody.{places.domain}", "A", 1, (SECOND,)))
    assert found.answered.healthy
    assert (
        found.how
        == f"asked at {SECOND}, where the record leads ({places.dns.place} does not answer the name),"
    )


def test_a_name_that_leads_to_a_name(places: TwoPlaces) -> None:
    there = f"elsewhere.{places.domain}"
    places.front.put(places.zone, Rrset(there, "A", 60, (SECOND,)))
    record = new(places, there, "CNAME")
    places.dns.hosts[places.name] = FIRST
    assert asked(places, record).how.startswith(f"asked at {SECOND}")
    assert places.first.hosts == []
    places.dns.hosts[places.name] = SECOND
    assert asked(places, record).how == "through the name"
