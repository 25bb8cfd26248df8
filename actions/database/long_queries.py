"""Ending the queries and idle transactions that hold a database's connections (plan section 7.1)."""

from __future__ import annotations

from actions.database.session_steps import ENDINGS, PATIENCE_S, SessionEnding
from actions.database.session_targets import (
    MOST,
    PERMISSIONS,
    EndFacts,
    EndParams,
    drift,
    find_targets,
    shown,
    warned,
)
from actions.plan import Action, Plan, Risk, Step
from actions.tools.postgres.sessions import AT_WORK
from actions.tools.toolbox import Toolbox


def _survey(tools: Toolbox, params: EndParams) -> EndFacts:
    return find_targets(tools, params, AT_WORK, "query or idle transaction")


def _plan(params: EndParams, facts: EndFacts) -> Plan:
    ending = SessionEnding(params, facts, AT_WORK)
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
        facts=shown(params, facts),
        warnings=tuple(warned(params, facts)),
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
    permissions=PERMISSIONS,
    example="run end-long-queries environment=production older_than=10m at_most=20",
    description=(
        "Ends the queries and idle transactions that hold a connection longer than the limit: cancelled"
        " first, then disconnected. Never a superuser's, replication, a backup or drbot's own; never more"
        " than the list shown."
    ),
    drift=drift,
    reach=f"the sessions listed in its plan, at most {MOST} (20 unless asked for more), of one database",
    endings=ENDINGS,
)
