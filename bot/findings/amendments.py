"""What is said later about an action item: another owner, another day, dropped, or done already."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.findings import words
from bot.findings.items import Item
from bot.findings.owners import People
from bot.findings.phrases import Phrases
from bot.findings.pledges import Today
from bot.findings.reading import Reading
from bot.findings.records import FollowUp

_NUMBER = re.compile(
    r"(?:#|\b(?:item|number|no\.?|nr\.?|point|task|n[uú]mero|ponto|punto|punkt|tarefa"
    r"|tarea)\s*)(?P<one>\d{1,2})\b"
    r"|^\W*(?P<two>\d{1,2})\b(?=\s*(?:is|goes|to|→|->|:|then|[ée]|fica|vai|es|va|ist|geht)\b|\s*(?:→|->|:))"
    r"|\b(?:do|take|have|give me|give|gimme|own|drop|skip|forget|pego|fa[cç]o|fico com|hago|tomo|mache"
    r"|nehme)\s+(?P<three>\d{1,2})(?=\s*(?:$|[,.;!?)]|(?:instead|then|please|too)\b))",
    re.IGNORECASE,
)
_TAKES = re.compile(
    r"\b(?:give (?:me|it to me)|gimme|i(?:'ll| can| will)? (?:take|have|do|grab|own) (?:it|that|this"
    r"|#?\d)|i'll take|(?:that(?: one)?(?:'s| is) )?mine"
    r"|i've got|on me|i can do (?:it|that|this)|pego eu|eu (?:pego|fa[cç]o)|deixa comigo|fica comigo"
    r"|comigo|lo hago yo|me (?:lo quedo|encargo)|yo me"
    r"|ich (?:mach|nehm|[uü]bernehm)\w*|mach(?:e)? ich|nehme? ich|[uü]bernehme? ich)\b",
    re.IGNORECASE,
)
_ASKS_TO_TAKE = re.compile(
    r"\b(?:can|could|may) i (?:have|take|do|own) (?:this|that|it|the last)|\bposso (?:pegar|fazer"
    r"|ficar com|assumir)|\bpuedo (?:hacer|tomar|quedarme)"
    r"|\b(?:darf|kann) ich (?:das|den|die)\b",
    re.IGNORECASE,
)
_ANSWERS_WHO = re.compile(r"^\W*(?:me|mine|i can|i will|i'?ll|i do|eu|yo|ich|comigo)\b", re.IGNORECASE)
_MINE_CHANGES = Phrases(
    [
        r"(?:change|update|correction|delay)\b.{0,12}\b(?:mine|my)",
        "(?:mine (?:moves|slips|changes|goes)|my (?:item|one|action|date))",
        "(?:o meu|a minha|meu prazo|lo m[ií]o|meins|mein (?:punkt|termin))",
    ]
)
_MOVES = re.compile(
    r"\b(?:make (?:it|that)|better|rather|instead|moved? to|moves to|then|until|fits|works|is (?:fine|ok"
    r"|good)|melhor|fica pra|t[aá] (?:[oó]timo|bom|ok)"
    r"|mejor|pasa a|lieber|besser|dann|passt|date|dia|d[ií]a|termin)\b",
    re.IGNORECASE,
)
_DROP_OPENS = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|and|actually|also|but|then|let's|lets|please|na verdade|bitte|no,?)[, ]+)*"
    r"(?:forget|scratch|drop|skip|cancel|strike|esque[cç]\w*|cancela\w*|olvid\w+|vergiss\w*|streich\w*"
    r"|tira|quita)\b"
    r"|\b(?:not needed|no longer needed|(?:do not|don't) need|after all|n[aã]o precisa\w*"
    r"|ya no hace falta|nicht (?:mehr )?n[oö]tig|brauchen wir (?:doch )?nicht)\b",
    re.IGNORECASE,
)
_NO_TROUBLE = re.compile(
    r"^\W*(?:no (?:problem|prob|worries|stress)|n[aã]o tem problema|sem problema|no hay problema"
    r"|kein problem)\b",
    re.IGNORECASE,
)
_FRESH = 4
_REACH = 60
_SHORT = 14


def may_amend(items: Sequence[Item], reading: Reading, index: int) -> bool:
    """The quick look: right after an item, or a word that changes one from afar."""
    away = index - max((one.index for one in items), default=index)
    if away > _REACH:
        return False
    return away <= _FRESH or reading.has(words.DROPPING) or reading.has(_NUMBER) or reading.has(_MINE_CHANGES)


def amended(
    items: Sequence[Item], readings: Sequence[Reading], index: int, people: People, today: Today
) -> tuple[Item, ...] | None:
    """The items after this message, or None where it is about none of them."""
    reading = readings[index]
    if len(reading.prose.split()) > 40:
        return None
    found = _by_number(items, reading, index, people, today)
    if found is None:
        found = _dropped(items, reading)
    if found is None:
        found = _handed_over(items, readings, index, people, today)
    return found if found is not None else _moved(items, reading, index, today)


def _by_number(
    items: Sequence[Item], reading: Reading, index: int, people: People, today: Today
) -> tuple[Item, ...] | None:
    if all(one.number is None for one in items):
        return None
    hit = _NUMBER.search(reading.prose)
    number = int(hit["one"] or hit["two"] or hit["three"]) if hit else None
    item = next((one for one in reversed(items) if one.number == number and one.number is not None), None)
    if item is None or item.index == index:
        return None
    text = reading.prose
    if _DROP_OPENS.search(text):
        return tuple(one for one in items if one is not item)
    owner = item.told.owner
    named = people.named(_NUMBER.sub(" ", text)) or people.doer(text)
    speaker = people.humans.get(reading.said.author)
    refuses = re.search(
        r"\b(?:can't|cannot|can not|won't|not me|not mine|n[aã]o (?:posso|consigo|d[aá])|no puedo"
        r"|kann (?:das )?nicht)\b",
        text,
        re.IGNORECASE,
    )
    if refuses:
        owner = None if speaker and owner == speaker.name else owner
    elif named is not None:
        owner = named.name
    elif _TAKES.search(text) and speaker is not None and not reading.asking:
        owner = speaker.name
    return _with(items, item, reading, owner, today)


def _dropped(items: Sequence[Item], reading: Reading) -> tuple[Item, ...] | None:
    """ "forget the WAF rule": the item whose words it shares; "dropped" right after: the last one."""
    if not reading.has(words.DROPPING) and not _DROP_OPENS.search(reading.prose):
        return None
    if not _DROP_OPENS.search(reading.prose) or reading.asking:
        return None
    shared = [(len(one.keywords & reading.keywords), one.index, one) for one in items]
    best = max(shared, key=lambda found: found[:2], default=None)
    if best is None or best[0] == 0:
        return None
    return tuple(one for one in items if one is not best[2])


def _handed_over(
    items: Sequence[Item], readings: Sequence[Reading], index: int, people: People, today: Today
) -> tuple[Item, ...] | None:
    reading = readings[index]
    item = _last(items, index, _FRESH)
    text = reading.prose
    speaker = people.humans.get(reading.said.author)
    if item is None or speaker is None:
        return _unowned(items, reading)
    if _ASKS_TO_TAKE.search(text):
        later = next(
            (one for one in readings[index + 1 : index + 4] if one.said.author != reading.said.author), None
        )
        if later is None or not words.AGREED.match(later.prose):
            return tuple(items)
        return _with(items, item, reading, speaker.name, today, later.said.ref)
    if item.told.owner == speaker.name and declines(reading) and today.due(text)[0] is None:
        return _with(items, item, reading, None, today)
    if item.told.owner is None and (_TAKES.search(text) or _ANSWERS_WHO.match(text)):
        brief = len(text.split()) <= 8 and not reading.asking
        refused = words.DECLINED.match(text) or re.search(r"\bnot me\b", text, re.IGNORECASE)
        if brief and not refused:
            return _with(items, item, reading, speaker.name, today)
    instead = re.search(
        r"\b(?:goes to|instead|gets? it|takes? (?:it|that|this)|fica com|passa pra|en vez|statt|macht das)\b",
        text,
        re.IGNORECASE,
    )
    named = people.named(text) or people.doer(text)
    if instead and named is not None and len(text.split()) <= 10:
        return _with(items, item, reading, named.name, today)
    return _unowned(items, reading)


def declines(reading: Reading) -> bool:
    """ "can't, sorry", "not me"; not "no problem"."""
    if _NO_TROUBLE.match(reading.prose) or len(reading.prose.split()) > 12:
        return False
    return words.DECLINED.match(reading.prose) is not None


def _unowned(items: Sequence[Item], reading: Reading) -> tuple[Item, ...] | None:
    """ "nobody for the lock alert? then it stays without a name"."""
    if not reading.has(words.NOBODY):
        return None
    shared = [(len(one.keywords & reading.keywords), one.index, one) for one in items]
    best = max(shared, key=lambda found: found[:2], default=None)
    if best is None or best[0] < 2 or best[2].told.owner not in (None, reading.said.who):
        return None
    told = replace(best[2].told, owner=None, evidence=_plus(best[2].told, reading.said.ref))
    return tuple(replace(one, told=told) if one is best[2] else one for one in items)


def _moved(items: Sequence[Item], reading: Reading, index: int, today: Today) -> tuple[Item, ...] | None:
    """Another day, said by the owner about theirs, or by anybody right after."""
    item = _last(items, index, _FRESH)
    if reading.asking or (item is None and not reading.has(_MINE_CHANGES)):
        return None
    due, _ = today.due(reading.prose)
    if due is None or due < today.day or len(reading.prose.split()) > 24:
        return None
    own = [one for one in items if one.told.owner == reading.said.who or one.author == reading.said.author]
    if own and reading.has(_MINE_CHANGES):
        return _with(items, own[-1], reading, own[-1].told.owner, today)
    if item is None or len(reading.prose.split()) > _SHORT or words.PRESENCE.search(reading.prose):
        return None
    mine = own and own[-1] is item and len(reading.prose.split()) <= 6
    answers = index - item.index <= 2 and (_MOVES.search(reading.prose) or words.AGREED.match(reading.prose))
    if words.UNDONE.match(reading.prose) and not _MOVES.search(reading.prose):
        return None  # "not deciding that today"
    if not (mine or answers) or words.PLEDGE.search(reading.prose) or words.MYSELF.search(reading.prose):
        return None
    return _with(items, item, reading, item.told.owner, today)


def _last(items: Sequence[Item], index: int, within: int) -> Item | None:
    latest = max(items, key=lambda one: one.index, default=None)
    return latest if latest is not None and 0 < index - latest.index <= within else None


def _with(
    items: Sequence[Item], item: Item, reading: Reading, owner: str | None, today: Today, also: str = ""
) -> tuple[Item, ...]:
    due, said = today.due(reading.prose)
    day: date | None = due if due is not None and due >= today.day else item.told.due
    told = replace(
        item.told,
        owner=owner,
        due=day,
        due_said=said if day == due and due is not None else item.told.due_said,
        evidence=_plus(item.told, reading.said.ref, also),
    )
    return tuple(replace(one, told=told) if one is item else one for one in items)


def _plus(told: FollowUp, *refs: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*told.evidence, *(ref for ref in refs if ref))))
