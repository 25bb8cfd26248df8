"""Verbs about people: who is on call, who gets told."""

from __future__ import annotations

from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.commands.verbs import verb
from bot.domain.answer import Answer, Table
from bot.domain.severity import Severity


@verb("oncall", strangers=True)
def oncall(desk: Desk, said: Said) -> Answer:
    """Who is on call, and who gets told at which severity."""
    del said
    plan = desk.plan
    on_call = plan.people_with(("on-call",))
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
    names = ", ".join(person.name for person in on_call) or "nobody: the seat is vacant"
    return Answer(
        f"On call: {names}.",
        table=Table(("severity", "respond within", "who is told, in order"), tuple(rows)),
        data={"on_call": [person.id for person in on_call]},
    )
