"""The form in which a person changes one section of a report, with what it says now."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.incident import parse_incident_ref
from bot.slack.blocks import Block, context
from bot.slack.cards.form_parts import Origin, form, words
from bot.slack.cards.forms import said_form
from bot.slack.lines import option
from bot.slack.scene import Scene

TEXT_LIMIT = 2_700


def report_form_of(scene: Scene, origin: Origin, ref: str) -> Block:
    """The form for the section that the line names (`report edit INC-7 section=Root-Cause`)."""
    parts = origin.line.split(" ")
    number = parse_incident_ref(next((one for one in parts if one.upper().startswith("INC-")), ref))
    title = next((one.removeprefix("section=") for one in parts if one.startswith("section=")), "")
    version, name, text = scene.report_section(number, title)
    if len(text) > TEXT_LIMIT:
        said = (
            f"{name} has {len(text):,} characters, and a form holds {TEXT_LIMIT:,}. In a shell:"
            f" `dr report INC-{number} > report.md`, change it, `dr report edit INC-{number} file=report.md`."
        )
        return said_form("Too long for a form", said)
    line = f"report edit INC-{number} {option('section', title)} on={version}"
    told = context("Markdown. `[e12]` and `[m13]` lead to the evidence. Each change is kept as a version.")
    return form(
        "report",
        f"Report of INC-{number}",
        "Save",
        replace(origin, line=line),
        [words("text", name[:150], text, limit=TEXT_LIMIT), told],
    )
