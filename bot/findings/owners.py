"""Whose an action item is: the speaker's, the person's who is asked or named, or nobody's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.findings import words
from bot.findings.records import Human, Said

_FIRST_PERSON = re.compile(
    r"\b(?:I(?! (?:think|guess|hope|believe|heard|suppose))|I'(?:ll|m|ve)|eu|ich|yo)\b"
)
_LEADING = re.compile(r"^\W*\(?\d{1,2}[.):]\s*")
# Somebody or something else does it: "ask Pedro to …", "the vendor will …", "Pedro raises …".
_ANOTHER = re.compile(
    r"\W*(?:(?:ask|tell|remind|get|have|make sure)\s+(?!me\b)(?:the\s+)?\w+"
    r"|(?!(?:i|we|this|that|it|alert|check|test|script)\b)(?:the\s+)?(?:[\w-]+\s+){1,3}"
    r"(?:will|to|should|must|has to|have to|needs? to|promised|vai|wird|werden|soll|debe|va a)\s+\w"
    r"|(?-i:[A-Z]\w+)\s+(?:(?:from|of|at)\s+[\w-]+\s+)?(?-i:[a-z]+[^s\W]s)\s+(?:the|a|an|our|their|its)\b)",
    re.IGNORECASE,
)
_SHARED = re.compile(
    r"\b(?:we|we'll|we're|let's|a gente|precisamos|temos|vamos|tenemos|hay que|wir)\b", re.IGNORECASE
)
_NOTED = re.compile(r"^\W*[^\s,]+(?: [^\s,:]+)?:")
_ASKED = (
    r"(?:please|pls|plz|(?:can|could|will|would) you|you (?:take|do)|por favor|pfv?|pode(?:s|ria)?|voc[eê]|vc"
    r"|puedes|podr[ií]as|bitte|(?:kannst|k[oö]nntest|machst|nimmst) du)\b"
)
_DOES = (
    r"(?:to|will(?! (?:be|have|sleep|know|see|like|love|join)\b)|takes?|owns?|does(?! not)|has to|gets?"
    r"|adds?|writes?|fixes|raises?|vai|faz|pega|cuida|fica com"
    r"|va a|hace|se encarga|macht|[uü]bernimmt|wird|schreibt|baut|k[uü]mmert)\b"
)
_THANKS = re.compile(
    r"\b(?:thanks?|thank you|thx|obrigad\w|valeu|gracias|danke|sorry|desculpa)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class People:
    """Everybody of the channel, by every word that they alone are called by."""

    humans: Mapping[str, Human]

    @cached_property
    def called(self) -> Mapping[str, Human]:
        """A word that two share calls neither of them."""
        every = [(word, human) for human in self.humans.values() for word in _called(human)]
        shared = Counter(word for word, _ in every)
        return {word: human for word, human in every if shared[word] == 1}

    @cached_property
    def _names(self) -> str:
        return "|".join(map(re.escape, sorted(self.called, key=len, reverse=True))) or "(?!)"

    @cached_property
    def _address(self) -> re.Pattern[str]:
        return re.compile(
            rf"^\W*(?:(?:ok|and|then|also|hey|hi|e|y|und)[, ]+)?@?(?P<name>{self._names})"
            rf"(?:\s*[:,–—-]\s+|\s+(?={_ASKED}))",
            re.IGNORECASE,
        )

    @cached_property
    def _doer(self) -> re.Pattern[str]:
        return re.compile(rf"^\W*@?(?P<name>{self._names})\s+(?P<does>{_DOES})", re.IGNORECASE)

    @cached_property
    def _named(self) -> re.Pattern[str]:
        return re.compile(
            rf"(?:(?:owner|dono|respons[aá]vel|assigned to|goes to|fica com(?: [oa])?|queda con|for|para"
            rf"|pra|f[uü]r|an|@|\(at\)|→|->|=>)\s*:?\s*"
            rf"(?P<one>{self._names})(?!\w)(?!\s+(?:and|e|y|und)\s)"
            rf"|(?<!\w)(?<!\bnot )(?P<two>{self._names})(?!\w)(?:'s)?(?=\s*(?:$|[,.:;)!(\]]|→|-|–|—"
            rf"|(?:to|will|can|by|please|until"
            rf"|takes?|owns?|does|vai|até|va a|bis|macht|instead|then|statt|hace)\b)))",
            re.IGNORECASE,
        )

    @cached_property
    def _joined(self) -> re.Pattern[str]:
        return re.compile(
            rf"\b(?:{self._names})\s*(?:and|&|\+|/|e|y|und|or|ou)\s+(?:{self._names})\b", re.IGNORECASE
        )

    def addressed(self, text: str) -> Human | None:
        """Who is spoken to at the beginning: "Ravi: …", "Ravi, can you …", "@Ravi please …"."""
        hit = self._address.match(_LEADING.sub("", text))
        return self.called.get(hit["name"].casefold()) if hit else None

    def _asks(self, text: str) -> bool:
        return re.search(rf"\b{_ASKED}", text, re.IGNORECASE) is not None or self.doer(text) is not None

    def asked(self, text: str) -> Human | None:
        """Who is asked for a thing in so many words."""
        wanted = re.search(rf"\b{_ASKED}", text, re.IGNORECASE) is not None or ":" in text[:40]
        if not wanted or _THANKS.search(text):
            return None
        return self.addressed(text) or self._called_last(text)

    def _called_last(self, text: str) -> Human | None:
        """ "can you add a probe for that, Hans?"."""
        hit = re.search(rf"^\W*{_ASKED}.*,\s*@?(?P<name>{self._names})\s*(?:[?,.]|$)", text, re.IGNORECASE)
        return self.called.get(hit["name"].casefold()) if hit else None

    def doer(self, text: str) -> Human | None:
        """Who is said to do it: "Gideon takes …", "Bia vai …"."""
        hit = self._doer.match(_LEADING.sub("", text))
        return self.called.get(hit["name"].casefold()) if hit else None

    def named(self, text: str) -> Human | None:
        """The first who is named as its owner; nobody where two are named together."""
        if self._joined.search(text):
            return None
        hit = self._named.search(text)
        return self.called.get((hit["one"] or hit["two"]).casefold()) if hit else None

    def of_another(self, text: str, said: Said) -> bool:
        """Whether it names or asks anybody but the one who says it, though it be nobody who is known here."""
        if words.NOBODY.search(text) or _SHARED.search(text) or _ANOTHER.match(_LEADING.sub("", text)):
            return True
        if self.addressed(text) is not None and _NOTED.match(text):
            return True
        own = self.humans.get(said.author)
        others = {word for human in self.humans.values() if human is not own for word in _called(human)}
        named = {word.casefold() for word in re.findall(r"\w[\w.-]*\w", text)} & others
        return bool(named or set(said.mentions) - {said.author}) and not _FIRST_PERSON.search(text)

    def owner(self, text: str, said: Said, own: bool) -> str | None:
        """Whose it is by its words; `own` is true where the speaker promises it. None where nobody's."""
        if words.NOBODY.search(text):
            return None
        speaker = self.humans.get(said.author)
        if _tagged(text):
            return speaker.name if speaker else None
        other = self.addressed(text) or self.doer(text) or self._called_last(text)
        if other is not None and words.PLEDGE.search(text) and not self._asks(text):
            # "Hans, I'll send you the numbers" is the speaker's; "Hans: I'll do it" may be noted for Hans.
            return speaker.name if speaker and not _NOTED.match(text) else None
        if other is not None and not self._joined.search(text):
            return other.name
        if own:
            return speaker.name if speaker else None
        mentioned = [
            self.humans[one].name
            for one in said.mentions
            if one in self.humans and self.humans[one].name in text
        ]
        if len(mentioned) == 1:
            return mentioned[0]
        named = self.named(text)
        return named.name if named else None


def _tagged(text: str) -> bool:
    """ "mine", "me, friday"; not "not me"."""
    return words.MYSELF.search(text) is not None


def _called(human: Human) -> set[str]:
    words_for = {human.name, human.name.split(" ")[0], *human.handles}
    return {word.casefold() for word in words_for if len(word) >= 2}
