"""The sessions that a run would end: what is asked for, which they are, each pinned, and who is spared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from actions.database.activity import bucket, pool_text
from actions.failures import Refused
from actions.tools.postgres.sessions import (
    Hold,
    LongSession,
    long_sessions,
    may_signal,
    read_pool,
    redacted,
    spared,
)
from actions.tools.toolbox import Toolbox

MOST = 100
NO_RIGHT = "drbot's role may not end sessions of others: GRANT pg_signal_backend to it. Nothing was changed."
PERMISSIONS = (
    "PostgreSQL: pg_signal_backend and pg_read_all_stats",
    "PostgreSQL: a reserved connection (superuser, or pg_use_reserved_connections), to get in when full",
)
_UNITS_S = {"s": 1.0, "m": 60.0, "h": 3600.0}


def read_age_s(text: str) -> float:
    """Seconds of `90s`, `10m` or `1h`. Raises ValueError with the form."""
    found = re.fullmatch(r"(\d{1,6})([smh])", text.strip())
    if found is None or found[1].strip("0") == "":
        raise ValueError(f"{text!r} is not an age: write 90s, 10m or 1h")
    return float(found[1]) * _UNITS_S[found[2]]


@dataclass(frozen=True)
class EndParams:
    """`older_than`: how long it has been held; `at_most`: how many sessions are ended at once."""

    environment: str
    older_than: str = "10m"
    at_most: int = 20

    def __post_init__(self) -> None:
        read_age_s(self.older_than)
        if not 1 <= self.at_most <= MOST:
            raise ValueError(f"at_most is a number from 1 to {MOST}")


@dataclass(frozen=True)
class Target:
    """One session to end, pinned as LongSession is; its query without literals, its age coarse."""

    pid: int
    backend_start: str
    xact_start: str
    pinned_at: str
    user: str
    application: str
    state: str
    age: str
    query: str

    @property
    def pin(self) -> LongSession:
        return LongSession(
            self.pid, self.backend_start, self.xact_start, self.pinned_at, self.user, self.application,
            self.state, 0.0, "",
        )  # fmt: skip

    @property
    def same(self) -> tuple[int, str, str]:
        """What stays the same while it is at the very same thing."""
        return (self.pid, self.backend_start, self.pinned_at)


@dataclass(frozen=True)
class EndFacts:
    place: str
    system_identifier: str
    targets: tuple[Target, ...]
    more: int
    used: int
    usable: int
    spared: tuple[tuple[str, int], ...]


def find_targets(tools: Toolbox, params: EndParams, hold: Hold, what: str) -> EndFacts:
    """Look for `what` (in a sentence: "query or idle transaction"). Raises Refused where there is none."""
    server = tools.postgres(params.environment)
    with server.admin() as session:
        identity = server.identity(session)
        found = long_sessions(session, server.database, read_age_s(params.older_than), hold)
        left_out = spared(session, server.database, read_age_s(params.older_than), hold)
        pool = read_pool(session, server.database)
        if not may_signal(session):
            raise Refused(NO_RIGHT)
    if not found:
        also = "".join(f"; {number} of {why} are not drbot's to end" for why, number in left_out)
        raise Refused(
            f"no {what} on {server.place} is older than {params.older_than}{also}."
            f" {pool_text(pool)}. Nothing to end; a smaller older_than finds younger ones."
        )
    targets = tuple(_target(one) for one in found[: params.at_most])
    return EndFacts(
        server.place,
        identity.system_identifier,
        targets,
        len(found) - len(targets),
        pool.used,
        pool.usable,
        left_out,
    )


def _target(one: LongSession) -> Target:
    return Target(
        one.pid, one.backend_start, one.xact_start, one.pinned_at, one.user, one.application, one.state,
        bucket(one.busy_s), redacted(one.query),
    )  # fmt: skip


def drift(planned: EndFacts, now: EndFacts) -> str | None:
    """Sessions that ended by themselves, and new ones, are harmless: only the listed ones are touched."""
    if (planned.place, planned.system_identifier) != (now.place, now.system_identifier):
        return f"{planned.place} is another server than the one that was shown"
    there = {one.same for one in now.targets}
    if now.more == 0 and not there & {one.same for one in planned.targets}:
        return f"none of the {len(planned.targets)} sessions that were shown is at it any more; others are"
    return None


def shown(params: EndParams, facts: EndFacts) -> tuple[tuple[str, str], ...]:
    """The exact list, as a person approves it."""
    return (
        ("database", facts.place),
        ("connections", f"{facts.used} of {facts.usable} in use"),
        ("older than", params.older_than),
        *(
            (
                f"pid {one.pid}",
                f"{one.age} {one.state} ({one.user}, {one.application or 'unnamed'}): {one.query}",
            )
            for one in facts.targets
        ),
    )


def warned(params: EndParams, facts: EndFacts) -> Iterator[str]:
    """What customers will notice, and what is left as it is."""
    yield "work that is not committed in these sessions is rolled back, and their callers see an error"
    if facts.more:
        yield f"{facts.more} more are as old; at_most={params.at_most} leaves them for another run"
    for why, number in facts.spared:
        yield f"{number} as old, of {why}, are not drbot's to end"
