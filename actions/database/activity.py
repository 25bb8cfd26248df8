"""Looking at a database's activity: who holds the connections, what is old, who waits for whom."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from actions.amounts import counted
from actions.plan import Action, Context, Ending, Evidence, Fault, Light, Plan, Risk, Step
from actions.tools.postgres.server import Postgres
from actions.tools.postgres.sessions import (
    LongSession,
    Pool,
    blockers,
    long_sessions,
    read_pool,
    redacted,
    spared,
)
from actions.tools.toolbox import Toolbox

SHOWN = 10
TIGHT_SHARE = 0.9
LOOK_ENDINGS = (
    Ending(Fault.GONE, "before", "failed", "the server was asked three times; looking changes nothing"),
    Ending(Fault.TIMEOUT, "before", "failed", "given up after 5 s, three times; looking changes nothing"),
    Ending(Fault.DENIED, "before", "refused", "says what the server refused; looking changes nothing"),
)
AGES = (
    (60, "under 1 min"),
    (300, "1-5 min"),
    (600, "5-10 min"),
    (1800, "10-30 min"),
    (3600, "30-60 min"),
)


@dataclass(frozen=True)
class ActivityParams:
    environment: str


@dataclass(frozen=True)
class ActivityFacts:
    """Which database would be looked at; looking needs no more."""

    place: str


def bucket(seconds: float) -> str:
    """`10-30 min`: an age coarse enough to read at a glance."""
    limits = (
        (60, "under 1 min"),
        (300, "1-5 min"),
        (600, "5-10 min"),
        (1800, "10-30 min"),
        (3600, "30-60 min"),
    )
    return next((name for limit_s, name in limits if seconds < limit_s), "over 1 h")


def row_of(found: LongSession) -> str:
    """One session as a person reads it; the query without its literals."""
    who = f"{found.user}, {found.application}" if found.application else found.user
    return f"{bucket(found.busy_s)} {found.state} ({who}): {redacted(found.query)}"


def pool_text(pool: Pool) -> str:
    """`57 of 97 connections in use (59 %)`."""
    return f"{pool.used} of {pool.usable} connections in use ({100 * pool.share:.0f} %)"


def _look_at_pool(environment: str, context: Context) -> Evidence:
    server = context.tools.postgres(environment)
    with server.admin(context.run) as session:
        pool = read_pool(session, server.database)
    values = {state: str(number) for state, number in pool.by_state}
    light: Light = "red" if pool.used >= pool.usable else "amber" if pool.share >= TIGHT_SHARE else "green"
    return Evidence(f"{server.place}: {pool_text(pool)}", values, light)


def _look_at_oldest(environment: str, context: Context) -> Evidence:
    server = context.tools.postgres(environment)
    with server.admin(context.run) as session:
        found = long_sessions(session, server.database, 0.0)
        left_out = spared(session, server.database, 60.0)
    values = {f"pid {one.pid}": row_of(one) for one in found[:SHOWN]}
    values |= {f"not drbot's to end: {why}": str(number) for why, number in left_out}
    if not found:
        return Evidence("no query was running and no transaction idle", values)
    idle = sum(one.state != "active" for one in found)
    return Evidence(
        f"{len(found)} sessions at work or idle in a transaction ({idle} idle),"
        f" the oldest for {bucket(found[0].busy_s)}",
        values,
    )


def _look_at_blockers(environment: str, context: Context) -> Evidence:
    server = context.tools.postgres(environment)
    with server.admin(context.run) as session:
        waits = blockers(session, server.database)
    said = f"{counted(len(waits), 'session')} waited for another" if waits else "nobody waited for another"
    values = {str(number): wait for number, wait in enumerate(waits, 1)}
    return Evidence(said, values, "amber" if waits else "green")


def _survey(tools: Toolbox, params: ActivityParams) -> ActivityFacts:
    server: Postgres = tools.postgres(params.environment)
    with server.admin() as session:
        server.identity(session)
    return ActivityFacts(server.place)


def _plan(params: ActivityParams, facts: ActivityFacts) -> Plan:
    environment = params.environment
    return Plan(
        before=(),
        steps=(),
        after=(
            Step("Count the connections by state", partial(_look_at_pool, environment)),
            Step(
                "List the oldest queries and transactions",
                partial(_look_at_oldest, environment),
            ),
            Step("List who waits for whom", partial(_look_at_blockers, environment)),
        ),
        facts=(("database", facts.place),),
    )


look_at_activity = Action(
    name="look-at-activity",
    title="Look at what the database is doing",
    risk=Risk.LOOK,
    params=ActivityParams,
    facts=ActivityFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/database-activity",
    survey=_survey,
    plan=_plan,
    permissions=("PostgreSQL: pg_read_all_stats, to see the queries of others",),
    example="run look-at-activity environment=production",
    description="Connections by state against the limit, the oldest queries and transactions, who waits.",
    reach=f"changes nothing; shows at most {SHOWN} sessions of one database",
    endings=LOOK_ENDINGS,
)
