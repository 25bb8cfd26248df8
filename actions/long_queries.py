"""Ending the queries and idle transactions that hold a database's connections (plan section 7.1)."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from actions.database import bucket, pool_text, row_of
from actions.failures import NotVerified, Refused, Transient
from actions.plan import Action, Context, Evidence, Plan, Risk, Step
from actions.tools.postgres import Session
from actions.tools.sessions import (
    LongSession,
    Pool,
    cancel,
    long_sessions,
    may_signal,
    read_pool,
    redacted,
    spared,
    still_there,
    terminate,
)
from actions.tools.toolbox import Toolbox

PATIENCE_S = 5.0
MOST = 100
_UNITS_S = {"s": 1.0, "m": 60.0, "h": 3600.0}


def read_age_s(text: str) -> float:
    """Seconds of `90s`, `10m` or `1h`. Raises ValueError with the form."""
    found = re.fullmatch(r"(\d{1,6})([smh])", text.strip())
    if found is None or found[1].strip("0") == "":
        raise ValueError(f"{text!r} is not an age: write 90s, 10m or 1h")
    return float(found[1]) * _UNITS_S[found[2]]


@dataclass(frozen=True)
class EndParams:
    """`older_than`: how long a query ran, or a transaction idled; `at_most`: how many are ended at once."""

    environment: str
    older_than: str = "10m"
    at_most: int = 20

    def __post_init__(self) -> None:
        read_age_s(self.older_than)
        if not 1 <= self.at_most <= MOST:
            raise ValueError(f"at_most is a number from 1 to {MOST}")


@dataclass(frozen=True)
class Target:
    """One session to end: pinned by when it and its query began, its query without literals."""

    pid: int
    backend_start: str
    query_start: str
    user: str
    application: str
    state: str
    age: str
    query: str


@dataclass(frozen=True)
class EndFacts:
    place: str
    system_identifier: str
    targets: tuple[Target, ...]
    more: int
    used: int
    usable: int
    spared: tuple[tuple[str, int], ...]


def _survey(tools: Toolbox, params: EndParams) -> EndFacts:
    server = tools.postgres(params.environment)
    with server.admin() as session:
        identity = server.identity(session)
        found = long_sessions(session, server.database, read_age_s(params.older_than))
        left_out = spared(session, server.database, read_age_s(params.older_than))
        pool = read_pool(session, server.database)
        if not may_signal(session):
            raise Refused(
                "drbot's role may not end sessions of others: GRANT pg_signal_backend to it."
                " Nothing was changed."
            )
    if not found:
        also = "".join(f"; {number} of {why} are not drbot's to end" for why, number in left_out)
        raise Refused(
            f"no query or idle transaction on {server.place} is older than {params.older_than}{also}."
            f" {pool_text(pool)}. Nothing to end; a smaller older_than finds younger ones."
        )
    targets = tuple(
        Target(
            one.pid, one.backend_start, one.query_start, one.user, one.application, one.state,
            bucket(one.busy_s), redacted(one.query),
        )
        for one in found[: params.at_most]
    )  # fmt: skip
    return EndFacts(
        server.place,
        identity.system_identifier,
        targets,
        len(found) - len(targets),
        pool.used,
        pool.usable,
        left_out,
    )


def _drift(planned: EndFacts, now: EndFacts) -> str | None:
    """Sessions that ended by themselves, and new ones, are harmless: only the listed ones are touched."""
    if (planned.place, planned.system_identifier) != (now.place, now.system_identifier):
        return f"{planned.place} is another server than the one that was shown"
    there = {(one.pid, one.backend_start, one.query_start) for one in now.targets}
    if now.more == 0 and not there & {
        (one.pid, one.backend_start, one.query_start) for one in planned.targets
    }:
        return f"none of the {len(planned.targets)} sessions that were shown is at it any more; others are"
    return None


class _Ending:
    """The steps of one plan, over the sessions that were shown and no others."""

    def __init__(self, params: EndParams, facts: EndFacts) -> None:
        self.params = params
        self.facts = facts
        self.pins = tuple(
            LongSession(
                one.pid, one.backend_start, one.query_start, one.user, one.application, one.state, 0.0, ""
            )
            for one in facts.targets
        )
        self.all = f"the {len(self.pins)} sessions" if len(self.pins) > 1 else "the session"

    def check_server(self, context: Context) -> Evidence:
        """Guard: the same server, and at least one of the sessions is still at it."""
        server = context.tools.postgres(self.params.environment)
        with server.admin(context.run) as session:
            identity = server.identity(session)
            left = still_there(session, self.pins)
        if identity.system_identifier != self.facts.system_identifier:
            raise Refused(f"{server.place} is another server than the one that was shown: nothing was ended")
        return Evidence(f"{len(left)} of {len(self.pins)} were still at it")

    def cancel(self, context: Context) -> Evidence:
        """Step: cancel what runs; a session that went on to something else is left alone."""
        with context.tools.postgres(self.params.environment).admin(context.run) as session:
            asked = cancel(session, self.pins)
            left = _wait(session, tuple(pin for pin in self.pins if pin.pid in asked), PATIENCE_S, context)
        gone = len(asked) - len(left)
        return Evidence(f"cancelled {len(asked)} queries; {gone} let go within {PATIENCE_S:.0f} s")

    def terminate(self, context: Context) -> Evidence:
        """Step: end the connections of those that did not let go."""
        with context.tools.postgres(self.params.environment).admin(context.run) as session:
            ended = terminate(session, self.pins)
            left = _wait(session, self.pins, PATIENCE_S, context)
        if left:
            raise Transient(f"{len(left)} sessions are still ending: {', '.join(map(str, left))}")
        rows = {
            f"pid {one.pid}": f"{one.age} {one.state} ({one.user}): {one.query}" for one in self.facts.targets
        }
        said = f"ended {len(ended)} connections" if ended else "no connection had to be ended"
        return Evidence(said, rows)

    def check_gone(self, context: Context) -> Evidence:
        """Check: none of them is at it any more."""
        with context.tools.postgres(self.params.environment).admin(context.run) as session:
            left = still_there(session, self.pins)
        if left:
            raise NotVerified(f"{len(left)} sessions are still at it: {', '.join(map(str, left))}")
        return Evidence(f"none of {self.all} was at it any more")

    def check_pool(self, context: Context) -> Evidence:
        """Check: a new connection to the database succeeds; how many are in use now."""
        server = context.tools.postgres(self.params.environment)
        try:
            with server.session(context.run) as session:
                pool = read_pool(session, server.database)
                younger = long_sessions(session, server.database, read_age_s(self.params.older_than))
        except (Refused, Transient) as error:
            raise NotVerified(f"they were ended, but a new connection still fails: {error}") from error
        if pool.used >= pool.usable:
            raise NotVerified(
                f"they were ended, but {pool_text(pool)}: something takes them faster than it lets go"
            )
        values = {
            "before": f"{self.facts.used} of {self.facts.usable}",
            "now": f"{pool.used} of {pool.usable}",
        }
        values |= {f"also older, pid {one.pid}": row_of(one) for one in younger[:5]}
        return Evidence(f"a new connection succeeded; {self._moved(pool)}", values)

    def _moved(self, pool: Pool) -> str:
        change = self.facts.used - pool.used
        return (
            f"{pool_text(pool)}, {change} fewer"
            if change > 0
            else f"{pool_text(pool)}, not fewer than before"
        )


def _wait(
    session: Session, pins: tuple[LongSession, ...], patience_s: float, context: Context
) -> tuple[int, ...]:
    deadline = time.monotonic() + patience_s
    while left := still_there(session, pins):
        if time.monotonic() > deadline:
            return left
        context.progress(f"{len(left)} still at it")
        time.sleep(0.05)
    return ()


def _plan(params: EndParams, facts: EndFacts) -> Plan:
    ending = _Ending(params, facts)
    warnings = ["work that is not committed in these sessions is rolled back, and their callers see an error"]
    if facts.more:
        warnings.append(f"{facts.more} more are as old; at_most={params.at_most} leaves them for another run")
    warnings += [f"{number} as old, of {why}, are not drbot's to end" for why, number in facts.spared]
    rows = tuple(
        (f"pid {one.pid}", f"{one.age} {one.state} ({one.user}, {one.application or 'unnamed'}): {one.query}")
        for one in facts.targets
    )
    return Plan(
        before=(Step(f"Check that {facts.place} is still the server shown here", ending.check_server),),
        steps=(
            Step(f"Cancel the queries of {ending.all} listed", ending.cancel),
            Step("End the connections of those that do not let go", ending.terminate),
        ),
        after=(
            Step("Check that none of them is at it any more", ending.check_gone),
            Step("Open a new connection and count those in use", ending.check_pool),
        ),
        facts=(
            ("database", facts.place),
            ("connections", f"{facts.used} of {facts.usable} in use"),
            ("older than", params.older_than),
            *rows,
        ),
        warnings=tuple(warnings),
        forecast_s=2 * PATIENCE_S,
    )


end_long_queries = Action(
    name="end-long-queries",
    title="End long-running queries",
    risk=Risk.HIGH,
    params=EndParams,
    facts=EndFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/database",
    survey=_survey,
    plan=_plan,
    permissions=(
        "PostgreSQL: pg_signal_backend and pg_read_all_stats",
        "PostgreSQL: a reserved connection (superuser, or pg_use_reserved_connections), to get in when full",
    ),
    example="run end-long-queries environment=production older_than=10m at_most=20",
    description=(
        "Ends the queries and idle transactions that hold a connection longer than the limit: cancelled"
        " first, then disconnected. Never a superuser's, replication, a backup or drbot's own; never more"
        " than the list shown."
    ),
    drift=_drift,
)
