"""How many copies of drbot's memory a place keeps. What is not surely ours and old is left."""

from __future__ import annotations

from collections.abc import Iterator

from actions.plan import Refused, Transient
from bot.self_dr.choice import current, listed
from bot.self_dr.manifest import Manifest
from bot.self_dr.place import Place

NAMED_AT_MOST = 3


def thin_out(place: Place, name: str, manifest: Manifest, keep: int) -> Iterator[str]:
    """Delete the oldest copies of this memory beyond `keep`, never the one just made (`name`).

    Yields what a person should know: copies that cannot be read or deleted, copies of another bot. Raises
    nothing for them, because the new copy is made and is good. Safe to do twice.
    """
    try:
        found = listed(place, [one for one in place.names() if one])
    except (Refused, Transient, OSError) as error:
        yield f"older copies were not looked at, so none was deleted: {error}"
        return
    if found.unread:
        yield f"left as they are, because they cannot be read: {_named(found.unread)}"
    others = [own[0] for own in current(found.copies) if found.copies[own[0]].identity != manifest.identity]
    if others:
        yield f"another memory is copied there too ({others[0]}): give every bot a place of its own"
    mine = [one for one, its in found.copies.items() if its.identity == manifest.identity]
    left: dict[str, str] = {}
    for old in mine[max(1, keep) :]:
        if old == name:  # a clock that went back gives the newest copy an old name
            continue
        try:
            place.forget(old)
        except (Refused, Transient, OSError) as error:
            left[old] = str(error)
    if left:
        yield f"more than {keep} are kept, because they cannot be deleted: {_named(left)}"


def _named(copies: dict[str, str]) -> str:
    more = f" and {len(copies) - NAMED_AT_MOST} more" if len(copies) > NAMED_AT_MOST else ""
    told = [f"{name} ({why})" for name, why in list(copies.items())[:NAMED_AT_MOST]]
    return ", ".join(told) + more
