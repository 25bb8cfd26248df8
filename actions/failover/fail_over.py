"""Moving a service's name to another target of the plan (section 3.4), with its way back."""

from __future__ import annotations

from actions.failover.steps import Moving
from actions.failover.survey import FailoverFacts, FailoverParams, drift, survey
from actions.failover.words import BEFORE, CHANGES, forecast_s, rows, warnings
from actions.plan import Action, Ending, Fault, Plan, Risk
from actions.tools.dns.route53 import RIGHTS

UNDO_KEEP_S = 24 * 3600.0


def _plan(params: FailoverParams, facts: FailoverFacts) -> Plan:
    del params
    moving = Moving(facts)
    return Plan(
        before=moving.guards(),
        steps=moving.steps(),
        after=moving.checks(),
        undo=moving.back(),
        facts=rows(facts),
        warnings=tuple(warnings(facts)),
        forecast_s=forecast_s(facts),
        undo_keep_s=UNDO_KEEP_S,
        objections=tuple(one.said for one in facts.objections),
    )


fail_over_name = Action(
    name="fail-over-name",
    title="Fail over to another target",
    risk=Risk.HIGH,
    params=FailoverParams,
    facts=FailoverFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/{params.service}-name",
    survey=survey,
    plan=_plan,
    permissions=(f"AWS: {RIGHTS}",),
    example="run fail-over-name environment=production service=api to=secondary",
    description=(
        "Points a service's DNS name to another target of the plan, in one change that Route 53 refuses where"
        " the record is not the one that was shown; waits until every name server has it, resolves it from"
        " here, and asks the service under its name. Refused towards a target that is not healthy or whose"
        " data is stale, unless the glass is broken."
    ),
    drift=drift,
    reach="one simple record of one hosted zone; what it was before is kept and can be put back for a day",
    iam=CHANGES,
    endings=(
        *BEFORE,
        Ending(Fault.GONE, "during", "stopped", "Route 53 went away midway; a person looks at the record."),
        Ending(Fault.TIMEOUT, "during", "stopped", "Route 53 fell silent midway; a person looks."),
        Ending(
            Fault.DENIED, "during", "refused", "AWS does not let drbot change the record; it is as it was."
        ),
        Ending(Fault.UNHEALTHY, "during", "undone", "The new target does not answer; the name was put back."),
    ),
)
