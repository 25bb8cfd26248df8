"""Questions to which no answer was seen; that there is none is never said. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.findings.reading import Reading
from bot.findings.records import Said

READ = 300
SHOWN = 3
QUOTED = 140
SOON = timedelta(minutes=15)
SHARED_WORDS = 2


@dataclass(frozen=True)
class Question:
    """Who asked what, and when."""

    who: str
    at: datetime
    text: str


def open_questions(said: Sequence[Said]) -> tuple[Question, ...]:
    """The newest three of the last 300 messages, the oldest of them first.

    Answered counts generously: the next word of another person in the same conversation within a quarter of
    an hour that asks nothing itself, any later one that names the asker or shares two key words, or a mark.
    """
    read = [Reading(one) for one in said[-READ:] if not one.by_bot]
    found = [
        Question(one.said.who, one.said.at, _asked(one))
        for number, one in enumerate(read)
        if one.usable and one.asking and not one.said.marks and not _answered(one, read[number + 1 :])
    ]
    return tuple(found[-SHOWN:])


def _asked(one: Reading) -> str:
    """The last sentence that asks, shortened."""
    asked = [sentence for sentence in one.sentences if sentence.rstrip(" \"')").endswith("?")]
    text = " ".join((asked or [one.prose])[-1].split())
    return text if len(text) <= QUOTED else f"{text[: QUOTED - 1].rstrip()}…"


def _answered(question: Reading, later: Sequence[Reading]) -> bool:
    asked = question.said
    next_of_another = True
    for one in later:
        if one.said.author == asked.author:
            continue
        if asked.author in one.said.mentions or len(question.keywords & one.keywords) >= SHARED_WORDS:
            return True
        if not _together(asked, one.said):
            continue
        if next_of_another and not one.asking and one.said.at - asked.at <= SOON:
            return True
        next_of_another = False
    return False


def _together(question: Said, later: Said) -> bool:
    """Whether both stand in one conversation: the channel, one thread, or the thread under the question."""
    return later.thread == question.thread or later.thread == question.place.rpartition("/")[2]
