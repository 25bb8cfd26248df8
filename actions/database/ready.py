"""Looking whether a database is ready. It answers also where the server does not: that is the finding."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from actions.database.activity import ActivityFacts, ActivityParams
from actions.database.findings import (
    Finding,
    Weight,
    database_findings,
    follower_findings,
    server_findings,
)
from actions.failures import Refused, Transient
from actions.plan import Action, Context, Ending, Evidence, Fault, Light, Plan, Risk, Step
from actions.tools.postgres.greeting import Greeting
from actions.tools.postgres.readiness import read_database, read_followers, read_server
from actions.tools.postgres.server import Postgres
from actions.tools.toolbox import Toolbox

SHOWN = 40
TIMEOUT_S = 10.0
ANSWERS = ("answer", "database")
# Worth saying, but no reason to look at a database today.
HABITS = ("checksums", "last vacuum", "last analyze", "server")


def _look(environment: str, context: Context) -> Evidence:
    server = context.tools.postgres(environment)
    found = sorted(_findings(server, context.run), key=lambda finding: finding.weight)
    values = {finding.about: finding.said for finding in found[:SHOWN]}
    if len(found) > SHOWN:
        values["more"] = f"{len(found) - SHOWN} more, none of them worse"
    worst = [finding for finding in found if finding.weight is not Weight.FINE]
    if not worst:
        said = f"{server.place} is ready: {len(found)} findings, nothing to watch"
        return Evidence(said, values, "green")
    first = f"{worst[0].about}: {worst[0].said}"
    bad = sum(finding.weight is Weight.BAD for finding in worst)
    ready = "is ready" if _is_ready(found) else "is not ready"
    counted = f"{bad} bad, {len(worst) - bad} to watch"
    return Evidence(f"{server.place} {ready} ({counted}); {first}", values, _light(worst))


def _light(worst: list[Finding]) -> Light:
    if any(finding.weight is Weight.BAD for finding in worst):
        return "red"
    return "amber" if any(finding.about not in HABITS for finding in worst) else "green"


def _is_ready(found: list[Finding]) -> bool:
    return not any(finding.weight is Weight.BAD and finding.about in ANSWERS for finding in found)


def _findings(server: Postgres, run: int) -> Iterator[Finding]:
    """As far as the server lets itself be asked; where that ends is a finding."""
    greeting = server.greet()
    if greeting is not Greeting.ACCEPTING:
        yield Finding(Weight.BAD, "answer", _said(greeting, server))
        return
    try:
        with server.admin(run, TIMEOUT_S) as session:
            state = read_server(session)
            seen = [*server_findings(state), *follower_findings(*read_followers(session))]
    except (Refused, Transient) as error:
        yield Finding(Weight.BAD, "answer", f"it accepts connections, but not this one: {error}")
        return
    yield Finding(Weight.FINE, "answer", greeting.value)
    yield from seen
    try:
        with server.session(run, statement_timeout_s=TIMEOUT_S) as session:
            database, pool = read_database(server, session)
    except (Refused, Transient) as error:
        said = f"the server answers, but {server.database} does not: {error}"
        yield Finding(Weight.BAD, "database", said)
        return
    yield from database_findings(server.database, database, pool, state.checksums)


def _said(greeting: Greeting, server: Postgres) -> str:
    waited = f" within {server.connect_timeout_s} s" if greeting is Greeting.SILENT else ""
    return f"{greeting.value}{waited}"


def _survey(tools: Toolbox, params: ActivityParams) -> ActivityFacts:
    return ActivityFacts(tools.postgres(params.environment).place)


def _plan(params: ActivityParams, facts: ActivityFacts) -> Plan:
    return Plan(
        before=(),
        steps=(),
        after=(Step("Ask whether it is ready, and how it is", partial(_look, params.environment)),),
        facts=(("database", facts.place),),
    )


look_at_database = Action(
    name="look-at-database",
    title="Look whether the database is ready",
    risk=Risk.LOOK,
    params=ActivityParams,
    facts=ActivityFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/database-state",
    survey=_survey,
    plan=_plan,
    permissions=("PostgreSQL: a login; pg_monitor, to see who follows and how far behind they are",),
    example="run look-at-database environment=production",
    description=(
        "What pg_isready says, and more: version, uptime, recovery, read only, standbys and slots with their"
        " lag, connections, checksum failures, wraparound, last vacuum, sizes and space; the worst first. It"
        " answers also while the server is down."
    ),
    reach=f"changes nothing; at most three connections, {TIMEOUT_S:.0f} s each",
    endings=(
        Ending(Fault.GONE, "before", "verified", "that it refuses connections is the finding"),
        Ending(Fault.TIMEOUT, "before", "verified", "that it does not answer is the finding"),
        Ending(Fault.DENIED, "before", "verified", "that drbot may not log in, or not look, is the finding"),
    ),
)
