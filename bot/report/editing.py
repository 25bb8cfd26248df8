"""A report under people's hands: what is shown of it, what a change made of it, how words fit a section."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.answer import UsageError
from bot.domain.incident import Incident
from bot.report.keeping import Standing, State, Version
from bot.report.merging import Merged
from bot.report.paper import Paper, Section, fence_after

_HEADING = re.compile(r"^#{1,2}(?=\s)")


@dataclass(frozen=True)
class Shown:
    """A report as it stands, or an earlier version of it. `written` is None while no person has touched it;
    then `text` is the draft.

    `merged` is what a new draft would make of it (None for an earlier version).
    """

    incident: Incident
    text: str
    standing: Standing | None
    written: Version | None
    merged: Merged | None

    @property
    def is_earlier(self) -> bool:
        """Whether another version stands now."""
        return bool(self.written and self.standing and self.written.number != self.standing.version)


@dataclass(frozen=True)
class Done:
    """What a change made: the version and the state, what it renewed or kept, a word on what it took out.

    In the sections of `beside` another's words stand above the person's own. `asked` are the names of whom
    the plan asks to read it now.
    """

    incident: Incident
    standing: Standing
    merged: Merged | None = None
    changed: tuple[str, ...] = ()
    hidden: bool = False
    beside: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()


def listed(titles: Sequence[str], most: int = 12) -> str:
    """Titles in a sentence, the first few of many."""
    more = f" and {len(titles) - most} more" if len(titles) > most else ""
    return ", ".join(titles[:most]) + more


def said_since(stands: Standing, names: Mapping[str, str]) -> str:
    """Who brought the report where it stands, and when, in a sentence without its end."""
    who = names.get(stands.by, stands.by)
    when = f"{stands.at[:10]} {stands.at[11:16]} UTC"
    if stands.state is State.PUBLISHED:
        return f"version {stands.version} was published by {who} on {when}"
    if stands.state is State.REVIEW:
        return f"version {stands.version} is in review since {when}, by {who}"
    return f"version {stands.version} is a draft since {when}, by {who}"


def section_of(paper_now: Paper, title: str) -> Section:
    section = paper_now.find(title)
    if section is None:
        there = ", ".join(one.title for one in paper_now.sections)
        raise UsageError(f"the report has no section {title[:60]!r}: it has {there}")
    return section


def as_body(text: str) -> str:
    """A section's words stay in their section: their headings are smaller, their code is closed."""
    lines: list[str] = []
    fence = ""
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        was, fence = fence, fence_after(line, fence)
        lines.append(line if was or fence else _HEADING.sub("###", line))
    return "\n".join([*lines, fence] if fence else lines).strip("\n")
