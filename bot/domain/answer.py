"""What a use case says back: one record that Slack draws as a card and a shell prints as text or JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from bot.domain.action_item import ItemLine
from bot.domain.entry import Json
from bot.domain.standing import Board


class Exit(IntEnum):
    """The shell's exit codes (a promise of the outside)."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3
    NOT_APPROVED = 4


@dataclass(frozen=True)
class Table:
    """Rows of plain text under named columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Answer:
    """One answer. All text is plain: each face escapes it for itself.

    `title` is a sentence; `lines` follow it, a paragraph each; `document` is Markdown (a report, the
    plan). `incident`, `run`, `walk`, `drill` or `publication` name the thing whose card, with its buttons, a
    face shows beside the words. `board` is the readiness board, which each face draws for itself in place of
    lines and table; so are `items`, action items. `presses` are buttons under the words: a label, and the
    line that it says; `forms` open a form: a label, the line that it completes, its name. `data` is the
    answer for `--json`. `files` (a name, its content) are handed to whoever asked, where a face can do so.
    """

    title: str
    lines: tuple[str, ...] = ()
    table: Table | None = None
    document: str = ""
    incident: int | None = None
    run: int | None = None
    walk: int | None = None
    drill: int | None = None
    publication: int | None = None
    board: Board | None = None
    items: tuple[ItemLine, ...] = ()
    presses: tuple[tuple[str, str], ...] = ()
    forms: tuple[tuple[str, str, str], ...] = ()
    files: tuple[tuple[str, bytes], ...] = ()
    exit: Exit = Exit.DONE
    data: Mapping[str, Json] = field(default_factory=dict)


class Refusal(Exception):
    """Policy or a guard says no. The message says which rule, and who can."""


class Already(Refusal):
    """What was asked for is so already: nothing was changed. For whoever asked it is done, not refused."""


class UsageError(Exception):
    """The command cannot be read or names what does not exist. The message ends in what to say instead."""
