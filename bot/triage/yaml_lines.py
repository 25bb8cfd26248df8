"""Typed reading of YAML nodes that remembers lines, so that a fault says where it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

Choice = TypeVar("Choice", bound=str)


class Faults:
    """Collects what is wrong, one sentence a fault: `triage.yaml line 12: …`."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.lines: list[str] = []

    def add(self, node: Node | None, sentence: str) -> None:
        """Remember a fault at this node (None: the file as a whole)."""
        place = f" line {node.start_mark.line + 1}" if node is not None else ""
        self.lines.append(f"{self._file}{place}: {sentence}")

    def missing(self, node: Node | None, found: Iterable[str], wanted: Iterable[str]) -> None:
        """A fault for each wanted key that is not there."""
        absent = [key for key in wanted if key not in set(found)]
        if absent:
            self.add(node, f"missing: {', '.join(absent)}")

    def choice(self, node: Node | None, allowed: Sequence[Choice], default: Choice) -> Choice:
        """The node's text where it is one of `allowed`, else a fault and the default."""
        for value in allowed:
            if isinstance(node, ScalarNode) and node.value == value:
                return value
        if node is not None:
            self.add(node, f"{_shown(node)} is not one of {', '.join(allowed)}")
        return default


def mapping(
    node: Node | None, faults: Faults, place: str, allowed: Sequence[str] | None
) -> Mapping[str, Node]:
    """The node's keys and values; faults for what is no mapping, for double and for unknown keys."""
    if not isinstance(node, MappingNode):
        if node is not None:
            faults.add(node, f"{place} must be “key: value” lines, not {_shown(node)}")
        return {}
    found: dict[str, Node] = {}
    for key, value in node.value:
        name = str(key.value)
        if allowed is not None and name not in allowed:
            faults.add(key, f"{place} knows no {name!r}: write one of {', '.join(allowed)}")
        elif name in found:
            faults.add(key, f"{place} says {name!r} twice")
        else:
            found[name] = value
    return found


def text(node: Node | None, faults: Faults, place: str) -> str:
    """The node's text, trimmed; a fault where it is empty or no text."""
    if isinstance(node, ScalarNode) and str(node.value).strip():
        return str(node.value).strip()
    if node is not None:
        faults.add(node, f"{place} must be a text, not {_shown(node)}")
    return ""


def texts(node: Node | None, faults: Faults, place: str) -> tuple[str, ...]:
    """The node's texts: a list, or one text alone."""
    if node is None:
        return ()
    if isinstance(node, SequenceNode):
        return tuple(text(item, faults, place) for item in node.value)
    return (text(node, faults, place),)


def _shown(node: Node) -> str:
    if isinstance(node, ScalarNode):
        return repr(str(node.value)[:60]) if node.value else "nothing"
    return "a list" if isinstance(node, SequenceNode) else "a mapping"
