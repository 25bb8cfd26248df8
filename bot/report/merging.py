"""A new draft under a text that people have changed: their words stay, what nobody touched is renewed."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.report.paper import Paper, Section, plain_title

Key = tuple[str, int]
# What stands above the first section, among the keys of the sections.
HEAD: Key = ("", 0)


@dataclass(frozen=True)
class Differs:
    """A section that a person changed, and what the new draft would say there. `lines` is a unified diff."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Merged:
    """The text after a new draft, which sections it renewed, and where a person's words kept it out.

    `left_out` are sections of the draft that people took out.
    """

    paper: Paper
    renewed: tuple[str, ...] = ()
    kept: tuple[Differs, ...] = ()
    left_out: tuple[str, ...] = ()


def merge(before: Paper, now: Paper, person: Paper, bring_back: bool = False) -> Merged:
    """Three ways: the draft that the person began from, the draft as it would be now, the person's text.

    A section that differs from `before` is a person's and stays as it is, a section that a person wrote anew
    too; a section that a person took out stays out, unless `bring_back`. A section that only the new draft
    has is put behind the one that it follows there. Pure; merging twice changes nothing more.
    """
    old, new = keyed(before), keyed(now)
    sections: list[tuple[Key, Section]] = []
    renewed: list[str] = []
    kept: list[Differs] = []
    for key, section in keyed(person).items():
        drafted, fresh = old.get(key), new.get(key)
        if drafted is not None and same(drafted.body, section.body):
            if fresh is None:
                renewed.append(section.title)
                continue
            if not same(fresh.body, section.body):
                renewed.append(section.title)
            sections.append((key, replace(section, body=fresh.body)))
            continue
        sections.append((key, section))
        if fresh is not None and not same(fresh.body, section.body) and _moved(drafted, fresh):
            kept.append(Differs(section.title, difference(section.body, fresh.body)))
    missing = [key for key in new if key not in {one for one, _ in sections}]
    for key in missing:
        if key in old and not bring_back:
            continue
        sections.insert(_place(key, list(new), [one for one, _ in sections]), (key, new[key]))
        renewed.append(new[key].title)
    head, heads = _head(before.head, now.head, person.head)
    left_out = () if bring_back else tuple(new[key].title for key in missing if key in old)
    paper = Paper(head, tuple(one for _, one in sections))
    return Merged(paper, tuple(renewed), (*heads, *kept), left_out)


def both(base: Paper, current: Paper, given: Paper, others: Collection[Key] | None = None) -> Paper:
    """A text that was begun at `base`, over what others made of it since: nobody's words are lost.

    A section that only one of the two changed is theirs; where both changed it, both texts stand, the later
    below; a section that others added stays; what others took out and the text did not touch is gone.
    `others` are the keys of what others changed, where it is known: elsewhere the given text is the truth.
    """
    old, theirs, ours = keyed(base), keyed(current), keyed(given)
    before = base.head
    if others is not None:
        before = base.head if HEAD in others else current.head
        old = {key: one for key, one in old.items() if key in others} | {
            key: one for key, one in theirs.items() if key not in others
        }
    sections: list[tuple[Key, Section]] = []
    for key, section in ours.items():
        was, now = old.get(key), theirs.get(key)
        untouched = was is not None and same(was.body, section.body)
        if now is None:
            if was is None or not untouched:
                sections.append((key, section))
        elif untouched or same(now.body, section.body):
            renamed = was is None or was.title != section.title
            sections.append((key, replace(now, title=section.title) if renamed else now))
        elif was is not None and same(was.body, now.body):
            sections.append((key, section))
        elif _holds(now.body, section.body):
            sections.append((key, now))
        else:
            sections.append((key, replace(section, body=f"{now.body}\n\n{section.body}".strip("\n"))))
    for key, now in theirs.items():
        was = old.get(key)
        if key not in ours and (was is None or not same(was.body, now.body)):
            sections.insert(_place(key, list(theirs), [one for one, _ in sections]), (key, now))
    return Paper(_both_heads(before, current.head, given.head), tuple(one for _, one in sections))


def _both_heads(base: str, current: str, given: str) -> str:
    if same(base, given):
        return current
    if same(base, current):
        return given
    return current if _holds(current, given) else f"{current}\n\n{given}"


def difference(is_now: str, would_be: str) -> tuple[str, ...]:
    """The lines that leave (`-`) and come (`+`), with one line around them; none where nothing differs."""
    found = difflib.unified_diff(is_now.splitlines(), would_be.splitlines(), lineterm="", n=1)
    return tuple(line for line in list(found)[2:] if not line.startswith("@@"))


def keyed(paper: Paper) -> Mapping[Key, Section]:
    """Sections by their plain title and which of that title they are."""
    counts: dict[str, int] = {}
    found: dict[Key, Section] = {}
    for section in paper.sections:
        name = plain_title(section.title) or section.title
        counts[name] = counts.get(name, 0) + 1
        found[(name, counts[name])] = section
    return found


def _moved(drafted: Section | None, fresh: Section) -> bool:
    """Whether the draft says something else there than when the person wrote."""
    return drafted is None or not same(drafted.body, fresh.body)


def _head(before: str, now: str, person: str) -> tuple[str, tuple[Differs, ...]]:
    if same(before, person):
        return now, ()
    if same(before, now) or same(now, person):
        return person, ()
    return person, (Differs("the title", difference(person, now)),)


def _place(key: Key, order: Sequence[Key], there: Sequence[Key]) -> int:
    for earlier in _before(key, order):
        if earlier in there:
            return there.index(earlier) + 1
    return 0


def _before(key: Key, order: Sequence[Key]) -> Iterator[Key]:
    yield from reversed(order[: order.index(key)])


def same(one: str, other: str) -> bool:
    """The same words: blanks at the ends of lines and of the text are nobody's."""
    return _lines(one) == _lines(other)


def _holds(text: str, part: str) -> bool:
    """Whether the part stands in the text, line for line."""
    return "\n".join(["", *_lines(part), ""]) in "\n".join(["", *_lines(text), ""])


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]
