"""Looking at a failover: green, amber and red, each with its sentence and promised beside measured."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.failover.look import look_at_failover
from actions.plan import Evidence, Refused
from tests.actions.running import planned, run
from tests.failover.test_move import HERE, RUN
from tests.real.places import FIRST, TwoPlaces
from tests.real.route53_wire import Rrset


def looked(places: TwoPlaces, **entry: object) -> tuple[Evidence, Evidence]:
    tools = places.tools(**entry)
    _, plan = planned(look_at_failover, tools, **HERE)
    name, targets = run(plan, tools, RUN)[-2:]
    return name, targets


def test_all_is_well(places: TwoPlaces) -> None:
    name, targets = looked(places)
    assert name.light == targets.light == "green"
    assert "leads to primary: A 127.0.0.2" in name.said
    assert "TTL 1 s promised and 1 s in Route 53" in name.said
    assert "secondary was healthy (answered 200" in targets.said


def test_a_longer_ttl_than_promised_is_amber(places: TwoPlaces) -> None:
    places.front.put(places.zone, places.at(ttl_s=300))
    name, _ = looked(places)
    assert name.light == "amber"
    assert "TTL 1 s promised and 300 s in Route 53" in name.said


def test_a_name_that_leads_nowhere_known_is_red(places: TwoPlaces) -> None:
    places.front.put(places.zone, replace(places.at(), values=("127.0.0.9",)))
    name, _ = looked(places)
    assert name.light == "red"
    assert "leads to none of the targets of the plan" in name.said


def test_an_unhealthy_target_is_amber_where_the_name_is_elsewhere_and_red_where_it_leads(
    places: TwoPlaces,
) -> None:
    places.second.healthy = False
    assert looked(places)[1].light == "amber"
    places.first.healthy = False
    assert looked(places)[1].light == "red"


def test_a_database_that_cannot_be_measured_is_amber(places: TwoPlaces) -> None:
    targets = {
        "primary": {"address": FIRST},
        "secondary": {"address": "127.0.0.3", "database_url_env": "DR_SECONDARY"},
    }
    tools = places.tools({"DR_SECONDARY": "postgresql://nobody@127.0.0.1:1/none"}, targets=targets)
    _, plan = planned(look_at_failover, tools, **HERE)
    found = run(plan, tools, RUN)[-1]
    assert found.light == "amber"
    assert "its database did not answer" in found.said


def test_without_a_zone_it_says_that_nothing_could_be_moved(places: TwoPlaces) -> None:
    name, targets = looked(places, zone="")
    assert name.light == "red"
    assert "the plan names no hosted zone" in name.said
    assert targets.light == "green"


def test_a_record_that_drbot_cannot_move_is_refused(places: TwoPlaces) -> None:
    places.front.put(places.zone, Rrset(places.name, "AAAA", 60, ("::1",)))
    tools = places.tools()
    _, plan = planned(look_at_failover, tools, **HERE)
    with pytest.raises(Refused, match="A and AAAA"):
        run(plan, tools, RUN)
