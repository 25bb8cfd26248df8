"""What an answer tells people to say, as they can paste it where they read it."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.commands.verbs import all_verbs
from bot.domain.answer import Answer

_QUOTED = re.compile(r"`([^`\n]+)`")


def for_slack(answer: Answer) -> Answer:
    """The same with `/dr` before every verb that stands between backticks."""
    return replace(answer, title=slashed(answer.title), lines=tuple(map(slashed, answer.lines)))


def slashed(text: str) -> str:
    """`/dr ack INC-7` for `ack INC-7`; what begins with no verb stays as it is."""
    return _QUOTED.sub(_slashed, text)


def _slashed(found: re.Match[str]) -> str:
    said = found[1]
    first = said.split(" ")[0]
    known = any(name.split()[0] == first for name in all_verbs())
    return f"`/dr {said}`" if known else found[0]
