"""Verbs about people: who is on call, who gets told."""

from __future__ import annotations

from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.commands.verbs import verb
from bot.domain.answer import Answer, Table
from bot.domain.severity import Severity
from bot.oncall import say


@verb("oncall", strangers=True)
def oncall(desk: Desk, said: Said) -> Answer:
    """Who is on call, where that is known from, and who gets told at which severity."""
    del said
    plan = desk.plan
    roster = desk.runs.roster()
    on_call = [person for one in roster.people if (person := plan.person(one)) is not None]
    rows = []
    for severity in (Severity.SEV1, Severity.SEV2, Severity.SEV3, Severity.SEV4):
        told = [plan.communication.channel, *(person.name for person in on_call)]
        if severity in (Severity.SEV1, Severity.SEV2):
            told += [f"{person.name} (lead)" for person in plan.people_with(("lead",))] or ["lead: vacant"]
        if severity is Severity.SEV1:
            told += [f"{person.name} (CTO)" for person in plan.people_with(("cto",))] or ["CTO: vacant"]
        level = plan.severities.get(severity.value)
        response = f"{int(level.response // 60)} min" if level else "not in the plan"
        rows.append((severity.value, response, " → ".join(told)))
    return Answer(
        f"On call: {say(plan, roster)}.",
        (f"Known from {roster.source}.", *([f"{roster.trouble}."] if roster.trouble else [])),
        table=Table(("severity", "respond within", "who is told, in order"), tuple(rows)),
        data={"on_call": list(roster.people), "source": roster.source},
    )
