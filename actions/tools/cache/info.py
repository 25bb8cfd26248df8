"""What a Redis says of itself: INFO, its save points and its slow log, read into records."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis.exceptions import NoPermissionError, ResponseError

from actions.tools.cache.server import Session

SLOW_SHOWN = 10
_FAMILY = re.compile(r"([a-z0-9_-]{1,32}):.*", re.IGNORECASE | re.DOTALL)
_KEYLESS = {"ACL", "AUTH", "CONFIG", "DEBUG", "EVAL", "EVALSHA", "HELLO", "MIGRATE", "SCRIPT"}


@dataclass(frozen=True)
class Keyspace:
    """One database: its keys, and how many of them will expire by themselves."""

    database: int
    keys: int
    expiring: int

    @property
    def expiring_share(self) -> float:
        return self.expiring / self.keys if self.keys else 0.0


@dataclass(frozen=True)
class Memory:
    """In bytes; `limit` 0 where there is none. `fragmentation` is resident over used, 1.0 is best."""

    used_bytes: int
    limit_bytes: int
    policy: str
    fragmentation: float
    evicted_keys: int


@dataclass(frozen=True)
class Persistence:
    """How it keeps its data on disk. `saves`: the save points, None where drbot may not ask."""

    aof: bool
    saves: str | None
    rdb_ok: bool
    aof_ok: bool
    unsaved_changes: int
    loading: bool

    @property
    def on_disk(self) -> str:
        """`AOF and RDB save points (3600 1)`, or '' where nothing is kept."""
        kept = ["AOF"] if self.aof else []
        if self.saves:
            kept.append(f"RDB save points ({self.saves[:60]})")
        elif self.saves is None:
            kept.append("perhaps RDB save points (drbot may not ask: CONFIG GET)")
        return " and ".join(kept)


@dataclass(frozen=True)
class CacheSeen:
    """One server at one moment; `run_id` is another after each start."""

    run_id: str
    version: str
    role: str
    mode: str
    uptime_s: int
    clients: int
    clients_most: int
    refused_connections: int
    replicas: int
    hits: int
    misses: int
    memory: Memory
    persistence: Persistence
    keyspaces: tuple[Keyspace, ...]

    @property
    def hit_share(self) -> float | None:
        asked = self.hits + self.misses
        return self.hits / asked if asked else None

    def keyspace(self, database: int) -> Keyspace:
        """One database; empty where nothing is in it."""
        return next((one for one in self.keyspaces if one.database == database), Keyspace(database, 0, 0))


@dataclass(frozen=True)
class SlowCommand:
    """One line of the slow log, without what was asked: arguments hold customers' data."""

    took_s: float
    what: str


def see(session: Session) -> CacheSeen:
    """Everything at once. Raises what `Cache.told` tells, for every user needs INFO."""
    info: Mapping[str, Any] = session.info()  # type: ignore[assignment]  # the synchronous client answers
    return CacheSeen(
        run_id=str(info.get("run_id", "")),
        version=str(info.get("redis_version", "?")),
        role=str(info.get("role", "?")),
        mode=str(info.get("redis_mode", "standalone")),
        uptime_s=_whole(info, "uptime_in_seconds"),
        clients=_whole(info, "connected_clients"),
        clients_most=_whole(info, "maxclients"),
        refused_connections=_whole(info, "rejected_connections"),
        replicas=_whole(info, "connected_slaves"),
        hits=_whole(info, "keyspace_hits"),
        misses=_whole(info, "keyspace_misses"),
        memory=Memory(
            _whole(info, "used_memory"),
            _whole(info, "maxmemory"),
            str(info.get("maxmemory_policy", "?")),
            _number(info, "mem_fragmentation_ratio"),
            _whole(info, "evicted_keys"),
        ),
        persistence=Persistence(
            aof=_whole(info, "aof_enabled") == 1,
            saves=_saves(session),
            rdb_ok=info.get("rdb_last_bgsave_status", "ok") == "ok",
            aof_ok=info.get("aof_last_write_status", "ok") == "ok",
            unsaved_changes=_whole(info, "rdb_changes_since_last_save"),
            loading=_whole(info, "loading") == 1,
        ),
        keyspaces=_keyspaces(info),
    )


def slow_log(session: Session) -> tuple[SlowCommand, ...] | None:
    """The newest commands that took long, newest first; None where drbot may not ask."""
    try:
        found: Any = session.slowlog_get(SLOW_SHOWN)
    except (NoPermissionError, ResponseError):
        return None
    return tuple(
        SlowCommand(int(entry["duration"]) / 1e6, without_arguments(entry["command"])) for entry in found
    )


def without_arguments(command: bytes) -> str:
    """`HGETALL on session:…, 2 arguments`: the command, the family of its key, and how much was asked."""
    words = command.decode("utf-8", "replace").split(" ")
    name = re.sub(r"[^A-Za-z0-9._|-]", "", words[0])[:32].upper() or "?"
    counted = f"{len(words) - 1} argument{'' if len(words) == 2 else 's'}"
    family = _FAMILY.fullmatch(words[1]) if len(words) > 1 and name not in _KEYLESS else None
    return f"{name} on {family[1]}:…, {counted}" if family else f"{name}, {counted}"


def _saves(session: Session) -> str | None:
    try:
        found: Any = session.config_get("save")
    except (NoPermissionError, ResponseError):  # managed Redis has no CONFIG
        return None
    value = found.get("save", found.get(b"save", ""))
    return value.decode() if isinstance(value, bytes) else str(value)


def _keyspaces(info: Mapping[str, Any]) -> tuple[Keyspace, ...]:
    found = [
        Keyspace(int(name[2:]), int(entry["keys"]), int(entry["expires"]))
        for name, entry in info.items()
        if re.fullmatch(r"db\d+", name) and isinstance(entry, Mapping)
    ]
    return tuple(sorted(found, key=lambda one: one.database))


def _whole(info: Mapping[str, Any], name: str) -> int:
    return int(_number(info, name))


def _number(info: Mapping[str, Any], name: str) -> float:
    value = info.get(name, 0)
    return float(value) if isinstance(value, int | float) else 0.0
