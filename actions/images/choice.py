"""Which versions of which objects are wanted back, decided from their histories alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from actions.tools.aws.image_objects import ImageVersion

Why: TypeAlias = Literal["deleted", "overwritten", "lost"]
History: TypeAlias = Sequence[ImageVersion]
"""Of one object, the newest first."""


@dataclass(frozen=True)
class Wanted:
    """One object to bring back: the version wanted, where it is, and what is on top now (None: nothing).

    `deleted`: a delete marker is on top; `overwritten`: another version; `lost`: the bucket has no version of
    it any more, only the replica does.
    """

    version: ImageVersion
    from_replica: bool
    now: ImageVersion | None
    why: Why


@dataclass(frozen=True)
class Chosen:
    """`since` are objects that were made after the moment asked for: they are left alone."""

    wanted: tuple[Wanted, ...]
    looked_at: int
    since: int = 0


def histories(entries: Iterable[ImageVersion]) -> dict[str, list[ImageVersion]]:
    """Key to history. S3 tells whole seconds: of the same second, what is on top comes first, a version
    before a delete marker (an object that might have been there is rather brought back than not).
    """
    found: dict[str, list[ImageVersion]] = defaultdict(list)
    for entry in entries:
        found[entry.key].append(entry)
    for history in found.values():
        history.sort(key=lambda one: (one.newest, one.at, not one.hides), reverse=True)
    return dict(found)


def choose(primary: Mapping[str, History], replica: Mapping[str, History], as_of: str = "") -> Chosen:
    """What is to be brought back, by key. `as_of` is ISO 8601 UTC like the versions' times.

    Without `as_of`: what is deleted, as it was last. With it: whatever is not as it was then; an object that
    was not there then stays as it is.
    """
    wanted: list[Wanted] = []
    since = 0
    keys = sorted({*primary, *replica})
    for key in keys:
        here, there = primary.get(key, ()), replica.get(key, ())
        now = here[0] if here else None
        found = _at(here, as_of)
        from_replica = found is None and not _was_hidden(here, as_of)
        if from_replica:
            found = _at(there, as_of)
        if found is None:
            since += bool(as_of and now and not now.hides and not _was_hidden(here, as_of))
        elif now is None or not (_on_top(found, now, from_replica) or found.is_surely(now)):
            wanted.append(Wanted(found, from_replica, now, _why(now, from_replica)))
    return Chosen(tuple(wanted), len(keys), since)


def _on_top(found: ImageVersion, now: ImageVersion, from_replica: bool) -> bool:
    """Whether it is the very version on top. Ids of two buckets are not compared: both know `null`."""
    return not from_replica and found.version_id == now.version_id


def _at(history: History, as_of: str) -> ImageVersion | None:
    """The version that stood at that moment; without one, the last that stood. None where none did."""
    if not as_of:
        return next((one for one in history if not one.hides), None)
    stood = next((one for one in history if one.at <= as_of), None)
    return None if stood is None or stood.hides else stood


def _was_hidden(history: History, as_of: str) -> bool:
    """Whether the history itself says that it was deleted at that moment."""
    stood = next((one for one in history if one.at <= as_of), None) if as_of else None
    return stood is not None and stood.hides


def _why(now: ImageVersion | None, from_replica: bool) -> Why:
    if now is not None and not now.hides:
        return "overwritten"
    return "lost" if from_replica else "deleted"
