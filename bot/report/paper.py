"""A report as people edit it: a head and sections, cut at the headings of the second order and joined again.

Cutting and joining loses nothing but blank lines at the end of a section: every word, whoever wrote it,
stays where it was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_HEADING = re.compile(r"^##[ \t]+(?P<title>\S.*?)[ \t]*$")
_FENCE = re.compile(r"^[ \t]{0,3}(?P<mark>```+|~~~+)")
# Lines that drbot puts above a copy that it hands out; they are none of the report's words.
_HANDED = re.compile(r"^(?:> \*\*State:\*\*|!\[The incident over time\])")


@dataclass(frozen=True)
class Section:
    """One section: its title, and its Markdown without the heading."""

    title: str
    body: str


@dataclass(frozen=True)
class Paper:
    """A whole report. `head` is everything above the first section."""

    head: str
    sections: tuple[Section, ...]

    def body(self, title: str) -> str | None:
        """The text of the section that people name so (`root-cause` is "Root Cause"), or None."""
        found = self.find(title)
        return found.body if found else None

    def find(self, title: str) -> Section | None:
        """The section that people name so, the first of its name, or None."""
        wanted = plain_title(title)
        exact = (one for one in self.sections if plain_title(one.title) == wanted)
        begun = (one for one in self.sections if wanted and plain_title(one.title).startswith(wanted))
        return next(exact, None) or next(begun, None)

    def with_body(self, section: Section, body: str) -> Paper:
        """The paper with another text in one of its sections."""
        sections = tuple(replace(one, body=body) if one is section else one for one in self.sections)
        return replace(self, sections=sections)


def plain_title(title: str) -> str:
    """A title as it is compared: letters and digits only, in lower case."""
    return "".join(sign for sign in title.casefold() if sign.isalnum())


def read_paper(text: str) -> Paper:
    """Cut a Markdown text into its sections. A heading inside a code fence is none. Never raises."""
    head: list[str] = []
    sections: list[tuple[str, list[str]]] = []
    fence = ""
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        was, fence = fence, fence_after(line, fence)
        heading = None if was or fence else _HEADING.match(line)
        if heading:
            sections.append((heading["title"], []))
        elif not (not sections and _HANDED.match(line)):
            (sections[-1][1] if sections else head).append(line)
    found = tuple(Section(title, _trimmed(lines)) for title, lines in sections)
    return Paper(re.sub(r"\n{3,}", "\n\n", _trimmed(head)), found)


def fence_after(line: str, fence: str) -> str:
    """The code fence that a text is in after this line (its three signs), '' for none."""
    mark = _FENCE.match(line)
    if mark is None:
        return fence
    begins = mark["mark"][:3]
    return "" if fence == begins else (fence or begins)


def written(paper: Paper) -> str:
    """The whole report as Markdown."""
    parts = [paper.head.strip("\n")] if paper.head.strip("\n") else []
    parts += [f"## {one.title}\n{one.body}".rstrip("\n") for one in paper.sections]
    return "\n\n".join(parts) + "\n"


def _trimmed(lines: list[str]) -> str:
    return "\n".join(lines).strip("\n")
