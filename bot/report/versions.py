"""Every version of a report that was kept: what became of each, and the way to one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.answer import UsageError
from bot.report import keeping
from bot.report.keeping import Version
from bot.store import journal
from bot.store.database import Read, Store

_KINDS = ("report-edited", "report-reviewed", "report-published")


@dataclass(frozen=True)
class Listed:
    """One version: since when it is kept (ISO 8601 UTC), and what people did to it, a sentence each."""

    number: int
    at: str
    said: tuple[str, ...]


def versions_of(store: Store, incident: int) -> Sequence[Listed]:
    """Every version, the newest first."""
    entries = [one for one in journal.of_incident(store, incident) if one.kind in _KINDS]
    return [
        Listed(number, at, tuple(str(one.data["said"]) for one in entries if one.data["version"] == number))
        for number, at in reversed(keeping.numbers(store.read, incident))
    ]


def version_of(read: Read, incident: int, number: int) -> Version:
    """One version. Raises UsageError where there is none, with those that there are."""
    found = keeping.version(read, incident, number)
    if found is not None:
        return found
    there = keeping.numbers(read, incident)
    if not there:
        raise UsageError(f"the report of INC-{incident} has no versions yet: it is drafted anew each time")
    newest = there[-1][0]
    has = "version 1" if newest == 1 else f"versions 1 to {newest}"
    raise UsageError(f"the report of INC-{incident} has no such version: it has {has}")
