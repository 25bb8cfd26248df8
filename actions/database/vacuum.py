"""Looking at vacuum: dead rows, bloat, old transaction ids, what holds it back; and what would help."""

from __future__ import annotations

from functools import partial

from actions.database.activity import LOOK_ENDINGS, ActivityFacts, ActivityParams
from actions.database.locks import duration_text
from actions.plan import Action, Context, Evidence, Plan, Risk, Step
from actions.restores.facts import size_text
from actions.tools.postgres.vacuum import (
    TABLES_LIMIT,
    Holdback,
    TableCare,
    autovacuum_on,
    read_bloated,
    read_dead,
    read_holdbacks,
    read_old,
)
from actions.tools.toolbox import Toolbox

HELD_S = 60.0
BLOAT_SHARE = 0.3
BLOAT_BYTES = 10_000_000
OLD_SHARE = 0.8
TIMEOUT_S = 20.0


def _look_at_dead(environment: str, context: Context) -> Evidence:
    server = context.tools.postgres(environment)
    with server.session(context.run, statement_timeout_s=TIMEOUT_S) as session:
        on, workers = autovacuum_on(session)
        found = read_dead(session)
    values = {} if on else {"autovacuum": "off; ALTER SYSTEM SET autovacuum = on; SELECT pg_reload_conf()"}
    values |= {table.name: dead_said(table) for table in found}
    at_it = f"; {workers} autovacuum workers are at it" if workers else ""
    if not on:
        return Evidence(f"autovacuum is off, {len(found)} tables hold dead rows", values, "amber")
    if not found:
        return Evidence(f"no table holds dead rows{at_it}", values, "green")
    due = sum(table.dead > table.due_at for table in found)
    return Evidence(
        f"{found[0].name} holds the most dead rows ({found[0].dead:,}); {due} tables are due{at_it}", values
    )


def dead_said(table: TableCare) -> str:
    """One table's dead rows, and the command where vacuum is due or may not come by itself."""
    last = f"{duration_text(table.vacuumed_s)} ago" if table.vacuumed_s is not None else "never"
    said = (
        f"{table.dead:,} dead of {table.dead + table.live:,} rows ({100 * table.dead_share:.0f} %),"
        f" vacuumed {last}, due at {table.due_at:,}"
    )
    if not table.autovacuum:
        return f"{said}; autovacuum is off for it: ALTER TABLE {table.name} RESET (autovacuum_enabled)"
    return f"{said}: VACUUM (ANALYZE) {table.name}" if table.dead > table.due_at else said


def _look_at_bloat(environment: str, context: Context) -> Evidence:
    server = context.tools.postgres(environment)
    with server.session(context.run, statement_timeout_s=TIMEOUT_S) as session:
        found = read_bloated(session)
    bloated = [table for table in found if is_bloated(table)]
    unknown = sum(table.bloat_bytes is None and table.size_bytes > 0 for table in found)
    values = {table.name: bloat_said(table) for table in bloated}
    if unknown:
        values["not known"] = f"of {unknown} tables: never analyzed, or drbot may not read them (ANALYZE)"
    if not bloated:
        return Evidence("no table looks bloated (an estimate)", values)
    return Evidence(f"{len(bloated)} tables look bloated, {bloated[0].name} the most (an estimate)", values)


def is_bloated(table: TableCare) -> bool:
    """Whether a rewrite would be worth its lock."""
    bloat_bytes = table.bloat_bytes or 0
    return bloat_bytes > max(BLOAT_BYTES, BLOAT_SHARE * table.size_bytes)


def bloat_said(table: TableCare) -> str:
    """How much a rewrite would free, and the command with its price."""
    return (
        f"about {size_text(table.bloat_bytes or 0)} of {size_text(table.size_bytes)} could be free:"
        f" VACUUM (FULL) {table.name} in a quiet hour, it locks the table; pg_repack does not"
    )


