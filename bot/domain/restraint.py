"""What stands in the way of a run although the right person asks: time, count, the target's past or health.

A `Block` names the rule and says why, until when, or what would lift it. Blocks can be overridden by
breaking the glass, an action's own objections too; who may ask, who approves and what an action refuses
cannot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Rule: TypeAlias = Literal["freeze", "limit", "breaker", "incident", "target"]


@dataclass(frozen=True)
class Block:
    """`rule` is the kind of rule, `said` the sentence that names it."""

    rule: Rule
    said: str


@dataclass(frozen=True)
class Subject:
    """What the rules know of a run: its risk, where it is, and whether it takes another one back.

    `objections` are the action's own: what its survey found that speaks against doing it at all.
    """

    risk: str
    target: str
    environment: str
    is_undo: bool = False
    objections: tuple[str, ...] = ()


def objected(subject: Subject) -> tuple[Block, ...]:
    """The action's own objections, one block each."""
    return tuple(Block("target", said) for said in subject.objections)


def no_incident_open(subject: Subject, serves_customers: bool, any_open: bool) -> Block | None:
    """Data that customers live on is not put at risk on a quiet day: somebody must say what is wrong."""
    if subject.risk != "destructive" or not serves_customers or any_open:
        return None
    return Block(
        "incident",
        f"a destructive run in {subject.environment}, which serves customers, needs an open incident, and"
        " none is: anyone of the plan opens one with `declare WHAT IS WRONG`.",
    )


def say_all(blocks: Sequence[Block]) -> str:
    """The blocks as sentences, each with a capital letter but the first."""
    first, *others = [block.said for block in blocks]
    return " ".join([first, *(said[:1].upper() + said[1:] for said in others)])
