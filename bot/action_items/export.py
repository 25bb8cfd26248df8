"""Action items as texts to take elsewhere: a Markdown task list, and the text of an issue on GitHub."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.domain.action_item import ActionItem, ItemState
from bot.domain.incident import Incident
from bot.plan.models import DrPlan

_CALLS = re.compile(r"([@#])(?=\w)")
_SIGNS = re.compile(r"([\\`*_\[\]<>|~])")


def as_markdown(plan: DrPlan, incident: Incident, items: Sequence[ActionItem]) -> str:
    """A heading and a task list; whoever pastes it sees the words as they were said."""
    head = f"## Action items of {incident.ref}: {_literal(incident.title)}"
    return _text(head, "", *(_task(plan, item, _literal) for item in items))


def as_github(plan: DrPlan, incident: Incident, items: Sequence[ActionItem]) -> str:
    """An issue: its title in the first line, then its body. Nobody there is called by accident."""
    ended = f"resolved {incident.resolved_at[:10]}" if incident.resolved_at else "still open"
    place = ", ".join(part for part in (incident.component, incident.environment) if part)
    return _text(
        f"Action items of {incident.ref}: {' '.join(incident.title.split())}",
        "",
        f"From the incident {incident.ref} ({incident.severity.value}{', ' + _quiet(place) if place else ''};"
        f" opened {incident.opened_at[:10]}, {ended}): {_quiet(incident.title)}",
        "",
        *(_task(plan, item, _quiet) for item in items),
        "",
        f"drbot keeps these: `dr items {incident.ref}` says how they stand, `dr item done AI-…` ends one.",
    )


def _task(plan: DrPlan, item: ActionItem, safe: Callable[[str], str]) -> str:
    """`- [ ] Raise the pool (Ana Souza, due 2026-12-01) · AI-3, evidence m4`."""
    text = safe(item.text)
    dropped = item.state is ItemState.DROPPED
    said = f"~~{text}~~ (dropped)" if dropped else text
    owner = safe(plan.called(item.owner)) if item.owner else "no owner"
    due = f"due {item.due}" if item.due else "no date"
    proof = f", evidence {' '.join(item.evidence[:8])}" if item.evidence else ""
    return f"- [{' ' if item.is_open else 'x'}] {said} ({owner}, {due}) · {item.ref}{proof}"


def _literal(text: str) -> str:
    """One line in which no sign is Markdown's."""
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))


def _quiet(text: str) -> str:
    """The same, and `@name` and `#12` are words: GitHub would call strangers and link to others' issues."""
    return _CALLS.sub(r"\1<!-- -->", _literal(text))


def _text(*lines: str) -> str:
    return "\n".join(lines) + "\n"
