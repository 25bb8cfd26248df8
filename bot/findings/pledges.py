"""What a sentence promises: who speaks in it, and whether it lies ahead or is done at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import cached_property

from bot.findings import words
from bot.findings.dates import due_date
from bot.findings.phrases import Phrases

_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
# The words of others: between quotation marks, or after "their support says:".
_QUOTED = re.compile(
    r"[\"“„«][^\"”“»\n]{12,}[\"”“»]|\b(?:says?|said|wrote|writes|answers?|answered|diz(?:em)?|disse|escreveu"
    r"|dice|dijo|escribe|sagt|schreibt|meint)\s*:.*",
    re.IGNORECASE,
)
# "I'll say it here before I move a flag. Every time": a second sentence that is only a time.
_AFTERTHOUGHT = re.compile(r"^\W*(?:(?:by|on|at[eé]|am|bis|el|na|no)\s+)?\w+(?:\s\w+){0,2}[.!]?$")
_HERE_AND_NOW = re.compile(r"\b(?:today|eod|right now|hoje|hoy|heute)\b", re.IGNORECASE)
_OFFERS = re.compile(r"\b(?:can|could|shall|should|posso|puedo|kann|soll)\b", re.IGNORECASE)
_PAST = re.compile(
    r"\b(?:did|was|were|had|went|came|wrote|made|took|sent|told|ran|got|gave|built|said|saw|found|left"
    r"|yesterday"
    r"|last (?:night|week|month)|(?:i|we|he|she|they) (?!need)\w+ed|ontem|foi|era|fiz|fez|disse|ayer|fue"
    r"|hice|dije|gestern"
    r"|war|hatte|habe?|(?!estou)\w{2,}(?:(?<![aei]r)ei|ou|aram))\b",
    re.IGNORECASE,
)
_CUSTOM_MONTH_FIRST = re.compile(
    r"America/(?:New_York|Chicago|Denver|Los_Angeles|Phoenix|Detroit|Boise|Anchorage|Juneau|Indiana/"
    r"|Kentucky/"
    r"|North_Dakota/)|Pacific/Honolulu|US/"
)


@dataclass(frozen=True)
class Today:
    """The day of who speaks, by their own clock, and whether their country writes the month first."""

    day: date
    month_first: bool = False

    def due(self, text: str) -> tuple[date | None, str]:
        return due_date(text, self.day, self.month_first)


def today_of(said_at: datetime, zone: tzinfo | None, zone_name: str) -> Today:
    local = said_at.astimezone(zone) if zone else said_at
    return Today(local.date(), _CUSTOM_MONTH_FIRST.match(zone_name) is not None)


@dataclass(frozen=True)
class Sentence:
    """One sentence of a message, with what the rules of promises ask of it."""

    text: str
    today: Today

    @cached_property
    def own(self) -> bool:
        """The speaker takes it: "I'll …", "vou …", "… I do it", or "doing it" at a clause's beginning."""
        return self.future or words.PLEDGE_OPENING.search(self._lowered) is not None

    @cached_property
    def future(self) -> bool:
        return words.PLEDGE.search(self._lowered) is not None

    @cached_property
    def firm(self) -> bool:
        """Neither a question nor a condition, no "maybe", no "not", and about more than where people are."""
        asks = self.text.endswith("?") and (self.ahead is None or _OFFERS.search(self.text) is not None)
        return not (
            asks
            or words.CONDITIONAL.match(self.text)
            or words.WAVERING.search(self._lowered)
            or words.UNDONE.search(self._lowered)
            or words.PRESENCE.search(self._lowered)
        )

    @cached_property
    def at_once(self) -> bool:
        return words.AT_ONCE.search(self._lowered) is not None

    @cached_property
    def past(self) -> bool:
        return _PAST.search(self.text) is not None

    @cached_property
    def ahead(self) -> timedelta | None:
        """How far ahead the day lies that it names; None where it names none, or one that is over."""
        due, _ = self.today.due(self.text)
        return due - self.today.day if due is not None and due >= self.today.day else None

    @cached_property
    def evening(self) -> bool:
        """Of today, but later: "tonight", "this afternoon"."""
        return self.ahead == timedelta(0) and not _HERE_AND_NOW.search(self.text)

    @cached_property
    def _lowered(self) -> str:
        return self.text.lower().replace("’", "'")

    def has(self, pattern: Phrases) -> bool:
        return pattern.search_lowered(self._lowered) is not None


