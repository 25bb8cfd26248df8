"""What the swap writes on a database that it puts aside, and how it is read again: its comment."""

from __future__ import annotations

import re

import msgspec

from actions.tools.postgres.inventory import clock
from actions.tools.postgres.server import Session
from actions.tools.postgres.shadow import Names, seal_of


class Kept(msgspec.Struct, frozen=True):
    """`drbot` is the run that put it aside; `written` the rows written into what came by then; `comment` its
    own comment from before; `came` the oid of what came in its place (0: not known); `at` when, by the
    server's clock, ISO 8601 UTC ('': by a drbot that did not write it down).
    """

    drbot: int
    written: int
    comment: str
    came: int = 0
    at: str = ""


def kept_words(session: Session, kept: Kept) -> str:
    """The comment for a database that is put aside now."""
    return msgspec.json.encode(msgspec.structs.replace(kept, at=clock(session))).decode()


def read_kept(words: str) -> Kept | None:
    """What such a comment says, None where it is none."""
    try:
        return msgspec.json.decode(words.encode(), type=Kept)
    except msgspec.MsgspecError:
        return None


def kept_run(name: str, database: str) -> int | None:
    """The run in the name of a database that is kept beside `database`, None where it is not such a name."""
    found = re.fullmatch(rf"{re.escape(database)}__(?:old|undone)_(\d+)", name)
    return int(found[1]) if found else None


def kept_beside(session: Session, names: Names) -> Kept:
    """What is written on the run's old database; nothing known where that is no writing of ours."""
    return read_kept(seal_of(session, names.old)) or Kept(names.run, 0, "")
