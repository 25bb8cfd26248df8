"""An action item: what is to be done so that it does not happen again, who does it, and until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum

REMIND_AT = time(9)
"""A reminder comes when the working day begins, on the clock that the plan goes by."""
A_WEEK = timedelta(days=7)
_SATURDAY = 5


class ItemState(Enum):
    """OPEN until a person says that it is DONE, or is not done and why (DROPPED)."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


@dataclass(frozen=True)
class ActionItem:
    """One item as it stands. `owner` is a plan id and `due` a day (`2026-12-01`), each '' where nobody said.

    `evidence` are the report's labels of where it was said. `reminded_at` is the day of the last reminder
    that its owner got ('' before the first). Other times are ISO 8601 UTC, empty while they have not come.
    """

    id: int
    incident: int
    text: str
    owner: str = ""
    due: str = ""
    state: ItemState = ItemState.OPEN
    evidence: tuple[str, ...] = ()
    created_by: str = ""
    created_at: str = ""
    ended_at: str = ""
    reminded_at: str = ""

    @property
    def ref(self) -> str:
        """`AI-3`, as people say it."""
        return f"AI-{self.id}"

    @property
    def is_open(self) -> bool:
        return self.state is ItemState.OPEN

    def is_overdue(self, today: date) -> bool:
        """Whether it is open and its day has passed."""
        return self.is_open and self.due != "" and self.due < today.isoformat()

    @property
    def lacks(self) -> str:
        """What nobody said about it: `owner and date`, `owner`, `date`, ''."""
        return " and ".join(name for name, said in (("owner", self.owner), ("date", self.due)) if not said)


@dataclass(frozen=True)
class ItemLine:
    """An item as a list shows it: `owner` and `due` in words, plain text."""

    ref: str
    incident: str
    text: str
    owner: str
    due: str
    state: ItemState
    overdue: bool = False


def parse_item_ref(text: str) -> int:
    """Read `AI-3`, `ai3` or `3`. Raises ValueError with the form that would be right."""
    digits = text.strip().upper().removeprefix("AI").removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        raise ValueError(f"{text[:40]!r} is not an action item: say AI- and its number")
    return int(digits)


def same_words(text: str) -> str:
    """What makes two texts one item: their letters and figures, whatever the case, spaces and signs."""
    return " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split()) or text.strip()


def working_day_before(day: date) -> date:
    """The last Monday to Friday before a day. Holidays are not known here."""
    before = day - timedelta(days=1)
    return before - timedelta(days=max(0, before.weekday() - _SATURDAY + 1))


def newest_reminder(due: date, now: datetime) -> date | None:
    """The newest day of a reminder whose hour has come; None before the first.

    They are the working day before it is due, the day itself, and each week after it. `now` is on the
    plan's own clock. Of several that were missed only this one is sent: it says all that they would.
    """
    until = now.date() if now.time() >= REMIND_AT else now.date() - timedelta(days=1)
    if until < due:
        before = working_day_before(due)
        return before if before <= until else None
    return due + (until - due) // A_WEEK * A_WEEK


def reminder_due(item: ActionItem, now: datetime) -> date | None:
    """The day of the reminder that its owner should get now; None where there is none, or they got it."""
    if not (item.is_open and item.owner and item.due):
        return None
    day = newest_reminder(date.fromisoformat(item.due), now)
    return day if day is not None and day.isoformat() > item.reminded_at else None


def due_words(item: ActionItem, today: date) -> str:
    """`due Friday 2026-12-04`, `due today`, `3 days overdue`, `no date`."""
    if not item.due:
        return "no date"
    due = date.fromisoformat(item.due)
    ahead = (due - today).days
    if ahead < 0 and item.is_open:
        return f"{-ahead} day{'s' if ahead < -1 else ''} overdue (due {item.due})"
    near: Mapping[int, str] = {0: "due today", 1: "due tomorrow"}
    return near.get(ahead, f"due {due:%A} {item.due}") if item.is_open else f"was due {item.due}"
