"""YAML as plain text values with a line for each: nothing is guessed, nothing can be built by the file.

A scalar is its text (`1.0` and `no` stay what is written; the models decide what they are), an empty one,
`~` or `null` is None. Anchors, aliases, tags, several documents and deep nesting are refused, so no small
file grows large in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from bot.plan.source import Path, say_path

Tree: TypeAlias = "str | list[Tree] | dict[str, Tree] | None"

DEEPEST = 24
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOTHING = ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True)
class Fault:
    """One thing wrong with the file. `line` counts from 1 (0: the file as a whole)."""

    line: int
    path: str
    message: str


@dataclass
class Grown:
    """What was read: the values, the line of every path, and the faults met on the way.

    `broken`: reading ended early, so what is missing may stand further down.
    """

    tree: Tree = None
    lines: dict[Path, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    broken: bool = True


@dataclass
class _Open:
    """A list or mapping that has begun and not ended; `key` waits for its value."""

    path: Path
    into: list[Tree] | dict[str, Tree]
    key: str | None = None


class _Stop(Exception):
    """A fault after which reading on makes no sense."""


def grow(text: str) -> Grown:
    """Read one YAML document. Never raises: what is wrong is in `faults`."""
    grower = _Grower()
    try:
        for event in _events(text):
            grower.take(event)
        grower.grown.broken = False
    except _Stop:
        pass  # its fault is told
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = ", ".join(filter(None, (error.context, error.problem))) or "it cannot be read"
        grower.fault(mark.line + 1 if mark else 0, (), f"this is not YAML: {said}")
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1 if isinstance(error.position, int) else 0
        grower.fault(line, (), "a character that YAML forbids: remove control characters")
    except (yaml.YAMLError, ValueError) as error:
        grower.fault(0, (), f"this is not YAML: {error}")
    return grower.grown


def _events(text: str) -> Iterator[Event]:
    events: Iterator[Event] = yaml.parse(text, Loader=_LOADER)
    return events


class _Grower:
    def __init__(self) -> None:
        self.grown = Grown()
        self._open: list[_Open] = []
        self._documents = 0

    def fault(self, line: int, path: Path, message: str) -> None:
        self.grown.faults.append(Fault(line, say_path(path), message))

    def take(self, event: Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._stop(line, "a second document begins: a plan is one document, without `---` inside")
        if isinstance(event, NodeEvent):
            self._refuse_cleverness(event, line)
        if isinstance(event, ScalarEvent):
            self._scalar(event, line)
        elif isinstance(event, CollectionStartEvent):
            self._begin(event, line)
        elif isinstance(event, CollectionEndEvent):
            self._open.pop()

    def _refuse_cleverness(self, event: NodeEvent, line: int) -> None:
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            self._stop(line, "anchors (&) and aliases (*) are refused: write the value out, or quote it")
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            self._stop(line, f"the tag {str(tag)[:60]!r} is refused: a plan is text, lists and mappings")

    def _stop(self, line: int, message: str) -> None:
        self.fault(line, self._here(), message)
        raise _Stop

    def _here(self) -> Path:
        if not self._open:
            return ()
        holder = self._open[-1]
        if isinstance(holder.into, list):
            return (*holder.path, len(holder.into))
        return holder.path if holder.key is None else (*holder.path, holder.key)

    def _scalar(self, event: ScalarEvent, line: int) -> None:
        holder = self._open[-1] if self._open else None
        if holder is not None and isinstance(holder.into, dict) and holder.key is None:
            holder.key = event.value
            path = (*holder.path, event.value)
            if event.value in holder.into:
                first = self.grown.lines[path]
                self.fault(line, path, f"{event.value!r} is already in line {first}: keep one of the two")
            self.grown.lines.setdefault(path, line)
            return
        plain = event.implicit[0] and not event.style
        self._place(None if plain and event.value in _NOTHING else event.value, line)

    def _begin(self, event: CollectionStartEvent, line: int) -> None:
        holder = self._open[-1] if self._open else None
        if holder is not None and isinstance(holder.into, dict) and holder.key is None:
            self._stop(line, "a key must be a text, not a list or mapping: quote it if it is meant as text")
        if len(self._open) >= DEEPEST:
            self._stop(line, f"nested deeper than {DEEPEST} levels")
        path = self._here()
        into: list[Tree] | dict[str, Tree] = {} if isinstance(event, MappingStartEvent) else []
        self._place(into, line)
        self._open.append(_Open(path, into))

    def _place(self, value: Tree, line: int) -> None:
        path = self._here()
        self.grown.lines.setdefault(path, line)
        if not self._open:
            self.grown.tree = value
            return
        holder = self._open[-1]
        if isinstance(holder.into, list):
            holder.into.append(value)
        elif holder.key is not None:
            holder.into.setdefault(holder.key, value)
            holder.key = None
