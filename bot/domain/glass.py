"""Break-glass: a person with a reason overrides rules of time, count, past and objection; never of people."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.person import Person
from bot.domain.policy import names
from bot.domain.restraint import Block, say_all

ROLES = ("approver",)
REASON_LIMIT = 300
SHORTEST_REASON = 5


@dataclass(frozen=True)
class Glass:
    """Who broke it, why, and the kinds of rule that this overrides for this one run."""

    by: str
    reason: str
    overrode: tuple[str, ...]


def cannot_break(person: Person, roles: Sequence[str], able: Sequence[Person], reason: str) -> str | None:
    """Why this person may not override, or may not with this reason. `able` are the people who may."""
    if not person.roles & set(roles):
        others = f"Ask {names(able)}" if able else "The plan names nobody who may"
        return f"the glass is broken by {' or '.join(roles)} only. {others}."
    if len(reason) < SHORTEST_REASON:
        return 'breaking the glass needs a reason that others can read: break_glass="why it cannot wait".'
    return None


def standing(blocks: Sequence[Block], glass: Glass | None) -> tuple[Block, ...]:
    """The blocks that hold although the glass was broken: it overrides what it named, and nothing else."""
    overrode = glass.overrode if glass else ()
    return tuple(block for block in blocks if block.rule not in overrode)


def refusal(blocks: Sequence[Block], able: Sequence[Person], ask_again: bool = False) -> str:
    """Every rule that stands in the way, and who could override them."""
    who = names(able) or "nobody of the plan"
    ask = "ask again" if ask_again else "ask"
    way = f'{ask} with `run ACTION … break_glass="the reason"`, in the open and in the journal'
    return f"{say_all(blocks)} What cannot wait, {who} may override: {way}."


def seal(digest: str, glass: Glass | None) -> str:
    """A plan's digest, with what was overridden in it: an approval then names that, too."""
    if glass is None:
        return digest
    text = "\x1f".join((digest, glass.by, glass.reason, *glass.overrode))
    return hashlib.sha256(text.encode()).hexdigest()