def _look_at_age(environment: str, context: Context) -> Evidence:
    server = context.tools.postgres(environment)
    with server.session(context.run, statement_timeout_s=TIMEOUT_S) as session:
        found = read_old(session)
    old = [table for table in found if table.age > OLD_SHARE * table.freeze_max_age]
    values = {table.name: age_said(table) for table in old or found[:3]}
    if not found:
        return Evidence("there are no tables", light="green")
    most = f"the oldest is {found[0].age:,} transactions old, of {found[0].freeze_max_age:,}"
    said = f"{len(old)} tables near a forced vacuum" if old else "no table is near a forced vacuum"
    return Evidence(f"{said}; {most}", values, "amber" if old else "green")


def age_said(table: TableCare) -> str:
    """How near a table is to the vacuum that cannot be put off, and the command."""
    share = table.age / max(1, table.freeze_max_age)
    said = f"{table.age:,} transactions old, {100 * share:.0f} % of autovacuum_freeze_max_age"
    return f"{said}: VACUUM (FREEZE) {table.name}" if share > OLD_SHARE else said


def _look_at_holdbacks(environment: str, context: Context) -> Evidence:
    server = context.tools.postgres(environment)
    with server.session(context.run, statement_timeout_s=TIMEOUT_S) as session:
        found = read_holdbacks(session, HELD_S)
    values = {f"{one.kind} {one.name[:60]}": holdback_said(one, environment) for one in found}
    if not found:
        return Evidence(f"nothing older than {HELD_S:.0f} s held vacuum back", light="green")
    first = f"{found[0].kind} {found[0].name[:60]}"
    return Evidence(f"{len(found)} hold vacuum back, {first} the most", values, "amber")


def holdback_said(one: Holdback, environment: str) -> str:
    """What it is, how long, and what would let vacuum go on."""
    age = f"{one.age:,} transactions"
    if one.kind == "session":
        verb = (
            "end-idle-in-transaction" if one.state.startswith("idle in transaction") else "end-long-queries"
        )
        return (
            f"{one.who}, {one.state}, its transaction open for {duration_text(one.since_s)}, {age} held:"
            f" {verb} environment={environment}"
        )
    if one.kind == "slot":
        literal = one.name.replace("'", "''")
        help_said = (
            "let its consumer catch up" if one.active else f"SELECT pg_drop_replication_slot('{literal}')"
        )
        return f"{one.state}, {'in use' if one.active else 'used by nobody'}, {age} held: {help_said}"
    if one.kind == "prepared":
        literal = one.name.replace("'", "''")[:200]
        return f"of {one.who}, {duration_text(one.since_s)} old, {age} held: ROLLBACK PREPARED '{literal}'"
    return f"{one.state}, {age} held: end the long query there, or hot_standby_feedback = off"


def _survey(tools: Toolbox, params: ActivityParams) -> ActivityFacts:
    return ActivityFacts(tools.postgres(params.environment).place)


def _plan(params: ActivityParams, facts: ActivityFacts) -> Plan:
    environment = params.environment
    return Plan(
        before=(),
        steps=(),
        after=(
            Step("Estimate what a rewrite would free", partial(_look_at_bloat, environment)),
            Step("Compare the age of transaction ids with the limit", partial(_look_at_age, environment)),
            Step("Find what holds vacuum back", partial(_look_at_holdbacks, environment)),
            Step("Count the dead rows and what is due", partial(_look_at_dead, environment)),
        ),
        facts=(("database", facts.place),),
    )


look_at_vacuum = Action(
    name="look-at-vacuum",
    title="Look at dead rows and vacuum",
    risk=Risk.LOOK,
    params=ActivityParams,
    facts=ActivityFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/database-vacuum",
    survey=_survey,
    plan=_plan,
    permissions=(
        "PostgreSQL: pg_read_all_stats, to see the transactions of others",
        "PostgreSQL: SELECT on the tables (pg_read_all_data), to estimate their bloat",
    ),
    example="run look-at-vacuum environment=production",
    description=(
        "Tables with the most dead rows, their last vacuum, bloat by estimate, age of transaction ids against"
        " the limit, and the transactions and slots that hold vacuum back; each with the command that would"
        " help, which is not run."
    ),
    reach=f"changes nothing; shows at most {TABLES_LIMIT} tables of one database a finding",
    endings=LOOK_ENDINGS,
)
