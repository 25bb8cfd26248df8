"""Words that their author took back after a version was kept: drbot's lines in it repeat them no longer."""

from __future__ import annotations

import json
import re

from bot.findings.unsayable import TAKEN_BACK
from bot.store.database import Read

_LABELS = re.compile(r"(?<!\\)\[((?:[em]\d+)(?:, [em]\d+)*)\]")
_SOURCE = re.compile(r"- \[[em]\d+\] \d{4}-")
_LISTED = re.compile(r"\s*(?:- (?:\[[ x]\] )?)?(?:\*\*[^*]+\*\* )?")


def forget(read: Read, incident: int, drafted: str, text: str) -> tuple[str, str]:
    """The draft and the text of a version, each without what was taken back.

    A line that drbot drafted and that leans on such a message says so in the place of its words; a line that
    a person wrote or changed is theirs and stays. Reads one row where nothing was ever taken back.
    """
    gone = _labels_gone(read, incident, drafted)
    if not gone:
        return drafted, text
    leaning = {line for line in drafted.split("\n") if _labels(line) & gone}
    return _without(drafted, leaning), _without(text, leaning)


def _labels_gone(read: Read, incident: int, drafted: str) -> set[str]:
    deleted = read("SELECT data FROM journal WHERE incident = ? AND kind = 'message-deleted'", (incident,))
    places = {_place(data) for (data,) in deleted}
    numbers = sorted({int(one[1:]) for line in drafted.split("\n") for one in _labels(line) if one[0] == "m"})
    if not places or not numbers:
        return set()
    marks = ", ".join("?" * len(numbers))
    rows = read(
        f"SELECT seq, data FROM journal WHERE incident = ? AND seq IN ({marks})",  # noqa: S608 - marks only
        (incident, *numbers),
    )
    return {f"m{seq}" for seq, data in rows if _place(data) in places}


def _place(data: str) -> tuple[object, object]:
    told = json.loads(data)
    return told.get("channel"), told.get("ts")


def _labels(line: str) -> set[str]:
    """What a line leans on; the list of evidence holds no words and leans on nothing."""
    groups = () if _SOURCE.match(line) else _LABELS.findall(line)
    return {label for group in groups for label in group.split(", ")}


def _without(text: str, leaning: set[str]) -> str:
    return "\n".join(_emptied(line) if line in leaning else line for line in text.split("\n"))


def _emptied(line: str) -> str:
    begin = _LISTED.match(line)
    labels = dict.fromkeys(label for group in _LABELS.findall(line) for label in group.split(", "))
    return f"{begin[0] if begin else ''}{TAKEN_BACK} [{', '.join(labels)}]"
