"""A report as it is handed out: its words with a line above them that says how far it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.plan.models import DrPlan
from bot.report.editing import Shown, listed, said_since
from bot.report.keeping import Standing, Version
from bot.report.merging import Differs
from bot.report.publication import names_of

_STATED = re.compile(r"^> \*\*State:\*\* (?:Version (?P<number>\d{1,6})|A draft)\b", re.MULTILINE)


def state_words(shown: Shown, plan: DrPlan) -> str:
    """How far it is, without a capital or an end: "a draft", "version 3 is in review since …"."""
    if shown.standing is None:
        return "a draft, written from the record as it stands"
    if shown.is_earlier and shown.written is not None:
        return _earlier_words(shown.written, shown.standing, names_of(plan))
    said = said_since(shown.standing, names_of(plan))
    if shown.written is not None and shown.written.number > shown.standing.published > 0:
        return f"{said} (version {shown.standing.published} was published)"
    return said


def _earlier_words(one: Version, stands: Standing, names: Mapping[str, str]) -> str:
    when = f"{one.at[:10]} {one.at[11:16]} UTC"
    published = ", as it was published" if one.number == stands.published else ""
    written = f"version {one.number}, written by {names.get(one.by, one.by)} on {when}"
    return f"{written}{published} (version {stands.version} stands now)"


def handed(shown: Shown, plan: DrPlan, beneath: str = "") -> str:
    """The Markdown with its state under the title, and a line of one's own under that."""
    words = state_words(shown, plan)
    state = f"> **State:** {words[:1].upper()}{words[1:]}."
    title, mark, rest = shown.text.partition("\n")
    lines = [state, "", beneath] if beneath else [state]
    if not title.startswith("# "):
        return "\n".join([*lines, "", shown.text])
    return "\n".join([title, "", *lines, mark.strip("\n") + rest])


def handed_version(text: str) -> int:
    """Which version a text was handed out as: 0 for the draft, -1 where it does not say."""
    stated = _STATED.search(text.partition("\n## ")[0])
    if stated is None:
        return -1
    return int(stated["number"]) if stated["number"] else 0


def left_words(left_out: Sequence[str], incident: int) -> str:
    """Which sections of the draft people took out, and how they come back: a sentence without its end."""
    back = f"`report redraft INC-{incident} removed=yes` brings {'it' if len(left_out) == 1 else 'them'} back"
    return f"People have taken out {listed(left_out)}: {back}"


def differences(kept: Sequence[Differs]) -> str:
    """Where people's words and a new draft differ, as Markdown that only shows itself."""
    parts = []
    for one in kept:
        lines = "\n".join(line.replace("```", "'''") for line in one.lines)
        parts.append(f"## {one.title}\n```diff\n{lines}\n```")
    return "\n\n".join(parts) + "\n"
