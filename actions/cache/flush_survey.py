"""What a flush would take away, and whether it may: asked before it is shown, and again before it is done."""

from __future__ import annotations

import re
from dataclasses import dataclass

from actions.failures import Refused
from actions.tools.cache.flush import MOST_KEYS, count_matching, may_flush
from actions.tools.cache.info import CacheSeen, see
from actions.tools.cache.server import Cache, Session
from actions.tools.toolbox import Toolbox

COUNT_WITHIN_S = 5.0
FEW_KEYS = 1000
PATTERN_LIMIT = 200
_EVERYTHING = re.compile(r"\*+")


@dataclass(frozen=True)
class FlushParams:
    """`database`: a number, '' for the one of the plan's URL; `pattern`: only keys like `session:*`."""

    environment: str
    database: str = ""
    pattern: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"|[0-9]{1,4}", self.database):
            raise ValueError("database is a number like 0, or nothing for the plan's own")
        if len(self.pattern) > PATTERN_LIMIT or not (self.pattern.isprintable() and self.pattern.isascii()):
            raise ValueError(f"pattern is at most {PATTERN_LIMIT} plain characters, like session:*")
        if _EVERYTHING.fullmatch(self.pattern):
            raise ValueError("a pattern that matches everything is none: leave it out to flush the database")


@dataclass(frozen=True)
class FlushFacts:
    """`run_id` pins the server's process; `keys` would go (`at_least`: not all could be counted in time)."""

    place: str
    run_id: str
    version: str
    database: int
    keys: int
    at_least: bool
    all_keys: int
    expiring: int
    used_bytes: int
    hit_share: float | None
    on_disk: str
    rdb_ok: bool
    aof_ok: bool
    replicas: int
    others: tuple[str, ...]


def database_of(cache: Cache, params: FlushParams) -> int:
    return int(params.database) if params.database else cache.database


def check_allowed(cache: Cache, seen: CacheSeen) -> None:
    """What forbids a flush whatever is in it. Raises Refused."""
    if not cache.ephemeral:
        kept = f" It keeps {seen.persistence.on_disk}." if seen.persistence.on_disk else ""
        raise Refused(
            f"the plan does not say that {cache.place} is ephemeral, so a flush might lose data for good."
            f"{kept} Nothing was changed. Where losing every key loses nothing but time, set"
            " `ephemeral: true` for this cache in the plan."
        )
    if seen.mode == "cluster":
        raise Refused(
            f"{cache.place} is one node of a cluster: a flush would empty a part of it only. Nothing was"
            " changed; flush each primary by hand."
        )
    if seen.mode == "sentinel":
        raise Refused(f"{cache.place} is a Sentinel and holds no keys: the plan's URL must name the Redis")
    if seen.role != "master":
        raise Refused(
            f"{cache.place} is a replica ({seen.role}): its primary would fill it again. Nothing was"
            " changed; the plan's URL must name the primary."
        )
    if seen.persistence.loading:
        raise Refused(f"{cache.place} is still loading its data: wait until it is done, then ask again")


def count_keys(session: Session, seen: CacheSeen, database: int, pattern: str) -> tuple[int, bool]:
    """The keys that would go, without drbot's own marks, and whether all were counted."""
    held = seen.keyspace(database).keys
    if pattern and held > MOST_KEYS:
        raise Refused(
            f"database {database} holds {held:,} keys, more than the {MOST_KEYS:,} that drbot looks through"
            " for a pattern. Nothing was changed; flush the database whole, or let the keys expire."
        )
    if pattern or held <= FEW_KEYS:
        return count_matching(session, pattern or "*", COUNT_WITHIN_S)
    return held, True


def survey(tools: Toolbox, params: FlushParams) -> FlushFacts:
    cache = tools.cache(params.environment)
    database = database_of(cache, params)
    with cache.session(database) as session:
        seen = see(session)
        check_allowed(cache, seen)
        keys, complete = count_keys(session, seen, database, params.pattern)
        if not keys and complete:
            raise Refused(f"{no_keys(cache, database, params)}: nothing to flush, and nothing was changed")
        may_flush(session, bool(params.pattern))
    here = seen.keyspace(database)
    return FlushFacts(
        cache.place, seen.run_id, seen.version, database, keys, not complete, here.keys, here.expiring,
        seen.memory.used_bytes, seen.hit_share, seen.persistence.on_disk, seen.persistence.rdb_ok,
        seen.persistence.aof_ok, seen.replicas,
        tuple(
            f"database {one.database} ({one.keys:,} keys)"
            for one in seen.keyspaces
            if one.database != database
        )[:16],
    )  # fmt: skip


def no_keys(cache: Cache, database: int, params: FlushParams) -> str:
    like = f" like {params.pattern}" if params.pattern else ""
    return f"database {database} of {cache.place} holds no key{like}"


def drift(planned: FlushFacts, now: FlushFacts) -> str | None:
    """Keys come and go; another server, or a restarted one, is not what was shown."""
    if (planned.place, planned.database) != (now.place, now.database):
        return f"the cache is now database {now.database} of {now.place}, not the one that was shown"
    if planned.run_id != now.run_id:
        return f"{now.place} was restarted since the plan was shown"
    return None
