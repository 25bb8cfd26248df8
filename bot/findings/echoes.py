"""The messages in which the bot, or who took the incident, told what an entry of the journal holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from bot.domain.moment import Moment
from bot.findings import words
from bot.findings.records import Case, Said

_PRESS = timedelta(seconds=60)
_ECHO = timedelta(seconds=30)
_TOKEN = re.compile(r"RUN-\d+|SEV-\d|\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b")


def _takes(said: Said, taken: Moment) -> bool:
    """Whether these are the words of the one who took it, around the time of their press."""
    near = abs(said.at - taken.when) <= _PRESS
    return near and not said.by_bot and said.who == taken.who and words.TAKING.search(said.text) is not None


def echoes_of(case: Case) -> Mapping[str, Said]:
    """The bot's own messages, each beside the entry that it tells (seconds earlier)."""
    found: dict[str, Said] = {}
    bot_said = [one for one in case.said if one.by_bot]
    taken = next((one for one in case.moments if one.kind == "incident-acknowledged"), None)
    if taken is not None:
        said = next((one for one in case.said if _takes(one, taken)), None)
        found |= {taken.evidence: said} if said else {}
    for said in bot_said:
        tokens = set(_TOKEN.findall(said.text))
        near = [
            one
            for one in case.moments
            if timedelta(0) <= said.at - one.when <= _ECHO and one.evidence not in found
        ]
        for one in reversed(near):
            if (one.run and one.run in said.text) or tokens & set(
                _TOKEN.findall(f"{one.what} {one.run} {one.alert} {one.severity}")
            ):
                found[one.evidence] = said
                break
    return found
