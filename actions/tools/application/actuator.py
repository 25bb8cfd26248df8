"""What a Spring Boot actuator answers: health with components, metrics, the threads of a dump."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from actions.tools.redaction import HIDDEN, is_secret, redacted

DEEPEST = 5
DETAILS_SHOWN = 8


@dataclass(frozen=True)
class Component:
    """One part of the health: `db`, or `db/primary` where it is nested; details without secrets."""

    name: str
    status: str
    details: str


@dataclass(frozen=True)
class Health:
    """UP, DOWN, OUT_OF_SERVICE or UNKNOWN; without components where the application does not show them."""

    status: str
    components: tuple[Component, ...]

    @property
    def ill(self) -> tuple[Component, ...]:
        return tuple(one for one in self.components if one.status not in ("UP", "UNKNOWN"))


class Frame(msgspec.Struct, rename="camel"):
    """One line of a stack."""

    class_name: str = ""
    method_name: str = ""
    line_number: int = -1

    def __str__(self) -> str:
        line = f":{self.line_number}" if self.line_number > 0 else ""
        return f"{self.class_name}.{self.method_name}{line}"


class Thread(msgspec.Struct, rename="camel"):
    """One thread. `lock_owner_id` is the thread that holds what this one waits for, -1 where none does."""

    thread_id: int = -1
    thread_name: str = ""
    thread_state: str = "UNKNOWN"
    lock_name: str | None = None
    lock_owner_id: int = -1
    stack_trace: list[Frame] = []


class Threads(msgspec.Struct):
    """The body of /actuator/threaddump."""

    threads: list[Thread]


class HealthBody(msgspec.Struct):
    """The body of /actuator/health and of its groups, and of each component in it."""

    status: str = "UNKNOWN"
    components: dict[str, HealthBody] = {}
    details: dict[str, msgspec.Raw] = {}


class _Measurement(msgspec.Struct):
    statistic: str
    value: float


class MetricBody(msgspec.Struct):
    """The body of /actuator/metrics/NAME."""

    measurements: list[_Measurement]


class _Link(msgspec.Struct):
    href: str = ""


class Links(msgspec.Struct):
    """The body of /actuator: what is open."""

    links: dict[str, _Link] = msgspec.field(name="_links", default_factory=dict)


def health_of(body: HealthBody) -> Health:
    """The health with its parts in one list, at most DEEPEST levels of them."""
    return Health(redacted(body.status, 40), tuple(_parts(body, "", 1)))


def _parts(body: HealthBody, above: str, depth: int) -> Iterator[Component]:
    if depth > DEEPEST:
        return
    for name, one in sorted(body.components.items()):
        path = f"{above}{redacted(name, 60)}"
        yield Component(path, redacted(one.status, 40), _details(one))
        yield from _parts(one, f"{path}/", depth + 1)


def _details(body: HealthBody) -> str:
    shown = (f"{name}: {_detail(name, raw)}" for name, raw in sorted(body.details.items())[:DETAILS_SHOWN])
    return redacted(", ".join(shown), 300)


def _detail(name: str, raw: msgspec.Raw) -> str:
    text = bytes(raw)[:2000].decode(errors="replace").strip('"')
    return HIDDEN if is_secret(name) else redacted(text)


def deadlocked(threads: list[Thread]) -> tuple[Thread, ...]:
    """The threads that wait for one another in a ring."""
    by_id = {one.thread_id: one for one in threads}
    found: dict[int, Thread] = {}
    for one in threads:
        seen: list[int] = []
        at: Thread | None = one
        while at is not None and at.thread_id not in seen:
            seen.append(at.thread_id)
            at = by_id.get(at.lock_owner_id) if at.lock_owner_id >= 0 else None
        if at is not None:
            ring = seen[seen.index(at.thread_id) :]
            found |= {number: by_id[number] for number in ring if len(ring) > 1}
    return tuple(found[number] for number in sorted(found))
