"""Another incident talked about in the same channel: what is said of it is not said of this one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.findings.reading import Reading
from bot.findings.records import Case

_REF = re.compile(r"\b[A-Z]{2,10}-(\d{1,7})\b")
_LEADS = re.compile(r"\W*(?:[a-z]{2,10}[- ]?)?#?(\d{1,7})(?=\s*[:,–—-]|\s+[a-z])", re.IGNORECASE)
_BARE = re.compile(r"(?<![\w.,:])\d{1,6}(?![\w%]|[.,:]\d)")


@dataclass(frozen=True)
class Others:
    """The numbers of the other incidents of the series that the bot told of here, and this one's."""

    numbers: frozenset[str]
    own: str

    def named_in(self, text: str) -> bool:
        """Whether a text names another and not this one, be it by its bare number ("closing 209")."""
        if not self.numbers:
            return False
        named = set(_BARE.findall(text.replace("-", " ")))
        return bool(named & self.numbers) and self.own not in named

    def told_of(self, reading: Reading) -> bool:
        """Whether it opens with another's number, or names its reference and not this one's.

        Stricter than `named_in`, for messages that hold figures: "209 orders" need not be INC-209.
        """
        if not self.numbers:
            return False
        named = set(_REF.findall(reading.prose))
        if named & self.numbers and self.own not in named:
            return True
        lead = _LEADS.match(reading.prose)
        return lead is not None and lead[1] in self.numbers


def others_of(case: Case) -> Others:
    """The other incidents of a case's channel; none where the case has no reference of its own."""
    prefix, _, own = case.ref.rpartition("-")
    if not prefix:
        return Others(frozenset(), own)
    form = re.compile(rf"\b{re.escape(prefix)}-(\d+)\b")
    told = (number for one in case.said if one.by_bot for number in form.findall(one.text))
    return Others(frozenset(told) - {own}, own)
