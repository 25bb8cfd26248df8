"""The items that one message holds, and how each is worded."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.findings import words
from bot.findings.owners import People
from bot.findings.pledges import Sentence, put_off
from bot.findings.reading import Reading

_BLOCKS = re.compile(r"```.*?(?:```|\Z)|^(?:>|&gt;).*$", re.DOTALL | re.MULTILINE)
_LISTED = re.compile(r"^(?:[-*•–]|\(?(?P<number>\d{1,2})[.):])\s+\S")
_INLINE = re.compile(r"(?:^|(?<=\s))\(?(?P<number>\d{1,2})[.)]\s+(?=\S)")
_TRAILING = re.compile(r"[\s,.;:!?–—-]+$")
_FILLER = frozenset("me mine i ll by on the ok owner due until am bis por eu ich yo meu".split())  # noqa: SIM905 - readable
LEADING = re.compile(r"^\W*\(?\d{1,2}[.):]\s*")
# Lists that tell what was, not what is to be done.
_NO_PLAN = re.compile(
    r"^\W*(?:timeline|impact|summary|status|hand-?over|conditions?|known|tried|root cause|facts?"
    r"|findings|what happened"
    r"|can report|sitrep|update|resumo|cronologia|impacto|resumen|estado|zeitachse|stand|zusammenfassung)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Part:
    """The words of one item, with its number in the list (or None)."""

    text: str
    number: int | None = None


def parts_of(
    reading: Reading, sentences: tuple[Sentence, ...], calm: bool, people: People
) -> tuple[Part, ...]:
    """One item a message, one a line of a list, or one a sentence where each has its own promise and day."""
    text = _BLOCKS.sub(" ", reading.said.text).strip()
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    listed = [line for line in lines if _LISTED.match(line)]
    if len(listed) > 1:
        return tuple(Part(line, _number(line)) for line in listed)
    inline = _inline(text)
    if inline:
        return inline
    asked = [one for one in sentences if people.addressed(one.text) is not None]
    if len({people.addressed(one.text) for one in asked}) > 1:
        return tuple(Part(one.text) for one in asked)
    promised = [one for one in sentences if put_off(one, calm) and one.ahead is not None]
    if len(promised) > 1 and len({one.ahead for one in promised}) > 1:
        return tuple(Part(one.text) for one in promised)
    return (Part(text, _number(text)),)


def is_list(reading: Reading) -> bool:
    """Whether it is a list of at least two lines that does not say that it is about something else."""
    lines = [line.strip() for line in reading.prose.split("\n") if line.strip()]
    return sum(1 for line in lines if _LISTED.match(line)) > 1 and not _NO_PLAN.match(reading.prose)


def tells(reading: Reading) -> bool:
    """Whether it opens as an account of what was: "timeline: …", "CAN report"."""
    return _NO_PLAN.match(reading.prose) is not None


def wording(text: str, owner: str | None, due_said: str) -> str:
    """The item without its number, and without the owner and the day at its end."""
    text = words.EXPLICIT_ACTION.sub("", LEADING.sub("", text)).strip()
    said = {word for part in (owner or "", due_said) for word in part.lower().split()}
    while True:
        head, mark, tail = _split_tail(text)
        left = set(re.findall(r"[^\W_]+", tail.lower())) - said - _FILLER
        if not mark or left or len(head.split()) < 3:
            break
        text = head
    return _without_address(_TRAILING.sub("", text) or text, owner)


def _number(line: str) -> int | None:
    hit = re.match(r"^\W*\(?(\d{1,2})[.):]\s", line)
    return int(hit[1]) if hit else None


def _inline(text: str) -> tuple[Part, ...]:
    """ "actions: 1) … 2) …": numbered in one line, from one on."""
    hits = list(_INLINE.finditer(text))
    numbers = [int(hit["number"]) for hit in hits]
    if len(hits) < 2 or numbers != list(range(1, len(hits) + 1)):
        return ()
    ends = [hit.start() for hit in hits[1:]] + [len(text)]
    return tuple(
        Part(text[hit.end() : end].strip(" ;,\n"), number)
        for hit, end, number in zip(hits, ends, numbers, strict=True)
    )


def _without_address(text: str, owner: str | None) -> str:
    """ "Colin: set the limit", "Hank please set the limit", "I'll set the limit": set the limit."""
    names = "|".join(re.escape(word) for word in [owner, owner.split(" ")[0]]) if owner else "(?!)"
    asked = r"(?:please|pls|can you|could you)\s+"
    called = rf"(?:{names})(?:\s*[:,–—-]\s+(?:{asked})?|\s+{asked})"
    addressed = re.sub(
        rf"^(?:{called}|(?:i'll|i will|i can|let me)\s+)", "", text, count=1, flags=re.IGNORECASE
    )
    return addressed if len(addressed.split()) >= 3 else text


def _split_tail(text: str) -> tuple[str, str, str]:
    hit = next(reversed(list(re.finditer(r"[,.;:–—](?=\s)|(?<=\s)-(?=\s)", text))), None)
    return (text[: hit.start()], hit[0], text[hit.end() :]) if hit else (text, "", "")
