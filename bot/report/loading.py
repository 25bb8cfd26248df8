"""A copy of the report that a person changed and loads: the truth, save where others wrote meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.domain.answer import Refusal
from bot.printable import printable
from bot.report import keeping
from bot.report.editing import listed
from bot.report.merging import HEAD, Key, both, keyed, same
from bot.report.paper import Paper, Section, read_paper
from bot.store.database import Read


@dataclass(frozen=True)
class Loaded:
    """The report that a file makes. In the sections of `beside` another's words stand above the file's."""

    paper: Paper
    beside: tuple[str, ...] = ()


def loaded(read: Read, newest: keeping.Version | None, seen: int, by: str, given: Paper) -> Loaded:
    """The given text over what others wrote since version `seen` (0: the draft; -1: nobody knows).

    What its own author (`by`) wrote since gives way to it: whoever changes a file and loads it twice means
    the second as they wrote it. Each version that gives way is kept.
    """
    if newest is None or not 0 <= seen < newest.number:
        return Loaded(given)
    numbers = range(seen or 1, newest.number + 1)
    versions = [one for number in numbers if (one := keeping.version(read, newest.incident, number))]
    papers = [(one.by, read_paper(one.text)) for one in versions]
    if seen == 0:
        papers.insert(0, ("", read_paper(versions[0].drafted)))
    others: set[Key] = set()
    for (_, before), (author, after) in pairwise(papers):
        others |= differing(before, after) if author != by else set()
    if not others:
        return Loaded(given)
    current = papers[-1][1]
    made = both(papers[0][1], current, given, others)
    return Loaded(made, _beside(made, current, given))


def beside_theirs(read: Read, incident: int, seen: int, draft: Paper, section: Section, body: str) -> str:
    """A person's words for one section, below those that somebody else put there since version `seen`."""
    looked = keeping.version(read, incident, seen) if seen else None
    was = (read_paper(looked.text) if looked else draft).body(section.title)
    if was is None or was.strip() == section.body.strip() or body.strip() == section.body.strip():
        return body
    return f"{section.body}\n\n{body}"


def unprinted(given: Paper, current: Paper) -> Paper:
    """The given text with the sections as they are stored that differ only by signs that no shell prints."""
    there = keyed(current)
    sections = tuple(
        replace(one, body=there[key].body) if key in there and _prints_as(there[key].body, one.body) else one
        for key, one in keyed(given).items()
    )
    return Paper(current.head if _prints_as(current.head, given.head) else given.head, sections)


def _prints_as(stored: str, copied: str) -> bool:
    return not same(stored, copied) and same(printable(stored), copied)


def differing(before: Paper, after: Paper) -> set[Key]:
    """The keys of the sections that differ in words or heading, those that came or went included."""
    old, new = keyed(before), keyed(after)
    found = set(old.keys() ^ new.keys())
    found |= {
        key
        for key in old.keys() & new.keys()
        if old[key].title != new[key].title or not same(old[key].body, new[key].body)
    }
    return found if same(before.head, after.head) else {HEAD, *found}


def changes(base: Paper, given: Paper) -> tuple[str, ...]:
    """What differs, as people call it: titles, those that went included, and the order."""
    old, new, differs = keyed(base), keyed(given), differing(base, given)
    changed = ["the title"] if HEAD in differs else []
    changed += [one.title for key, one in new.items() if key in differs]
    if [key for key in old if key in new] != [key for key in new if key in old]:
        changed.append("the order of the sections")
    return (*changed, *(f"{title} (taken out)" for title in gone(base, given)))


def gone(base: Paper, given: Paper) -> tuple[str, ...]:
    """The titles of the sections that the given text no longer has."""
    left = keyed(given)
    return tuple(one.title for key, one in keyed(base).items() if key not in left)


def refuse_to_lose(titles: Sequence[str], incident: int) -> None:
    """Refusal where a file would take sections out and nobody said that it shall."""
    if not titles:
        return
    raise Refusal(
        f"the file would take out {listed(titles)}: it has no heading `## …` of theirs."
        f" Nothing was changed. `dr report INC-{incident} > report.md` writes the whole report"
        " to change; if they shall go, say the same line with remove=yes"
    )


def _beside(made: Paper, current: Paper, given: Paper) -> tuple[str, ...]:
    theirs, ours = keyed(current), keyed(given)
    return tuple(
        one.title
        for key, one in keyed(made).items()
        if key in theirs
        and key in ours
        and not same(one.body, theirs[key].body)
        and not same(one.body, ours[key].body)
    )
