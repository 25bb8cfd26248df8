"""Looking at a real Redis: what it says, and how it says that it could not look."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.cache.look import look_at_cache, worries
from actions.plan import Refused, Transient
from actions.tools.cache.info import see, without_arguments
from actions.tools.cache.server import Cache
from tests.actions.running import planned, run
from tests.cache.conftest import Place
from tests.real.redis import real_redis


def _look(place: Place) -> tuple[list[str], dict[str, str]]:
    _, plan = planned(look_at_cache, place.tools, environment="staging")
    done = run(plan, place.tools, 7)
    assert done[-1].light == ("green" if done[-1].said.endswith("nothing alarming") else "amber")
    return [one.said for one in done], {name: value for one in done for name, value in one.values.items()}


def test_it_tells_memory_keys_and_hit_rate(place: Place) -> None:
    place.server.fill(30)
    place.server.fill(10, family="cart", expiring=False)
    place.server.fill(3, database=2)
    with place.server.client() as client:
        for name in ("session:1", "session:2", "session:3", "nothing"):
            client.get(name)
    said, values = _look(place)
    assert values["database 0"] == "40 keys, 75 % of which expire by themselves"
    assert values["database 2"] == "3 keys, 100 % of which expire by themselves"
    assert values["hit rate"].startswith("75 % of 4 ")
    assert values["memory"].endswith("no limit set")
    assert values["kept on disk"] == "nothing"
    assert "master" in values["server"]
    assert said[0].startswith(f"127.0.0.1:{place.way.port} answered: Redis ")
    assert said[-1].endswith("nothing alarming")


def test_a_slow_command_is_told_without_what_it_asked(place: Place) -> None:
    with place.server.client() as client:
        client.config_set("slowlog-log-slower-than", 0)
        client.set("session:ana@example.com", "the-secret-basket")
        client.execute_command("CONFIG", "SET", "slowlog-log-slower-than", "-1")
    said, values = _look(place)
    everything = " ".join([*said, *values.values()])
    assert "SET on session:…, 2 arguments" in everything
    assert "ana@example.com" not in everything
    assert "the-secret-basket" not in everything


@given(st.lists(st.text(st.characters(exclude_characters=" "), min_size=1), min_size=1, max_size=6))
def test_no_argument_is_ever_shown_but_a_plain_family(words: list[str]) -> None:
    said = without_arguments(" ".join(["HSET", *words]).encode())
    family = words[0].partition(":")[0] if ":" in words[0] else ""
    shown = said.removeprefix("HSET").rpartition(", ")[0].removeprefix(" on ").removesuffix(":…")
    assert shown in ("", family)
    assert len(said) < 100


@pytest.mark.parametrize(
    "command", [b"AUTH drbot:local-word x", b"CONFIG SET a:b c", b"EVAL return:1 0", b"\xff\xfe a:b"]
)
def test_what_is_no_key_is_not_shown(command: bytes) -> None:
    assert ":" not in without_arguments(command).replace("a:…", "") or command.startswith(b"\xff")
    assert "local-word" not in without_arguments(command)


def test_full_memory_and_evictions_come_first(place: Place) -> None:
    with place.server.client() as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        client.config_set("maxmemory", "2mb")
        for number in range(400):
            client.set(f"image:{number}", "x" * 10_000)
    said, values = _look(place)
    assert "of 2.0 MiB" in values["memory"]
    assert values["memory"].endswith("allkeys-lru")
    assert "keys were evicted for want of memory" in said[-1]


def test_persistence_is_told() -> None:
    with real_redis("--appendonly", "yes", "--save", "3600 1") as server:
        cache = Cache(server.url())
        with cache.session() as session:
            seen = see(session)
    assert seen.persistence.on_disk == "AOF and RDB save points (3600 1)"
    failing = replace(seen, persistence=replace(seen.persistence, rdb_ok=False, aof_ok=False, loading=True))
    assert worries(failing) == (
        "it is still loading its data and answers nobody",
        "the last RDB save failed",
        "the last AOF write failed",
    )


def test_a_user_without_config_and_slowlog_still_sees_the_rest(place: Place) -> None:
    place.server.fill(2)
    said, values = _look(place.as_user("+info", "+ping"))
    assert values["database 0"].startswith("2 keys")
    assert "drbot may not read the slow log (Redis: +slowlog)" in said
    assert "drbot may not ask" in values["kept on disk"]


def test_a_user_without_info_is_refused(place: Place) -> None:
    with pytest.raises(Refused, match=r"drbot lacks a right: .*info"):
        _look(place.as_user("+ping"))


def test_a_wrong_password_is_refused_and_not_shown(place: Place) -> None:
    url = place.server.url(place.way.port, "drbot:not-the-word@")
    stranger = replace(place, cache=replace(place.cache, url=url))
    with pytest.raises(Refused, match="refused the login") as refused:
        _look(stranger)
    assert "not-the-word" not in str(refused.value)
    assert "not-the-word" not in repr(stranger.cache)


def test_a_url_that_is_none_is_refused_and_not_shown() -> None:
    with pytest.raises(Refused, match="is not one of Redis") as refused:
        _ = Cache("http://drbot:local-word@cache/0").place
    assert "local-word" not in str(refused.value)


def test_a_server_that_refuses_or_hangs_can_be_asked_again(place: Place) -> None:
    with place.way.refuse(), pytest.raises(Transient, match="does not answer"):
        _look(place)
    started = time.monotonic()
    with place.way.hang(), pytest.raises(Transient, match="did not answer within 1 s"):
        _look(place)
    assert time.monotonic() - started < 5
    assert _look(place)[0]


def test_what_is_no_redis_is_said(place: Place) -> None:
    with place.way.answer(400, b"no"), pytest.raises(Transient, match=r"127\.0\.0\.1"):
        _look(place)
