"""Which copy of a place is brought back: the newest one of the one memory that the place is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from actions.plan import Refused
from bot.domain.answer import Refusal, UsageError
from bot.self_dr.manifest import Manifest
from bot.self_dr.place import Place

TOLD_AT_MOST = 10


@dataclass(frozen=True)
class Choice:
    """A copy by its name in its place ('' where the place is the copy), and its full path.

    `before` is the full path of the same memory's copy before it, '' where there is none.
    """

    name: str
    where: str
    manifest: Manifest
    before: str = ""


@dataclass(frozen=True)
class Listed:
    """The copies of a place, the newest first, and why the others cannot be read."""

    copies: dict[str, Manifest]
    unread: dict[str, str]


def listed(place: Place, names: Sequence[str]) -> Listed:
    """Every manifest. Raises Transient where the place does not answer."""
    copies: dict[str, Manifest] = {}
    unread: dict[str, str] = {}
    for name in names:
        try:
            copies[name] = Manifest.read(place.manifest(name), name)
        except (UsageError, Refused, OSError) as error:
            unread[name] = str(error)
    return Listed(copies, unread)


def choose(place: Place, source: str) -> Choice:
    """The copy that `source` is, or the newest of those that it holds.

    Raises UsageError where there is none, Refusal where a person must say which: the copies are of more than
    one memory, or a newer one than the newest cannot be read.
    """
    names = place.names()
    if not names:
        raise UsageError(
            f"there is no copy of drbot's memory at {source}: a copy is a folder drbot-… with a manifest.json"
        )
    if names == ("",):
        return Choice("", source, Manifest.read(place.manifest(""), source))
    found = listed(place, names)
    if not found.copies:
        raise UsageError(f"no copy at {source} can be read. The newest: {found.unread[names[0]]}")
    lines = current(found.copies)
    if len(lines) > 1:
        told = "; ".join(
            f"`dr self restore {path(source, own[0])}` ({_said(found.copies[own[0]])})"
            for own in lines[:TOLD_AT_MOST]
        )
        raise Refusal(
            f"there are copies of {len(lines)} memories at {source}, and which one is wanted is not known."
            f" Nothing was changed. Say one of: {told}"
        )
    own = lines[0]
    newer = [name for name in found.unread if name > own[0]]
    if newer:
        raise Refusal(
            f"the newest copy at {source} cannot be read: {found.unread[newer[0]]}. Nothing was changed."
            f" To take the newest that can be read ({_said(found.copies[own[0]])}), say `dr self restore"
            f" {path(source, own[0])}`"
        )
    before = path(source, own[1]) if len(own) > 1 else ""
    return Choice(own[0], path(source, own[0]), found.copies[own[0]], before)


def current(copies: Mapping[str, Manifest]) -> list[list[str]]:
    """The names by memory, each from its newest to its oldest; without memories that another one continues.

    A memory that was brought back has a new identity and goes on from the copy: it takes the place of the one
    that it came from, unless that one was copied again later, by a bot that still lives. A memory in which
    nothing ever happened is passed over for one in which something did.
    """
    of: dict[str, list[str]] = {}
    for name in sorted(copies, reverse=True):
        of.setdefault(copies[name].identity, []).append(name)
    going_on = [
        own
        for identity, own in of.items()
        if not any(
            copies[own[0]].made_at <= copies[others[0]].came_from.get(identity, "")
            for others in of.values()
            if others is not own
        )
    ]
    lived = [own for own in going_on if copies[own[0]].journal_seq]
    return lived or going_on or list(of.values())


def path(source: str, name: str) -> str:
    """The full path of a copy, as a person types it."""
    return f"{source.rstrip('/')}/{name}" if name else source


def _said(manifest: Manifest) -> str:
    made_at = manifest.made_at[:16].replace("T", " ")
    return f"{manifest.journal_seq} journal entries, copied at {made_at} UTC on {manifest.made_on}"
