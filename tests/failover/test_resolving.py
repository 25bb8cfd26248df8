"""What DNS servers answer: kept answers and their time left, silence, the zone's own servers, waiting."""

from __future__ import annotations

import threading

import pytest

from actions.failover.record_moves import resolved
from actions.plan import NotVerified, Refused
from actions.tools.dns.resolving import NameServer, addresses, name_servers, settled, split
from actions.tools.dns.route53 import Record
from tests.real.dns import dns_server
from tests.real.places import FIRST, SECOND, TwoPlaces
from tests.real.route53_wire import Rrset


def resolver(places: TwoPlaces) -> NameServer:
    return NameServer(places.dns.place, timeout_s=1.0)


def test_it_hears_the_answer_and_how_long_it_may_be_kept(places: TwoPlaces) -> None:
    places.front.put(places.zone, places.at(ttl_s=60))
    heard = resolver(places).ask(places.name)
    assert (heard.values, heard.trouble) == ((FIRST,), "")
    assert 55 <= heard.ttl_left_s <= 60
    assert resolver(places).ask(f"nobody.{places.domain}").values == ()
    assert "knows no such name" in str(resolver(places).ask(f"nobody.{places.domain}"))


def test_a_resolver_keeps_what_it_had_until_its_time_is_over(places: TwoPlaces) -> None:
    here = resolver(places)
    assert here.ask(places.name).values == (FIRST,)
    places.front.put(places.zone, places.at(SECOND))
    assert here.ask(places.name).values == (FIRST,), "kept: this is what clients see, too"
    told: list[str] = []
    done, heard = settled([here], places.name, "A", [SECOND], 10.0, told.append)
    assert done
    assert heard[0].values == (SECOND,)
    assert any(FIRST in said for said in told), "it says what it waits for"


def test_waiting_ends(places: TwoPlaces) -> None:
    done, heard = settled([resolver(places)], places.name, "A", [SECOND], 0.2, lambda _: None)
    assert not done
    assert heard[0].values == (FIRST,)


def test_a_silent_server_is_told_and_decides_nothing(places: TwoPlaces) -> None:
    silent = NameServer("127.0.0.1:1", "ns1.example", timeout_s=0.3)
    assert "ns1.example did not answer" in str(silent.ask(places.name))
    done, _ = settled([resolver(places), silent], places.name, "A", [FIRST], 1.0, lambda _: None)
    assert done
    done, _ = settled([silent], places.name, "A", [FIRST], 0.3, lambda _: None)
    assert not done, "somebody must have answered"


def test_the_zones_own_servers_are_asked_too(places: TwoPlaces) -> None:
    with dns_server(places.front.served, caches=False) as own:
        places.dns.hosts["ns1.example"] = "127.0.0.1"
        found = name_servers(["ns1.example", "ns2.example"], resolver(places), port=own.port)
        assert [one.name for one in found] == ["ns1.example"], "the other has no address here"
        resolver(places).ask(places.name)
        places.front.put(places.zone, places.at(SECOND))
        answers = [one.ask(places.name).values for one in (resolver(places), *found)]
        assert answers == [(FIRST,), (SECOND,)], "the zone's own has it at once, the resolver later"


def test_names_of_targets_are_looked_up(places: TwoPlaces) -> None:
    places.front.put(places.zone, Rrset(f"elsewhere.{places.domain}", "A", 60, (SECOND,)))
    here = resolver(places)
    assert addresses(f"elsewhere.{places.domain}", here) == (SECOND,)
    assert addresses(FIRST, here) == (FIRST,)
    assert addresses(f"nobody.{places.domain}", here) == ()


def test_a_place_is_an_address_and_a_port() -> None:
    assert split("127.0.0.1") == ("127.0.0.1", 53)
    assert split("[::1]:5353") == ("::1", 5353)
    assert split("::1") == ("::1", 53)
    for wrong in ("dns.example", "127.0.0.1:0", "127.0.0.1:x", "http://127.0.0.1"):
        with pytest.raises(Refused, match="is no DNS server"):
            split(wrong)


def test_waiting_sees_a_change_that_comes_meanwhile(places: TwoPlaces) -> None:
    later = threading.Timer(0.5, lambda: places.front.put(places.zone, places.at(SECOND)))
    later.start()
    done, _ = settled([resolver(places)], places.name, "A", [SECOND], 10.0, lambda _: None)
    later.join()
    assert done


def test_a_resolver_that_keeps_the_old_is_told_where_the_zones_own_servers_have_the_new(
    places: TwoPlaces,
) -> None:
    """A TTL longer than anybody waits: what is proven is proven by the zone's own servers."""
    places.front.put(places.zone, places.at(ttl_s=3600))
    resolver(places).ask(places.name)
    places.front.put(places.zone, places.at(SECOND))
    new = Record(places.name, "A", 1, (SECOND,))
    with dns_server(places.front.served, caches=False) as own:
        servers = (resolver(places), NameServer(own.place, "ns1.example"))
        _, heard = resolved(servers, new, 0.2, lambda _: None)
        assert [one.values for one in heard] == [(FIRST,), (SECOND,)]
        own.answers = lambda name, kind: places.at(FIRST)
        with pytest.raises(NotVerified, match=r"ns1\.example answers 127\.0\.0\.2"):
            resolved(servers, new, 0.2, lambda _: None)
    with pytest.raises(NotVerified, match="does not resolve to"):
        resolved(servers[:1], new, 0.2, lambda _: None)
