"""What containers take of the processor and of memory at this moment, as `docker stats` counts it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias, cast

from docker.errors import NotFound

from actions.tools.containers.engine_calls import Engine, told

Json: TypeAlias = Mapping[str, object]
AT_ONCE = 8
NO_LIMIT_BYTES = 1 << 60


@dataclass(frozen=True)
class Usage:
    """`processor` is a share of one core (1.7: nearly two); `limit_bytes` is the host's memory where it
    has no limit of its own, 0 where the engine does not say.
    """

    id: str
    processor: float
    used_bytes: int
    limit_bytes: int
    processes: int

    @property
    def memory_share(self) -> float | None:
        """Of its limit; None where it has none."""
        return self.used_bytes / self.limit_bytes if self.limit_bytes else None


def read_usage(engine: Engine, which: Sequence[str]) -> tuple[Usage, ...]:
    """One sample of each running container, taken at the same time; one that has gone is left out.

    The engine takes a second or two for a sample. Raises as `told` does.
    """

    def sample(one: str) -> Usage | None:
        with told("measure a container"):
            try:
                return usage_of(one, cast(Json, engine.api.stats(one, stream=False)))
            except NotFound:
                return None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return tuple(found for found in pool.map(sample, which) if found is not None)


def usage_of(which: str, stats: Json) -> Usage | None:
    """One sample out of the engine's own counters; None where it does not run (it counts nothing then)."""
    now, before = _part(stats, "cpu_stats"), _part(stats, "precpu_stats")
    memory = _part(stats, "memory_stats")
    if "usage" not in memory:
        return None
    used_now, used_before = _part(now, "cpu_usage"), _part(before, "cpu_usage")
    busy = _number(used_now, "total_usage") - _number(used_before, "total_usage")
    passed = _number(now, "system_cpu_usage") - _number(before, "system_cpu_usage")
    cores = _number(now, "online_cpus") or 1
    details = _part(memory, "stats")
    cached = _number(details, "total_inactive_file") or _number(details, "inactive_file")
    used, limit = _number(memory, "usage"), _number(memory, "limit")
    return Usage(
        id=which,
        processor=busy / passed * cores if busy > 0 and passed > 0 else 0.0,
        used_bytes=used - cached if cached < used else used,
        limit_bytes=limit if 0 < limit < NO_LIMIT_BYTES else 0,
        processes=_number(_part(stats, "pids_stats"), "current"),
    )


def _part(whole: Json, name: str) -> Json:
    found = whole.get(name)
    return cast(Json, found) if isinstance(found, Mapping) else {}


def _number(whole: Json, name: str) -> int:
    found = whole.get(name)
    return int(found) if isinstance(found, int | float) else 0
