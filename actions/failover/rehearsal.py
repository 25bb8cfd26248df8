"""Rehearsing a failover: everything but the change of the live record, measured."""

from __future__ import annotations

from actions.failover.drill import Drill
from actions.failover.survey import FailoverFacts, FailoverParams, drift, survey
from actions.failover.words import BEFORE, CHANGES, SYNC_USUALLY_S, rows
from actions.plan import Action, Ending, Fault, Plan, Risk
from actions.tools.dns.route53 import RIGHTS


def _plan(params: FailoverParams, facts: FailoverFacts) -> Plan:
    del params
    drill = Drill(facts)
    name = facts.record.name
    warnings = [f"{name} itself is not touched: nobody's requests go anywhere else"]
    # Known objections are no reason to look away: the rehearsal refuses as the failover would.
    warnings += [f"a failover would be refused now: {one.said}" for one in facts.objections]
    return Plan(
        before=drill.guards(),
        steps=drill.drill_steps(),
        after=drill.drill_checks(),
        undo=drill.drill_back(),
        facts=rows(facts),
        warnings=tuple(warnings),
        forecast_s=SYNC_USUALLY_S,
    )


rehearse_failover = Action(
    name="rehearse-failover",
    title="Rehearse a failover",
    risk=Risk.LOW,
    params=FailoverParams,
    facts=FailoverFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/{params.service}-name",
    survey=survey,
    plan=_plan,
    permissions=(f"AWS: {RIGHTS}",),
    example="run rehearse-failover environment=production service=api",
    description=(
        "Does all that a failover does, but on a drill record that nobody uses (drbot-drill-RUN beside the"
        " live one): makes it, waits until every name server has it, resolves it from here, asks the other"
        " target what customers would ask, and removes it. Measures each, and proves rights and targets."
    ),
    drift=drift,
    reach="one record of its own in the hosted zone, removed again; the live record is only read",
    iam=CHANGES,
    endings=(
        *BEFORE,
        Ending(Fault.GONE, "during", "stopped", "Route 53 went away; a drill record may be left."),
        Ending(Fault.TIMEOUT, "during", "stopped", "Route 53 fell silent; a drill record may be left."),
        Ending(
            Fault.DENIED, "during", "refused", "AWS does not let drbot change the zone; nothing was made."
        ),
        Ending(Fault.UNHEALTHY, "during", "undone", "The target does not answer; the drill record is gone."),
    ),
)
