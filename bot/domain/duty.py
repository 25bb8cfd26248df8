"""A duty: what a person does for one incident, whatever their role in the plan."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Duty(Enum):
    """The three duties of an incident; the value is what people read and write."""

    COMMANDER = "commander"
    COMMUNICATIONS = "communications"
    OPERATIONS = "operations"

    @property
    def purpose(self) -> str:
        """What whoever holds it does, in a sentence."""
        return _PURPOSE[self]

    @classmethod
    def parse(cls, text: str) -> Duty:
        """Read `commander`, `Command`, `comms`, `ops`. Raises ValueError naming what would be right."""
        wanted = text.strip().lower()
        found = _SHORT.get(wanted) or next((one for one in cls if one.value == wanted), None)
        if found is None:
            raise ValueError(f"{text[:40]!r} is not a duty: say commander, communications or operations")
        return found


_PURPOSE = {
    Duty.COMMANDER: "Leads: decides what is done next, and in which order.",
    Duty.COMMUNICATIONS: "Talks: tells customers, leads and the status page what is known, and when more is.",
    Duty.OPERATIONS: "Works: looks, runs the runbooks, and reports to the commander.",
}
_SHORT = {
    "command": Duty.COMMANDER,
    "ic": Duty.COMMANDER,
    "comms": Duty.COMMUNICATIONS,
    "communication": Duty.COMMUNICATIONS,
    "ops": Duty.OPERATIONS,
    "operation": Duty.OPERATIONS,
}


@dataclass(frozen=True)
class Held:
    """Who holds a duty of an incident: their plan id, and since when (ISO 8601 UTC)."""

    duty: Duty
    person: str
    since: str
