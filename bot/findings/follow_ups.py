"""Action items: marked, announced, or promised at the end; with the owner and the day that were said."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.findings import words
from bot.findings.dates import due_date
from bot.findings.dossier import Dossier, shorten
from bot.findings.reading import Reading
from bot.findings.records import FollowUp, Human, Meaning, Said, Times

_LIMIT = 25
_TRAILING = re.compile(r"[\s,.;:!?–—-]+$")
_FILLER = frozenset("me mine i ll by on the ok owner due until am bis por eu ich".split())  # noqa: SIM905 - readable
_LEADING = re.compile(r"^\W*\(?\d{1,2}[.):]\s*")

_FIRST_PERSON = re.compile(
    r"\b(?:I(?! (?:think|guess|hope|believe|heard|suppose))|I'(?:ll|m|ve)|eu|ich|yo)\b"
)
# Somebody or something else does it: "ask Pedro to …", "the vendor will …", "Pedro raises …".
_ANOTHER = re.compile(
    r"\W*(?:(?:ask|tell|remind|get|have|make sure)\s+(?!me\b)(?:the\s+)?\w+"
    r"|(?!(?:i|we|this|that|it|alert|check|test|script)\b)(?:the\s+)?(?:[\w-]+\s+){1,3}"
    r"(?:will|to|should|must|has to|have to|needs? to|promised|vai|wird|werden|soll|debe|va a)\s+\w"
    r"|(?-i:[A-Z]\w+)\s+(?:(?:from|of|at)\s+[\w-]+\s+)?(?-i:[a-z]+[^s\W]s)\s+(?:the|a|an|our|their|its)\b)",
    re.IGNORECASE,
)


def find_follow_ups(dossier: Dossier, times: Times) -> tuple[FollowUp, ...]:
    """Every agreed action item in order, at most 25; what nobody said about it is left open."""
    closed = times.resolved.at if times.resolved else None
    found: list[FollowUp] = []
    for index, reading in enumerate(dossier.readings):
        if len(found) >= _LIMIT:
            break
        if _is_action(reading, closed) and not _refused(dossier.readings, index):
            found.extend(_items(dossier, reading, index))
    return tuple(found)


def _is_action(reading: Reading, closed: datetime | None) -> bool:
    said = reading.said
    if said.by_bot or reading.injected:
        return False
    if Meaning.ACTION in said.marks or words.EXPLICIT_ACTION.match(reading.prose):
        return True
    if closed is None or said.at <= closed or not reading.usable or len(reading.prose.split()) < 4:
        return False
    if words.NUMBERED.match(reading.prose) or words.IMPERATIVE.match(reading.prose):
        return True
    first = reading.sentences[0] if reading.sentences else ""
    lesson = words.LESSON.search(first[:24])
    if lesson and lesson.start() <= 2:
        return False  # "next time we should …" is learned, not promised
    if first.lower().startswith(("should we", "shall we", "do we")):
        return False
    promised = words.PROMISE.search(first[:40]) is not None
    return promised or (not reading.asking and due_date(reading.prose, said.at.date())[1] != "")


def _refused(readings: Sequence[Reading], index: int) -> bool:
    marked = Meaning.ACTION in readings[index].said.marks
    nearby = readings[index + 1 : index + 4]
    return not marked and any(words.REFUSED.match(later.prose) and not later.said.by_bot for later in nearby)


def _items(dossier: Dossier, reading: Reading, index: int) -> list[FollowUp]:
    """One item a message, or one a line where the message is a list."""
    lines = [line.strip() for line in reading.said.text.split("\n") if line.strip()]
    listed = [line for line in lines if re.match(r"^(?:[-*•]|\(?\d{1,2}[.):])\s+\S", line)]
    parts = listed if len(listed) > 1 else [reading.said.text]
    return [_item(dossier, reading, index, part) for part in parts]


def _item(dossier: Dossier, reading: Reading, index: int, text: str) -> FollowUp:
    said = reading.said
    due, due_said = due_date(text, said.at.date())
    owner = _owner(text, said, dossier.case.humans)
    if owner is None and due is not None and not _of_another(text, said, dossier.case.humans):
        owner = said.who  # whoever names the day for a thing that they name no one else for, means themselves
    answer = _answer(dossier.readings, index, owner)
    evidence = (said.ref, *(one.by.ref for one in dossier.corrected.get(said.ref, ())))
    item = FollowUp(
        text=shorten(_wording(text, owner, due_said)),
        evidence=evidence,
        proposed_by=said.who,
        owner=owner,
        due=due,
        due_said=due_said,
    )
    return replace(item, evidence=(*evidence, answer)) if answer else item


def _owner(text: str, said: Said, humans: Mapping[str, Human]) -> str | None:
    if words.NOBODY.search(text):
        return None
    own = humans.get(said.author)
    if words.MYSELF.search(text):
        return own.name if own else None
    mentioned = [humans[one].name for one in said.mentions if one in humans and humans[one].name in text]
    if len(mentioned) == 1:
        return mentioned[0]
    named: list[tuple[int, str]] = []
    for human in humans.values():
        words_for = sorted({human.name, *human.handles, human.name.split(" ")[0]}, key=len, reverse=True)
        names = "|".join(re.escape(word) for word in words_for if len(word) >= 2)
        form = re.compile(
            rf"(?:(?:owner|dono|respons[aá]vel|assigned to|for|para|f[uü]r|@|\(at\))\s*:?\s*(?:{names})(?!\w)"
            rf"|(?<!\w)(?<!\bnot )(?:{names})(?!\w)(?=\s*(?:$|[,.:;)?!]|to\b|will\b|can\b|by\b|please\b"
            rf"|until\b|vai\b|até\b|va a\b|bis\b|macht\b|takes?\b|owns?\b|does\b|→|-)))",
            re.IGNORECASE,
        )
        hit = form.search(text)
        if hit:
            named.append((hit.start(), human.name))
    return min(named)[1] if named else None


def _of_another(text: str, said: Said, humans: Mapping[str, Human]) -> bool:
    """Whether it names or asks anybody but the one who says it, though it be nobody who is known here."""
    if words.NOBODY.search(text) or _ANOTHER.match(_LEADING.sub("", text)):
        return True
    others = {one for key, human in humans.items() if key != said.author for one in _called(human)}
    named = {word.casefold() for word in re.findall(r"\w[\w.-]*\w", text)} & others
    return bool(named or set(said.mentions) - {said.author}) and not _FIRST_PERSON.search(text)


def _called(human: Human) -> set[str]:
    words_for = {human.name, human.name.split(" ")[0], *human.handles}
    return {word.casefold() for word in words_for if len(word) >= 2}


def _answer(readings: Sequence[Reading], index: int, owner: str | None) -> str:
    """The label of the consent, where the owner gave it soon after or anybody right after."""
    author = readings[index].said.author
    for distance, later in enumerate(readings[index + 1 : index + 4], 1):
        agreed = re.match(
            r"^\W*(?:ok|okay|yes|sure|will do|done|pls|please|deal|sim|pode ser|combinado|s[ií]"
            r"|vale|ja|klar|mach ich)\b",
            later.prose,
            re.I,
        )
        asked = distance == 1 or later.said.who == owner
        if (
            agreed
            and asked
            and later.said.author != author
            and len(later.prose) < 40
            and not later.said.by_bot
        ):
            return later.said.ref
    return ""


def _wording(text: str, owner: str | None, due_said: str) -> str:
    """The item without its number, and without the owner and the day at its end."""
    text = words.EXPLICIT_ACTION.sub("", _LEADING.sub("", text)).strip()
    said = {word for part in (owner or "", due_said) for word in part.lower().split()}
    while True:
        head, mark, tail = _split_tail(text)
        left = set(re.findall(r"[^\W_]+", tail.lower())) - said - _FILLER
        if not mark or left or len(head.split()) < 3:
            break
        text = head
    return _without_address(_TRAILING.sub("", text) or text, owner)


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
