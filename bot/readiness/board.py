"""What the board decides: a component's light from its looks. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from actions.board_values import AGE, AGE_OF, BACKUP, HELPS, MEASURED
from actions.plan import Evidence
from bot.domain.standing import Board, Light, Standing
from bot.printable import printable
from bot.redact import redact_secrets

__all__ = ["Board", "Light", "Look", "Standing", "decided", "of_evidence"]
WHY_LIMIT = 300
READ_LIMIT = 2_000
_LIGHTS: Mapping[str, Light] = {"green": Light.GREEN, "amber": Light.AMBER, "red": Light.RED}
_RANK = {Light.RED: 0, Light.AMBER: 1, Light.GREEN: 2, Light.UNKNOWN: 3}
_UNIT = re.compile(r"(?<=\d) (?=(?:s|min|h|d|days?|%|[kKMGT]i?B)\b|%)")
# A look changes nothing anyway: on a wall the assurance only takes room.
_ASSURED = re.compile(
    r"[;.,]? ?nothing was (?:changed|looked at)(?:; try again in a moment)?\.?$", re.IGNORECASE
)


@dataclass(frozen=True)
class Look:
    """What one look found: its light, the sentence that decides, and what it measured in a few words.

    `age_s` is how much of the newest work a loss would cost, where the look told it (infinite where all of
    it), by what `age_of` names; `helps` the action that would mend what the sentence says. `partly`: others
    of the component could not be made. `mendable` is false where no button would make it well.
    """

    light: Light
    said: str
    measured: str = ""
    age_s: float | None = None
    helps: str = ""
    age_of: str = BACKUP
    partly: bool = False
    mendable: bool = True


def of_evidence(found: Sequence[Evidence]) -> Look:
    """The worst light decides; of several the last one, for a look says its verdict last."""
    judged = [one for one in found if one.light]
    values = {
        name: one.values[name] for name in (MEASURED, AGE, AGE_OF) for one in found if name in one.values
    }
    if not judged:
        said = found[-1].said if found else "it said nothing"
        return Look(Light.UNKNOWN, f"the look judges nothing: {said}")
    worst = min(_RANK[_LIGHTS[one.light]] for one in judged)
    decides = [one for one in judged if _RANK[_LIGHTS[one.light]] == worst][-1]
    return Look(
        _LIGHTS[decides.light],
        decides.said,
        values.get(MEASURED, ""),
        _age_s(values.get(AGE, "")),
        decides.values.get(HELPS, ""),
        values.get(AGE_OF, BACKUP),
    )


def _age_s(told: str) -> float | None:
    if told == "inf":
        return inf
    return float(told) if told.isascii() and told.isdigit() and len(told) < 12 else None


def decided(looks: Sequence[Look]) -> Look:
    """A component's light from all of its looks: the worst one that could be measured, the first of these.

    What could not be measured beside it is said, and then it is at best amber: nobody knows that it is well.
    """
    seen = [one for one in looks if one.light is not Light.UNKNOWN]
    blind = [one for one in looks if one.light is Light.UNKNOWN]
    if not seen:
        return blind[0] if blind else Look(Light.UNKNOWN, "")
    worst = min(seen, key=lambda one: _RANK[one.light])
    measured = next((one.measured for one in (worst, *seen) if one.measured), "")
    if not blind:
        return Look(worst.light, worst.said, measured, helps=worst.helps)
    unseen = f"not measured: {short(blind[0].said, 120)}"
    if worst.light is Light.GREEN:
        said = f"{unseen}; beside it: {worst.said}"
        return Look(Light.AMBER, said, measured, partly=True, mendable=False)
    said = f"{short(worst.said, WHY_LIMIT - len(unseen) - 2)}; {unseen}"
    return Look(worst.light, said, measured, helps=worst.helps, partly=True)


def age_of(looks: Sequence[Look]) -> float | None:
    """What a loss would cost now, in seconds: the least of what can be trusted, else the most of the rest."""
    told = [(one.light is Light.RED, one.age_s) for one in looks if one.age_s is not None]
    trusted = [age for red, age in told if not red]
    return min(trusted) if trusted else max((age for _, age in told), default=None)


def short(said: str, limit: int = WHY_LIMIT) -> str:
    """One printable line without secrets, assurance at its end, and full stop; cut at a word."""
    line = _ASSURED.sub("", " ".join(printable(redact_secrets(said[:READ_LIMIT])).split())).rstrip(". ;")
    if len(line) <= limit:
        return line
    return f"{line[: limit - 1].rsplit(' ', 1)[0][: limit - 1]}…"


def unbroken(said: str) -> str:
    """The same, where a line is never broken between a number and its unit."""
    return _UNIT.sub("\N{NO-BREAK SPACE}", said)
