"""Reads `data/triage.yaml`: every fault at once, each with its line and rule."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import yaml
from yaml.nodes import Node, ScalarNode, SequenceNode

from bot.domain.severity import Severity
from bot.triage.rules import RuleReader
from bot.triage.vocabulary import IMPACTS, PRIORITIES, Impact, Priority, Rule, Vocabulary
from bot.triage.yaml_lines import Faults, mapping, texts

_T = TypeVar("_T")

_PARTS = (
    "negations",
    "wide-negations",
    "things",
    "troubles",
    "severities",
    "without-customers",
    "unknown",
    "rules",
)


class VocabularyFault(ValueError):
    """The triage file cannot be used. One line a fault, each naming the file's line and what to write."""


def load_vocabulary(path: Path | str) -> Vocabulary:
    """Read and check the triage file.

    Raises OSError where it cannot be read, VocabularyFault with every fault found where it is wrong.
    """
    name = Path(path).name
    try:
        root = yaml.compose(Path(path).read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise VocabularyFault(f"{name} is not readable as YAML: {error}") from error
    faults = Faults(name)
    vocabulary = _vocabulary(root, faults)
    if faults.lines:
        raise VocabularyFault("\n".join(faults.lines))
    return vocabulary


def _vocabulary(root: Node | None, faults: Faults) -> Vocabulary:
    parts = mapping(root, faults, "the file", _PARTS)
    faults.missing(root, parts, _PARTS)
    reader = RuleReader(
        _groups(parts.get("things"), faults, "things"),
        _groups(parts.get("troubles"), faults, "troubles"),
        faults,
    )
    table = mapping(parts.get("severities"), faults, "severities", IMPACTS)
    quiet = mapping(parts.get("without-customers"), faults, "without-customers", IMPACTS)
    faults.missing(parts.get("severities"), table, IMPACTS)
    faults.missing(parts.get("without-customers"), quiet, IMPACTS)
    unknown = mapping(parts.get("unknown"), faults, "unknown", None)
    faults.missing(parts.get("unknown"), unknown, ("priority", "any"))
    return Vocabulary(
        rules=_rules(parts.get("rules"), reader, faults),
        severities={impact: _row(table.get(impact), impact, faults) for impact in IMPACTS},
        without_customers={impact: _severity(quiet.get(impact), faults) for impact in IMPACTS},
        unknown=_unknown(unknown, faults),
        unknown_priority=faults.choice(unknown.get("priority"), PRIORITIES, "medium"),
        negations=frozenset(texts(parts.get("negations"), faults, "negations")),
        wide_negations=frozenset(texts(parts.get("wide-negations"), faults, "wide-negations")),
    )


def _groups(node: Node | None, faults: Faults, place: str) -> dict[str, tuple[str, ...]]:
    groups = mapping(node, faults, place, None)
    return {name: texts(value, faults, f"{place}.{name}") for name, value in groups.items()}


def _row(node: Node | None, impact: Impact, faults: Faults) -> Mapping[Priority, Severity]:
    """One severity for every priority, or one each."""
    if node is None or isinstance(node, ScalarNode):
        level = _severity(node, faults)
        return dict.fromkeys(PRIORITIES, level)
    row = mapping(node, faults, f"severities.{impact}", PRIORITIES)
    faults.missing(node, row, PRIORITIES)
    return {priority: _severity(row.get(priority), faults) for priority in PRIORITIES}


def _severity(node: Node | None, faults: Faults) -> Severity:
    if node is None:
        return Severity.NONE
    try:
        return Severity.parse(str(node.value))
    except ValueError as error:
        faults.add(node, str(error))
        return Severity.NONE


def _unknown(parts: Mapping[str, Node], faults: Faults) -> Mapping[str, Impact]:
    default: Impact = "minor"
    return {
        "" if claim == "any" else claim: faults.choice(node, IMPACTS, default)
        for claim, node in parts.items()
        if claim != "priority"
    } | ({} if "any" in parts else {"": default})


def _rules(node: Node | None, reader: RuleReader, faults: Faults) -> tuple[Rule, ...]:
    if not isinstance(node, SequenceNode) or not node.value:
        faults.add(node, "rules must be a list of rules, each beginning with “- name: …”")
        return ()
    rules: list[Rule] = []
    names: set[str] = set()
    for entry in node.value:
        rule = reader.read(entry)
        if rule.name in names:
            faults.add(entry, f"rule {rule.name!r} is there twice: give one of them another name")
        names.add(rule.name)
        rules.append(rule)
    return tuple(rules)
