"""The verbs by what they are about, so that help fits a phone: what is needed most comes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.commands.verbs import Verb, all_verbs


@dataclass(frozen=True)
class Room:
    """A group of verbs: its name as said behind `help`, and what it is about."""

    name: str
    about: str
    verbs: tuple[Verb, ...]


_ABOUT = {
    "incidents": "what is wrong, and who has it",
    "runs": "what drbot does, and who approves it",
    "outside": "what customers are told",
    "recovery": "backups, restores, failovers, drills",
    "report": "the incident report",
    "items": "what is to be done afterwards",
    "drbot": "who is on call, the plan, drbot itself",
}
# The file of `bot.commands` that a verb stands in tells its room; one that is not here stands in the last.
_OF_FILE = {
    "incidents": "incidents",
    "duties": "incidents",
    "silence": "incidents",
    "runs": "runs",
    "runbooks": "runs",
    "catalogue": "runs",
    "breakers": "runs",
    "outside": "outside",
    "outbound": "outside",
    "backups": "recovery",
    "failover": "recovery",
    "images": "recovery",
    "drills": "recovery",
    "reports": "report",
    "reports_changes": "report",
    "items": "items",
    "digest": "items",
}
_OF_VERB = {"restore": "recovery", "timeline": "incidents", "looks": "incidents"}
_FIRST = (
    *("ack", "declare", "incidents", "incident", "resolve", "run", "approve", "deny", "undo", "runs"),
    *("outside", "draft", "publish", "restore", "backup", "items", "status", "oncall"),
)


def rooms() -> Sequence[Room]:
    """Every verb in exactly one room; in each the most needed first."""
    verbs = sorted(all_verbs().values(), key=_rank)
    return [
        Room(name, about, tuple(one for one in verbs if _room(one) == name)) for name, about in _ABOUT.items()
    ]


def _rank(verb: Verb) -> int:
    return _FIRST.index(verb.name) if verb.name in _FIRST else len(_FIRST)


def _room(verb: Verb) -> str:
    file = verb.do.__module__.rpartition(".")[2]
    return _OF_VERB.get(verb.name) or _OF_FILE.get(file, "drbot")