def sentences_of(text: str, today: Today) -> tuple[Sentence, ...]:
    """The speaker's own sentences: what they quote of others is taken out."""
    own = _QUOTED.sub(" … ", text)
    parts: list[str] = []
    for part in filter(lambda one: one.strip(" .…"), _SENTENCE.split(own)):
        if parts and _is_afterthought(part.strip(), today) and _may_follow(parts[-1], part):
            parts[-1] = f"{parts[-1].rstrip(' .!?')}, {part.strip()}"
        else:
            parts.append(part.strip())
    return tuple(Sentence(part, today) for part in parts)


def _is_afterthought(part: str, today: Today) -> bool:
    if not _AFTERTHOUGHT.match(part):
        return False
    return words.HABIT.search(part) is not None or today.due(part)[1] != ""


def _may_follow(before: str, part: str) -> bool:
    """ "…, Hans? by monday" is one question; "you off? tomorrow" is none."""
    return (
        not before.endswith("?")
        or re.match(r"\W*(?:by|until|at[eé]|bis|para)\b", part, re.IGNORECASE) is not None
    )


def put_off(sentence: Sentence, calm: bool) -> bool:
    """Whether the speaker promises something for later; `calm` is true once the trouble is over.

    A day to come is enough. "Today" is not while the trouble lasts: that is a step of the mending.
    """
    if not (sentence.own and sentence.firm):
        return False
    if sentence.ahead is not None and sentence.ahead > timedelta(0):
        return not sentence.past or sentence.future
    lasting = sentence.has(words.LASTING)
    if sentence.ahead is not None and not sentence.at_once:
        return sentence.evening or calm or (lasting and sentence.future)
    if sentence.future and (sentence.has(words.HABIT) or sentence.has(words.AFTERWARDS)):
        return True
    return sentence.future and lasting and sentence.has(words.LATER) and not sentence.at_once


def delivers(sentence: Sentence) -> bool:
    """ "leak fix + a test, pr thursday": a thing and its day, and no verb that says otherwise."""
    if not sentence.ahead or not sentence.firm or sentence.past or sentence.text.endswith("?"):
        return False
    return _DELIVERY.search(_before_day(sentence)) is not None and not _OTHERS.match(sentence.text)


def dated(sentence: Sentence) -> bool:
    """A day to come that stands by itself (", monday", "by monday"), or a thing that lasts with its day."""
    if not sentence.ahead or scheduled(sentence):
        return False
    return sentence.has(words.LASTING) or _SET_OFF.search(_before_day(sentence)) is not None


def scheduled(sentence: Sentence) -> bool:
    """ "the freeze ends on monday": its day is told, and nobody has to do a thing."""
    return _HAPPENS.search(_before_day(sentence)) is not None or _OTHERS.match(sentence.text) is not None


def _before_day(sentence: Sentence) -> str:
    _, said = sentence.today.due(sentence.text)
    return sentence.text[: sentence.text.find(said)].rstrip()


# A day that stands by itself (", monday", "by monday") is when something is due.
_SET_OFF = re.compile(
    r"(?:^|[,;:.(–—-]|\b(?:by|until|till|due|before|at[eé]|para|pra|hasta|antes d\w+|bis))(?:\s+(?:the|o"
    r"|a|el|la|na|no|on|am|zum))?$",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"^\W*(?:(?:and|but|so)\s+)?(?:they|he|she|the (?:vendor|provider|customer|supplier|partner)|their"
    r"|eles|elas|o fornecedor|ellos"
    r"|el proveedor|sie|der anbieter)\b",
    re.IGNORECASE,
)
_HAPPENS = re.compile(
    r"(?:\b(?:it|that|today|tomorrow)'s|\b(?:ends?|starts?|begins?|expires?|opens?|closes?|launches"
    r"|happens?|is|are|was|were|until|since|valid|termina|come[cç]a|vence|[ée]"
    r"|empieza|caduca|es|endet|beginnt|ist|gilt|l[aä]uft ab))(?:\s+(?:on|at|by|from|am|em|na|no|el"
    r"|on the|till|to))?$",
    re.IGNORECASE,
)


_DELIVERY = re.compile(
    r"\b(?:pr|mr|fix|patch|ticket|rfc|draft|doc|write-?up|tests?|cleanup|review|script|alert|runbook"
    r"|ready|done|out|in)"
    r"(?:\s+(?:by|on|until|for|due|at[eé]|para|pra|bis|am|el|na))?$",
    re.IGNORECASE,
)
