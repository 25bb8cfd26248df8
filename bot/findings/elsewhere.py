"""Another incident talked about in the same channel: what is said of it is not said of this one."""

from __future__ import annotations

import re

from bot.findings.reading import Reading
from bot.findings.records import Case

_REF = re.compile(r"\b([A-Z]{2,10})-(\d{1,7})\b")
_LEADS = re.compile(r"\W*(?:[a-z]{2,10}[- ]?)?#?(\d{1,7})(?=\s*[:,–—-]|\s+[a-z])", re.IGNORECASE)


def other_incidents(case: Case) -> frozenset[str]:
    """The numbers of incidents of the same series that the bot named here, without this one's."""
    own = _REF.fullmatch(case.ref)
    if own is None:
        return frozenset()
    found = (hit for one in case.said if one.by_bot for hit in _REF.finditer(one.text))
    return frozenset(hit[2] for hit in found if hit[1] == own[1] and hit[2] != own[2])


def names_another(reading: Reading, others: frozenset[str], own: str) -> bool:
    """Whether it opens with another incident's number, or names one and not this one (`own`)."""
    if not others:
        return False
    named = {hit[2] for hit in _REF.finditer(reading.prose)}
    if named & others and own.rpartition("-")[2] not in named:
        return True
    lead = _LEADS.match(reading.prose)
    return lead is not None and lead[1] in others
