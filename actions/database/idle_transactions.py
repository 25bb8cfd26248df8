"""Ending sessions idle in a transaction: they hold locks and connections, and vacuum waits for them."""

from __future__ import annotations

from dataclasses import dataclass

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
from actions.tools.postgres.sessions import IDLE_IN_TRANSACTION
from actions.tools.toolbox import Toolbox


@dataclass(frozen=True)
class IdleParams(EndParams):
    """`older_than`: since how long it has said nothing in its transaction."""

    older_than: str = "5m"


def _survey(tools: Toolbox, params: IdleParams) -> EndFacts:
    return find_targets(tools, params, IDLE_IN_TRANSACTION, "session idle in a transaction")


def _plan(params: IdleParams, facts: EndFacts) -> Plan:
    ending = SessionEnding(params, facts, IDLE_IN_TRANSACTION)
    return Plan(
        before=(Step(f"Check that {facts.place} is still the server shown here", ending.check_server),),
        steps=(Step(f"End {ending.all} listed, each only if still idle since then", ending.terminate),),
        after=(
            Step("Check that none of them is idle in its transaction any more", ending.check_gone),
            Step("Open a new connection and count those in use", ending.check_pool),
        ),
        facts=shown(params, facts),
        warnings=tuple(warned(params, facts)),
        forecast_s=PATIENCE_S,
    )


end_idle_in_transaction = Action(
    name="end-idle-in-transaction",
    title="End sessions idle in a transaction",
    risk=Risk.HIGH,
    params=IdleParams,
    facts=EndFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/database",
    survey=_survey,
    plan=_plan,
    permissions=PERMISSIONS,
    example="run end-idle-in-transaction environment=production older_than=5m at_most=20",
    description=(
        "Disconnects the sessions that have said nothing in an open transaction for longer than the limit"
        " (there is no query to cancel); their locks are freed. Never a superuser's, replication, a backup or"
        " drbot's own; one that went on to work in the meantime is left alone."
    ),
    drift=drift,
    reach=f"the sessions listed in its plan, at most {MOST} (20 unless asked for more), of one database",
    endings=ENDINGS,
)
