"""A case laid out for the rules: messages read and corrected, and the bot's entries beside their echoes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

from bot.domain.moment import Moment
from bot.findings import corrections as fixes
from bot.findings import words
from bot.findings.clock import TOLD, Stated, only_clock, stated_times
from bot.findings.corrections import Correction
from bot.findings.echoes import echoes_of
from bot.findings.elsewhere import Others, others_of
from bot.findings.reading import Reading
from bot.findings.records import Case, Claim, Meaning, Said
from bot.findings.zones import Watch

QUOTE_LIMIT = 420
_ANSWER = timedelta(minutes=2)
_MISPLACED = timedelta(minutes=6)
_REGRET = timedelta(minutes=3)
_RULED_OUT = timedelta(minutes=5)
_AGREES = re.compile(r"\W*(?:yes|yep|yeah|sim|s[ií]|ja|it did|it does)\b", re.IGNORECASE)
_OPENING = frozenset({"alert-fired", "incident-opened", "incident-declared"})


@dataclass(frozen=True)
class Dossier:
    """Everything the rules look at. `first_sign` is None in an empty case."""

    case: Case
    readings: tuple[Reading, ...]
    corrected: Mapping[str, tuple[Correction, ...]]
    echoes: Mapping[str, Said]
    first_sign: datetime | None

    def watch(self, author: str) -> Watch:
        """How to read the times that this person states."""
        if author not in self._watches:
            self._watches[author] = self._watch(author)
        return self._watches[author]

    def _watch(self, author: str) -> Watch:
        human = self.case.humans.get(author)
        own = (human.zone,) if human and human.zone else ()
        zones = tuple(dict.fromkeys((*own, *self.case.zones)))
        habit = self.habits.get(author, 0) or sum(self.habits.values())
        return Watch(self._trouble, zones, local=habit > 0)

    @cached_property
    def _watches(self) -> dict[str, Watch]:
        return {}

    @property
    def _trouble(self) -> datetime:
        return self.first_sign or datetime.max.replace(tzinfo=UTC)

    @cached_property
    def habits(self) -> Mapping[str, int]:
        """By person: how many of their times can only be local ones, less those that can only be UTC."""
        found: dict[str, int] = {}
        for reading in self.readings:
            said = reading.said
            human = self.case.humans.get(said.author)
            if said.by_bot or human is None or not human.zone or not TOLD.search(said.text):
                continue
            clock = only_clock(said.text, said.at, Watch(self._trouble, (human.zone,)))
            if clock is not None:
                found[said.author] = found.get(said.author, 0) + (-1 if clock is UTC else 1)
        return found

    def times_in(self, said: Said) -> tuple[Stated, ...]:
        """The clock times that a message states, read once."""
        if said.ref not in self._times:
            stated = (
                stated_times(said.text, said.at, self.watch(said.author)) if TOLD.search(said.text) else ()
            )
            self._times[said.ref] = stated
        return self._times[said.ref]

    @cached_property
    def _times(self) -> dict[str, tuple[Stated, ...]]:
        return {}

    def moments(self, *kinds: str) -> tuple[Moment, ...]:
        return tuple(one for one in self.case.moments if one.kind in kinds)

    def own_moments(self, *kinds: str) -> tuple[Moment, ...]:
        """The entries of these kinds that name no other incident."""
        return tuple(one for one in self.moments(*kinds) if not self.about_another(one.what))

    def proof(self, moment: Moment) -> tuple[str, ...]:
        """The labels of an entry: itself, and the message in which the bot told it."""
        echo = self.echoes.get(moment.evidence)
        return (moment.evidence, echo.ref) if echo else (moment.evidence,)

    def marks(self, moment: Moment) -> Mapping[Meaning, tuple[str, ...]]:
        echo = self.echoes.get(moment.evidence)
        return echo.marks if echo else {}

    def elsewhere(self, reading: Reading) -> bool:
        """Whether it is about another system or another incident, or its author said so right after."""
        if words.ELSEWHERE.search(reading.lowered) or self.about_another(reading.said.text):
            return True
        index = self.order.get(reading.said.ref, 0)
        for later in self.readings[index + 1 : index + 8]:
            own = later.said.author == reading.said.author
            if own and later.said.at - reading.said.at <= _MISPLACED and later.has(words.ELSEWHERE):
                return True
        return False

    def about_another(self, text: str) -> bool:
        """Whether a text names another incident that the bot opened here, and not this one."""
        return self._others.named_in(text)

    def of_another(self, reading: Reading) -> bool:
        """Whether a message, which may hold figures, is about another incident."""
        return self._others.told_of(reading)

    @cached_property
    def _others(self) -> Others:
        return others_of(self.case)

    def question_before(self, reading: Reading) -> Said | None:
        """The question of somebody else that this message follows within two minutes, or None."""
        index = self.order.get(reading.said.ref, 0)
        for other in reversed(self.readings[max(0, index - 2) : index]):
            if other.said.author == reading.said.author or reading.said.at - other.said.at > _ANSWER:
                continue
            if other.usable and (other.asking or words.ASKING.match(other.prose)):
                return other.said
        return None

    def withdrawn(self, reading: Reading) -> bool:
        """Whether the same person took it back within three minutes ("…ok not now", "never mind")."""
        index = self.order.get(reading.said.ref, 0)
        for later in self.readings[index + 1 : index + 4]:
            own = later.said.author == reading.said.author
            if own and later.said.at - reading.said.at <= _REGRET and words.WITHDRAWN.match(later.prose):
                return True
        return False

    def rules_out(self, reading: Reading) -> bool:
        """Whether it says that something guessed shortly before is well."""
        return reading.denying and self.answers_guess(reading)

    def answers_guess(self, reading: Reading) -> bool:
        """Whether it speaks, without agreeing, of something guessed shortly before."""
        if _AGREES.match(reading.prose):
            return False
        index = self.order.get(reading.said.ref, 0)
        for other in reversed(self.readings[max(0, index - 6) : index]):
            guess = other.usable and (other.hedged or other.asking or other.has(words.BLAME))
            if guess and not other.said.marks and other.keywords & reading.keywords:
                return reading.said.at - other.said.at <= _RULED_OUT
        return False

    @cached_property
    def order(self) -> Mapping[str, int]:
        return {one.said.ref: index for index, one in enumerate(self.readings)}

    def quote(self, said: Said, lead: str = "") -> Claim:
        """What a person wrote, as a claim: their name, their words, corrections told."""
        fixed = self.corrected.get(said.ref, ())
        told = "".join(
            f" ({one.new} as corrected by {one.by.who} at {one.by.at:%H:%M}, not {one.old})" for one in fixed
        )
        text = f'{lead}{said.who}: "{shorten(said.text)}"{told}'
        return Claim(text, (said.ref, *(one.by.ref for one in fixed)), said.at)


def lay_out(case: Case) -> Dossier:
    """Read every message once and put corrections in their place."""
    raw = tuple(Reading(one) for one in case.said)
    found = fixes.corrections(raw)
    corrected = fixes.by_message(found)
    readings = raw
    if found:
        said = fixes.apply(case.said, found)
        readings = tuple(map(Reading, said))
        case = replace(case, said=said)
    return Dossier(case, readings, corrected, echoes_of(case), _first_sign(case, readings))


def shorten(text: str, limit: int = QUOTE_LIMIT) -> str:
    """One line, at most `limit` characters, ending in "…" where something was cut."""
    line = " ".join(text.replace("```", " ").split())
    if len(line) <= limit:
        return line
    cut = line[: limit - 2].rstrip() + "…"
    return cut + '"' if cut.count('"') % 2 else cut


def _first_sign(case: Case, readings: tuple[Reading, ...]) -> datetime | None:
    opened = [one.when for one in case.moments if one.kind in _OPENING]
    if opened:
        return min(opened)
    people = [one.said.at for one in readings if not one.said.by_bot]
    troubled = [one.said.at for one in readings if one.find(words.SYMPTOM) or one.said.by_bot]
    return min(troubled or people, default=None)
