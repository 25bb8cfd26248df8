"""Looking at the cache: its memory, hit rate, keys, persistence and slowest commands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from actions.amounts import share_text, size_text, span_text
from actions.plan import Action, Context, Ending, Evidence, Fault, Light, Plan, Risk, Step
from actions.tools.cache.info import CacheSeen, Keyspace, see, slow_log
from actions.tools.toolbox import Toolbox

LOW_HIT_SHARE = 0.5
FULL_SHARE = 0.9
FRAGMENTED = 1.5
SMALL_BYTES = 64 * 1024 * 1024
DATABASES_SHOWN = 16
PERMISSION = "Redis: +info +ping (ACL), and +config|get +slowlog to see save points and slow commands"


@dataclass(frozen=True)
class CacheParams:
    environment: str


@dataclass(frozen=True)
class CacheFacts:
    """Which Redis would be looked at; looking needs no more."""

    place: str


def keys_text(found: Keyspace) -> str:
    """`12,345 keys, 84 % of which expire by themselves`."""
    if not found.keys:
        return "no keys"
    return f"{found.keys:,} keys, {share_text(found.expiring_share)} of which expire by themselves"


def memory_text(seen: CacheSeen) -> str:
    """`1.2 GiB of 2.0 GiB (60 %), allkeys-lru`."""
    memory = seen.memory
    if not memory.limit_bytes:
        return f"{size_text(memory.used_bytes)}, no limit set"
    used = memory.used_bytes / memory.limit_bytes
    return (
        f"{size_text(memory.used_bytes)} of {size_text(memory.limit_bytes)} ({share_text(used)}),"
        f" {memory.policy}"
    )


def worries(seen: CacheSeen) -> tuple[str, ...]:
    """What a person should know first, worst first; empty where all is well."""
    memory = seen.memory
    full = memory.limit_bytes > 0 and memory.used_bytes >= FULL_SHARE * memory.limit_bytes
    found = (
        (seen.persistence.loading, "it is still loading its data and answers nobody"),
        (seen.refused_connections > 0, f"{seen.refused_connections:,} connections were refused (maxclients)"),
        (full and memory.policy == "noeviction", "memory is nearly full and noeviction refuses writes then"),
        (full and memory.policy != "noeviction", "memory is nearly full"),
        (memory.evicted_keys > 0, f"{memory.evicted_keys:,} keys were evicted for want of memory"),
        (not seen.persistence.rdb_ok, "the last RDB save failed"),
        (not seen.persistence.aof_ok, "the last AOF write failed"),
        (
            seen.hit_share is not None and seen.hit_share < LOW_HIT_SHARE,
            f"only {share_text(seen.hit_share)} of what is asked is found",
        ),
        (
            memory.fragmentation > FRAGMENTED and memory.used_bytes > SMALL_BYTES,
            f"memory is fragmented ({memory.fragmentation:.1f} times what is used)",
        ),
    )
    return tuple(said for is_so, said in found if is_so)


def light_of(seen: CacheSeen) -> Light:
    """Red where nobody is answered or nothing can be written, amber where something worries."""
    memory = seen.memory
    full = memory.limit_bytes > 0 and memory.used_bytes >= FULL_SHARE * memory.limit_bytes
    if seen.persistence.loading or (full and memory.policy == "noeviction"):
        return "red"
    return "amber" if worries(seen) else "green"


def _check_answers(environment: str, context: Context) -> Evidence:
    cache = context.tools.cache(environment)
    with cache.session() as session:
        seen = see(session)
    return Evidence(f"{cache.place} answered: Redis {seen.version}, {seen.role}")


def _look_at_memory(environment: str, context: Context) -> Evidence:
    cache = context.tools.cache(environment)
    with cache.session() as session:
        seen = see(session)
    found = worries(seen)
    said = f"; {'; '.join(found)}" if found else ", nothing alarming"
    return Evidence(
        f"memory {memory_text(seen)}, hit rate {share_text(seen.hit_share)}{said}",
        {
            "server": f"Redis {seen.version}, {seen.role}, {seen.mode}, up for {span_text(seen.uptime_s)}",
            "memory": memory_text(seen),
            "fragmentation": f"{seen.memory.fragmentation:.2f}",
            "evicted keys": f"{seen.memory.evicted_keys:,}",
            "hit rate": f"{share_text(seen.hit_share)} of {seen.hits + seen.misses:,} since the start",
            "clients": f"{seen.clients:,} of {seen.clients_most:,}"
            if seen.clients_most
            else f"{seen.clients:,}",
            "replicas": f"{seen.replicas}",
        },
        light_of(seen),
    )


def _look_at_keys(environment: str, context: Context) -> Evidence:
    with context.tools.cache(environment).session() as session:
        found = see(session).keyspaces
    total = sum(one.keys for one in found)
    values = {f"database {one.database}": keys_text(one) for one in found[:DATABASES_SHOWN]}
    return Evidence(
        f"{total:,} keys in {len(found)} databases" if found else "no database held a key", values
    )


def _look_at_persistence(environment: str, context: Context) -> Evidence:
    with context.tools.cache(environment).session() as session:
        kept = see(session).persistence
    values = {
        "kept on disk": kept.on_disk or "nothing",
        "last RDB save": "ok" if kept.rdb_ok else "failed",
        "last AOF write": "ok" if kept.aof_ok else "failed",
        "changes not saved": f"{kept.unsaved_changes:,}",
    }
    return Evidence(f"kept on disk: {kept.on_disk or 'nothing, a restart empties it'}", values)


def _look_at_slow(environment: str, context: Context) -> Evidence:
    with context.tools.cache(environment).session() as session:
        found = slow_log(session)
    if found is None:
        return Evidence("drbot may not read the slow log (Redis: +slowlog)")
    values = {str(number): f"{one.took_s * 1000:.1f} ms {one.what}" for number, one in enumerate(found, 1)}
    if not found:
        return Evidence("no slow command was logged")
    slowest = max(found, key=lambda one: one.took_s)
    return Evidence(
        f"the slowest of the newest {len(found)} slow commands took {slowest.took_s * 1000:.1f} ms"
        f" ({slowest.what})",
        values,
    )


def _survey(tools: Toolbox, params: CacheParams) -> CacheFacts:
    return CacheFacts(tools.cache(params.environment).place)


def _plan(params: CacheParams, facts: CacheFacts) -> Plan:
    environment = params.environment
    return Plan(
        before=(
            Step(f"Check that {facts.place} answers", partial(_check_answers, environment), 20.0, attempts=2),
        ),
        steps=(),
        after=(
            Step("List the slowest commands", partial(_look_at_slow, environment), 20.0),
            Step("See how it keeps its data", partial(_look_at_persistence, environment), 20.0),
            Step("Count the keys of each database", partial(_look_at_keys, environment), 20.0),
            Step("Read memory, hit rate and clients", partial(_look_at_memory, environment), 20.0),
        ),
        facts=(("cache", facts.place),),
    )


look_at_cache = Action(
    name="look-at-cache",
    title="Look at the cache",
    risk=Risk.LOOK,
    params=CacheParams,
    facts=CacheFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/cache-activity",
    survey=_survey,
    plan=_plan,
    permissions=(PERMISSION,),
    example="run look-at-cache environment=production",
    description=(
        "Role, version, memory against its limit, evictions, hit rate, clients, keys per database and how"
        " many expire, persistence, and the newest slow commands without their arguments."
    ),
    reach="reads the statistics of one Redis; of a key never more than what is before its first colon",
    endings=(
        Ending(Fault.GONE, "before", "failed", "The cache does not answer; nothing was changed."),
        Ending(Fault.TIMEOUT, "before", "failed", "The cache did not answer in time; nothing was changed."),
        Ending(Fault.DENIED, "before", "refused", "drbot's user may not read INFO; nothing was changed."),
    ),
)
