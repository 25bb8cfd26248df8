"""The rule by which backups expire, pure: which may go, oldest first, and which never do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from actions.amounts import span_text
from actions.failures import Refused

FRESH_WITHIN = timedelta(hours=25)
"""However short backups are kept: where none is younger than this, backups have stopped."""


@dataclass(frozen=True)
class Kept:
    """One backup of one place. `taken_at` is the latest of every time that is known of it.

    `verified`: its manifest can be believed, and nobody doubts it. `ours`: drbot made it. `came_back`: it is
    the newest of all that a rehearsal restored and found whole.
    """

    id: str
    key: str
    etag: str
    size_bytes: int
    taken_at: datetime
    verified: bool
    ours: bool
    came_back: bool = False


@dataclass(frozen=True)
class Rule:
    """For how long backups are kept in a place, and how many verified ones always stay there."""

    keep_s: float
    keep_at_least: int

    @property
    def at_least(self) -> int:
        """Never none, whatever the plan says."""
        return max(1, self.keep_at_least)


def protected(found: Iterable[Kept], rule: Rule) -> frozenset[str]:
    """The ids of those that stay whatever their age: the newest verified ones, and what really came back."""
    all_of_them = tuple(found)
    verified = sorted((one for one in all_of_them if one.verified), key=lambda one: (one.taken_at, one.id))
    came_back = (one for one in all_of_them if one.came_back)
    return frozenset(one.id for one in (*verified[-rule.at_least :], *came_back))


def expired(
    found: Iterable[Kept], rule: Rule, now: datetime, leased: frozenset[str], at_most: int
) -> tuple[Kept, ...]:
    """What may go, oldest first, at most so many: older than the rule keeps, drbot's own, not being read.

    The newest verified ones and the newest that came back always stay. Raises Refused where no verified one
    is young: then backups have stopped or a clock is wrong, and deleting old ones would be the worst that one
    could do.
    """
    all_of_them = tuple(found)
    stay = protected(all_of_them, rule)
    keep = timedelta(seconds=rule.keep_s)
    old = [
        one
        for one in all_of_them
        if one.ours and one.id not in stay and one.id not in leased and now - one.taken_at > keep
    ]
    if not old:
        return ()
    newest = max((one.taken_at for one in all_of_them if one.verified), default=None)
    if newest is None or now - newest > max(keep, FRESH_WITHIN):
        since = "there is no verified one" if newest is None else f"the newest is {_ago(now - newest)} old"
        raise Refused(
            f"nothing is deleted while no verified backup is young ({since}): backups have stopped, or a"
            " clock is wrong. Nothing was changed; make a backup first"
        )
    return tuple(sorted(old, key=lambda one: (one.taken_at, one.id))[:at_most])


def _ago(age: timedelta) -> str:
    return span_text(age.total_seconds())
