"""Verbs for what can be run: the list of actions, and each one wholly."""

from __future__ import annotations

import difflib

from actions.plan import AnyAction, Risk, to_json
from bot.catalogue import entry, policy
from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.commands.verbs import verb
from bot.domain.answer import Answer, Table, UsageError
from bot.domain.entry import Json


@verb("actions", "actions [NAME]", strangers=True)
def actions(desk: Desk, said: Said) -> Answer:
    """What can be run here, with its risk and who approves it. With a name: that action wholly."""
    if said.words:
        return _one(desk, " ".join(said.words))
    rows = tuple(
        (action.name, action.risk.value, approvers(desk, action.risk), action.title)
        for action in desk.actions.values()
    )
    table = Table(("action", "risk", "who approves", "what it does"), rows)
    title = f"{len(rows)} actions can be run; `actions NAME` tells all about one."
    return Answer(title, table=table, data={"actions": [row[0] for row in rows]})


def approvers(desk: Desk, risk: Risk) -> str:
    """Who approves a run of this risk, by name, as the plan has it."""
    rule = desk.runs.rule(risk.value)
    if risk is Risk.LOOK:
        return "nobody (it only looks)"
    if not rule.approve and not rule.never_alone:
        return "whoever asked for it"
    roles = rule.may_approve
    names = ", ".join(person.name for person in desk.plan.people_with(roles))
    if not names:
        return f"nobody yet: the plan names no {' or '.join(roles)}"
    return f"a second person of {names}" if rule.never_alone else names


def _one(desk: Desk, name: str) -> Answer:
    """One action: what it does, what it needs, how it ends."""
    action = desk.actions.get(name)
    if action is None:
        near = difflib.get_close_matches(name, list(desk.actions), n=1)
        hint = f"the nearest is `actions {near[0]}`" if near else "`actions` lists what can be run"
        raise UsageError(f"there is no action {name[:60]!r}: {hint}")
    document = entry(action, lambda risk: approvers(desk, risk))
    return Answer(f"{action.name} · {action.risk.value}", document=document, data=_as_json(desk, action))


def _as_json(desk: Desk, action: AnyAction) -> dict[str, Json]:
    return {
        "action": action.name,
        "title": action.title,
        "risk": action.risk.value,
        "approved_by": approvers(desk, action.risk),
        "description": action.description,
        "reach": action.reach,
        "permissions": list(action.permissions),
        "iam": policy(action.iam) if action.iam else "",
        "endings": [to_json(one) for one in action.endings],
        "example": action.example,
    }
