"""The forms (modals). A form completes a command line; the line is carried in its private metadata."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.incident import Incident
from bot.domain.run import Run
from bot.domain.severity import Severity
from bot.slack.blocks import Block, context, plain_words, section
from bot.slack.cards.form_parts import Origin, field, form, option, words
from bot.slack.cards.words import COLOUR
from bot.slack.fit import fit
from bot.slack.text import code, one_line

OPTIONS = 100


def note_form(origin: Origin, ref: str, given: str = "") -> Block:
    """A note for the incident's timeline."""
    return form(
        "note", f"Note on {ref}", "Add", origin, [words("text", "What should the timeline say?", given)]
    )


def deny_form(origin: Origin, ref: str) -> Block:
    """Why a run is denied."""
    return form("deny", f"Deny {ref}", "Deny", origin, [words("text", "Why not?", optional=True)])


def skip_form(origin: Origin, ref: str) -> Block:
    """Why a step of a runbook is passed over."""
    said = context("The walk goes on with the next step; the reason stands in the journal and the report.")
    why = words("text", "Why is this step not done?", lines=False)
    return form("skip", f"Skip a step of {ref}", "Skip it", origin, [why, said])


def severity_form(origin: Origin, ref: str, current: Severity | None = None) -> Block:
    """A severity set by a person; it then stays until a person changes it."""
    return form(
        "severity",
        f"Severity of {ref}",
        "Set",
        origin,
        [
            _severities(current),
            words("text", "Why?", optional=True),
            context("Set by a person, it stays: the rules no longer change it."),
        ],
    )


def declare_form(origin: Origin, given: str = "") -> Block:
    """A new incident, declared by a person."""
    title = words("text", "What is wrong?", given[:150], lines=False)
    return form("declare", "Declare an incident", "Declare", origin, [title, _severities(Severity.SEV3)])


def approve_form(origin: Origin, run: Run, word: str) -> Block:
    """The second thought before a destructive run: the target's name, typed."""
    blocks = [
        section(f"*{one_line(run.title, 300)}* on {code(run.target, 120)}"),
        *[section(f"⚠️  {one_line(warning, 400)}") for warning in run.plan.warnings[:5]],
        words("typed", f"Type {word} to approve", lines=False),
        context(f"{run.ref}, plan {code(run.digest[:8], 12)}. You approve exactly the plan on the card."),
    ]
    return form("approve", f"Approve {run.ref}", "Approve", origin, blocks)


def add_form(origin: Origin, incidents: Sequence[Incident], quote: str) -> Block:
    """Which incident's timeline a message belongs to."""
    options = [
        option(f"{COLOUR[incident.severity]} {incident.ref} {incident.title}", incident.ref)
        for incident in incidents[:OPTIONS]
    ]
    choice = field("incident", "Incident", {"type": "static_select", "options": options})
    return form("add", "Add to incident", "Add", origin, [choice, words("text", "Message", quote)])


def said_form(title: str, text: str) -> Block:
    """A form that only says something."""
    return {
        "type": "modal",
        "title": plain_words(title, 24),
        "close": plain_words("Close", 24),
        "blocks": fit([section(text)]),
    }


def _severities(current: Severity | None) -> Block:
    options = {level: option(f"{COLOUR[level]} {level.value}", level.value) for level in Severity}
    del options[Severity.NONE]
    element: Block = {"type": "static_select", "options": list(options.values())}
    if current in options:
        element["initial_option"] = options[current]
    return field("severity", "Severity", element)
