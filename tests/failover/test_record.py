"""The record in Route 53: read as it is, refused where it is not simple, changed only from what was read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from actions.plan import Refused, Transient
from actions.tools.aws.reach import AwsAccess
from actions.tools.dns.route53 import HostedZone, Moved, Record
from tests.real.aws import REGION
from tests.real.places import FIRST, SECOND, TTL_S, TwoPlaces
from tests.real.route53_wire import Rrset

SPECIAL: tuple[tuple[str, dict[str, Any]], ...] = (
    ("a weighted record", {"SetIdentifier": "a", "Weight": 10}),
    ("a latency record", {"SetIdentifier": "a", "Region": "sa-east-1"}),
    ("a geolocation record", {"SetIdentifier": "a", "GeoLocation": {"CountryCode": "BR"}}),
    ("a multivalue record", {"SetIdentifier": "a", "MultiValueAnswer": True}),
    ("a failover record, which Route 53 moves by itself", {"SetIdentifier": "a", "Failover": "PRIMARY"}),
)


def zone_of(places: TwoPlaces) -> HostedZone:
    access = AwsAccess(places.front.url, REGION, "local-key", "local-word")
    return HostedZone(places.zone, access, timeout_s=3.0)


def old(places: TwoPlaces) -> Record:
    return Record(places.name, "A", TTL_S, (FIRST,))


def new(places: TwoPlaces) -> Record:
    return Record(places.name, "A", TTL_S, (SECOND,))


def test_it_reads_the_record_and_the_zone(places: TwoPlaces) -> None:
    zone = zone_of(places)
    assert zone.record(places.name) == old(places)
    assert zone.record(f"other.{places.domain}") is None
    seen = zone.seen()
    assert seen.domain == places.domain
    assert seen.name_servers


def test_a_change_is_made_waited_for_and_made_once(places: TwoPlaces) -> None:
    zone = zone_of(places)
    with places.front.stuck():
        change = zone.change(old(places), new(places), "test")
        assert not zone.in_sync(change)
        assert places.front.served(places.name, "A") == places.at(FIRST), "name servers still have the old"
    assert zone.in_sync(change)
    assert places.front.served(places.name, "A") == places.at(SECOND)
    assert zone.record(places.name) == new(places)
    with pytest.raises(Moved, match=r"refused the whole change, nothing of it was made: .*do not match"):
        zone.change(replace(old(places), ttl_s=300), new(places), "another TTL than there is")
    with pytest.raises(Moved, match="it already exists"):
        zone.change(None, new(places), "it is there")
    assert places.live() == [places.at(SECOND)]


@pytest.mark.disaster(
    "a record that somebody else changes at the same moment", "Route 53 refuses ours, theirs stays"
)
def test_what_was_changed_meanwhile_is_refused_by_route_53_itself(places: TwoPlaces) -> None:
    zone = zone_of(places)
    places.front.put(places.zone, places.at("127.0.0.9"))
    with pytest.raises(Moved):
        zone.change(old(places), new(places), "test")
    assert places.live() == [places.at("127.0.0.9")]


def test_another_kind_takes_its_place_in_one_change(places: TwoPlaces) -> None:
    zone = zone_of(places)
    cname = Record(places.name, "CNAME", 60, ("elsewhere.example",))
    zone.change(old(places), cname, "test")
    assert zone.record(places.name) == cname


@pytest.mark.parametrize(("kind", "fields"), SPECIAL, ids=[kind for kind, _ in SPECIAL])
def test_what_is_no_simple_record_is_refused_by_its_kind(
    places: TwoPlaces, kind: str, fields: dict[str, Any]
) -> None:
    name = f"special.{places.domain}"
    rrset = {"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": FIRST}], **fields}
    change: Any = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": rrset}]}
    places.front.client.change_resource_record_sets(HostedZoneId=places.zone, ChangeBatch=change)
    try:
        with pytest.raises(Refused, match=f"{name} is {kind} in Route 53"):
            zone_of(places).record(name)
    finally:
        change["Changes"][0]["Action"] = "DELETE"
        places.front.client.change_resource_record_sets(HostedZoneId=places.zone, ChangeBatch=change)


def test_an_alias_is_refused(places: TwoPlaces) -> None:
    name = f"alias.{places.domain}"
    target = {"HostedZoneId": places.zone, "DNSName": places.name, "EvaluateTargetHealth": False}
    rrset = {"Name": name, "Type": "A", "AliasTarget": target}
    change: Any = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": rrset}]}
    places.front.client.change_resource_record_sets(HostedZoneId=places.zone, ChangeBatch=change)
    try:
        with pytest.raises(Refused, match="is an alias in Route 53"):
            zone_of(places).record(name)
    finally:
        change["Changes"][0]["Action"] = "DELETE"
        places.front.client.change_resource_record_sets(HostedZoneId=places.zone, ChangeBatch=change)


def test_a_name_with_addresses_of_both_kinds_is_refused(places: TwoPlaces) -> None:
    places.front.put(places.zone, Rrset(places.name, "AAAA", 60, ("::1",)))
    with pytest.raises(Refused, match="has records of the kinds A and AAAA"):
        zone_of(places).record(places.name)


def test_no_such_zone(places: TwoPlaces) -> None:
    zone = replace(zone_of(places), zone="ZNOTTHERE")
    with pytest.raises(Refused, match=r"zone ZNOTTHERE is not there: check `zone`"):
        zone.record(places.name)


@pytest.mark.disaster(
    "AWS denies the change of a record", "refused, told which rights are needed; nothing changed"
)
def test_denied_names_the_rights(places: TwoPlaces) -> None:
    with (
        places.front.refusing("AccessDenied", only="POST"),
        pytest.raises(Refused, match="ChangeResourceRecordSets"),
    ):
        zone_of(places).change(old(places), new(places), "test")
    assert places.live() == [places.at()]


@pytest.mark.parametrize("code", ["Throttling", "PriorRequestNotComplete"])
@pytest.mark.disaster("Route 53 throttles", "tried again, within bounds")
def test_throttled_is_for_now(places: TwoPlaces, code: str) -> None:
    with places.front.refusing(code), pytest.raises(Transient, match=f"asked too often .{code}"):
        zone_of(places).record(places.name)
    with places.front.refusing(code, times=1):
        assert zone_of(places).record(places.name) == old(places), "botocore tries once more by itself"


def test_nobody_answers(places: TwoPlaces) -> None:
    gone = replace(zone_of(places), access=AwsAccess("http://127.0.0.1:1", REGION, "local-key", "local-word"))
    with pytest.raises(Transient, match="did not answer"):
        gone.record(places.name)


def test_addresses_are_compared_as_addresses() -> None:
    held = Record("api.example", "AAAA", 60, ("2001:DB8:0:0::0001",))
    assert held.same_answer(replace(held, values=("2001:db8::1",), ttl_s=300))
    assert not held.same_answer(replace(held, values=("2001:db8::2",)))
    assert held != replace(held, values=("2001:db8::1",)), "what is put back is what was there, to the letter"


def test_values_in_another_order_are_the_same_record(places: TwoPlaces) -> None:
    places.front.put(places.zone, Rrset(places.name, "A", 60, (SECOND, FIRST)))
    both = Record(places.name, "A", 60, (FIRST, SECOND))
    zone = zone_of(places)
    assert zone.record(places.name) == both
    zone.change(both, new(places), "test")
    zone.change(new(places), both, "test")
    assert zone.record(places.name) == both
