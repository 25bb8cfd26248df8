"""Action items: marked, announced, promised or agreed; with the owner and the day that were said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.findings import words
from bot.findings.amendments import amended, declines, may_amend
from bot.findings.dossier import Dossier, shorten
from bot.findings.item_parts import Part, parts_of, wording
from bot.findings.items import Item, fulfilled
from bot.findings.plans import Plans, plans_of
from bot.findings.pledges import sentences_of
from bot.findings.reading import Reading
from bot.findings.records import FollowUp, Meaning, Times

_LIMIT = 25
_ALIKE = 0.6
_BRIEF = 90


def find_follow_ups(dossier: Dossier, times: Times) -> tuple[FollowUp, ...]:
    """Every agreed action item in order, at most 25; what nobody said about it is left open."""
    plans = plans_of(dossier, times)
    items: tuple[Item, ...] = ()
    for index, reading in enumerate(dossier.readings):
        if reading.said.by_bot or reading.injected:
            continue
        wrapping = plans.wrapping(reading.said.at)
        marked = Meaning.ACTION in reading.said.marks
        if items and not marked and (wrapping or may_amend(items, reading, index)) and reading.usable:
            changed = amended(items, dossier.readings, index, plans.people, plans.today(reading))
            if changed is not None:
                items = changed
                continue
        if len(items) >= _LIMIT or not plans.worth_reading(index):
            continue
        if plans.holds_item(index) and not _refused(plans, index):
            items = _joined(items, _items(plans, index))
    return tuple(one.told for one in items if not _done(dossier.readings, one))[:_LIMIT]


def _done(readings: Sequence[Reading], item: Item) -> bool:
    return item.early and fulfilled(item, readings[item.index], readings[item.index + 1 :])


def _refused(plans: Plans, index: int) -> bool:
    """Whether the next who speaks says no, or the speaker takes it back."""
    dossier, readings = plans.dossier, plans.dossier.readings
    if Meaning.ACTION in readings[index].said.marks:
        return False
    if dossier.withdrawn(readings[index]):
        return True
    nearby = [one for one in readings[index + 1 : index + 4] if not one.said.by_bot]
    if any(words.REFUSED.match(later.prose) for later in nearby):
        return True
    asked = readings[index].asking or plans.people.addressed(readings[index].prose) is not None
    return bool(nearby) and not asked and _denies(dossier, index, nearby[0])


def _denies(dossier: Dossier, index: int, later: Reading) -> bool:
    """A plain no of somebody else right after, where no question stood before that it could answer."""
    reading = dossier.readings[index]
    if later.said.author == reading.said.author or not declines(later) or dossier.question_before(reading):
        return False
    asked = re.match(r"^\W*(?:no|nope|nah|n[aã]o|nein|nee)\s*(?:$|[,.;:!–—-])", later.prose, re.IGNORECASE)
    return asked is not None


def _items(plans: Plans, index: int) -> list[Item]:
    reading = plans.dossier.readings[index]
    today = plans.today(reading)
    sentences = sentences_of(reading.prose, today)
    parts = parts_of(reading, sentences, plans.calm(reading.said.at), plans.people)
    return [_item(plans, index, part) for part in parts]


def _item(plans: Plans, index: int, part: Part) -> Item:
    dossier, reading = plans.dossier, plans.dossier.readings[index]
    said, today = reading.said, plans.today(reading)
    sentences = sentences_of(part.text, today)
    due, due_said = today.due(part.text)
    if due is not None and due < today.day:
        due, due_said = None, ""
    promised = any(one.own and one.firm for one in sentences)
    owner = plans.people.owner(part.text, said, promised)
    if owner is None and due is not None and not plans.people.of_another(part.text, said):
        owner = said.who  # whoever names the day for a thing that they name no one else for, means themselves
    answer = _answer(dossier.readings, index, owner)
    about = plans.pointed_at(index)
    refs = (
        *([about.said.ref] if about else []),
        said.ref,
        *(one.by.ref for one in dossier.corrected.get(said.ref, ())),
        *answer,
    )
    told = FollowUp(
        text=shorten(wording(part.text, owner, due_said) + _what(about)),
        evidence=tuple(dict.fromkeys(refs)),
        proposed_by=said.who,
        owner=owner,
        due=due,
        due_said=due_said,
    )
    keywords = Reading(replace(said, text=part.text)).keywords
    early = Meaning.ACTION not in said.marks and not plans.wrapping(said.at)
    return Item(told, index, said.author, part.number, keywords, early)


def _what(about: Reading | None) -> str:
    """The thing that "that" stands for, where few words name it; code is never repeated."""
    if about is None or len(about.said.text) > _BRIEF or "`" in about.said.text:
        return ""
    return f' (to {about.said.who}: "{about.said.text}")'


def _answer(readings: Sequence[Reading], index: int, owner: str | None) -> tuple[str, ...]:
    """The label of the consent, where the owner gave it soon after or anybody right after."""
    author = readings[index].said.author
    for distance, later in enumerate(readings[index + 1 : index + 4], 1):
        if later.said.by_bot or later.said.author == author or len(later.prose) >= 40:
            continue
        if words.AGREED.match(later.prose) and (distance == 1 or later.said.who == owner):
            return (later.said.ref,)
    return ()


def _joined(items: Sequence[Item], new: Sequence[Item]) -> tuple[Item, ...]:
    """The items with the new ones; one that says the same as an earlier one takes its place."""
    found = list(items)
    for one in new:
        same = next((other for other in found if _same(other, one)), None)
        if same is not None:
            found.remove(same)
            owner = one.told.owner or same.told.owner
            due = one.told.due or same.told.due
            due_said = one.told.due_said or same.told.due_said
            evidence = tuple(dict.fromkeys((*same.told.evidence, *one.told.evidence)))
            told = replace(one.told, owner=owner, due=due, due_said=due_said, evidence=evidence)
            one = replace(one, told=told)
        found.append(one)
    return tuple(found)


def _same(old: Item, new: Item) -> bool:
    if old.index == new.index:
        return False
    shared = len(old.keywords & new.keywords)
    least = min(len(old.keywords), len(new.keywords))
    agree = old.told.owner is None or new.told.owner is None or old.told.owner == new.told.owner
    return agree and shared >= 2 and shared >= _ALIKE * least
