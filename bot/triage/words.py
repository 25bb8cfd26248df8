"""The wording of an alert: bounded, plain, and cut into words so that rules can look for phrases."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.alert import Alert

FIELD_CHARACTERS = 2_000
"""Longest piece of one field that is read. An effect is said in the first lines, never after these."""

KEY_CHARACTERS = 3

KIND_LABELS = ("job", "service", "component", "team", "integration")
"""Labels whose value says what kind of thing this is. Names of machines are left out: they mislead."""

_TOKEN = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+|[%<>/]|[.,;:!?](?=\s|$)")
_BREAKS = str.maketrans(",;:!?", ".....")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PLACE = re.compile(r"\(instance [^()]{0,200}\)|\{\{.{0,200}?\}\}")
_UNITS = (
    r"(ms|milliseconds?|s|sec|seconds?|segundos?|m|min|minutes?|minutos?|h|hours?|horas?|d|days?|dias?"
    r"|w|weeks?|semanas?)(?= )"
)
_GOAL = re.compile(
    r" (?:slo|sla|target|objective|normal|normally|usual|usually|meta)(?: (?:is|of|at|was|<|>))*"
    r" \d+(?:\.\d+)?(?: %)?(?= )"
)
_PERCENT = re.compile(r" (\d+(?:\.\d+)?) (?:%|percent|por cento)(?= )")
_SECONDS = re.compile(r" (\d+(?:\.\d+)?) (ms|milliseconds?|s|sec|seconds?|segundos?)(?= )")
_AHEAD = re.compile(
    r" (?:in|within|next|valid for|em|dentro)(?: (?:the|next|about|less|than|under|de|cerca|menos|que|<))*"
    r" (\d+(?:\.\d+)?) " + _UNITS
)
_LEFT = re.compile(
    r" (\d+(?:\.\d+)?) " + _UNITS + r" (?:left|remaining|to go|to expiry|until expiry|before expiry)(?= )"
)
_TIMES = re.compile(r" (\d+(?:\.\d+)?) (?:x|times|vezes)(?= )")
_SHARE = re.compile(r" (\d{1,6}) (?:of(?: the)?|out of|de|/) (\d{1,6})(?= )")
_WHOLE = re.compile(r" (?:all|todos|todas)(?: (?:the|os|as))? (?:[2-9]|\d\d|two|three|four|five|both) ")
_UNIT_H = {
    "ms": 1 / 3_600_000,
    "mil": 1 / 3_600_000,
    "sem": 168.0,
    "s": 1 / 3600,
    "m": 1 / 60,
    "h": 1.0,
    "d": 24.0,
    "w": 168.0,
}
_EDGE = " ¶ "


@dataclass(frozen=True)
class Wording:
    """What an alert says: `text` is its fields as lower-case words between single spaces.

    `keys` are how its words begin: what a phrase begins with, or it cannot stand here.
    `numbers` are the readings a rule can ask for: `percent`; `seconds` (response times); `ahead`, the
    hours until something happens (“within the next 24 hours”); `times` (“14x”). What it calls normal, a
    target or an SLO is not read. `share` is "some", "most", "all" or "none" where it says 1 of 3,
    2 of 3, 3 of 3 or 0 of 3 (else empty); `claim` is its own severity label.
    """

    text: str
    keys: frozenset[str]
    numbers: Mapping[str, tuple[float, ...]]
    share: str
    claim: str

    def field_of(self, position: int) -> str:
        """Which field the character at `position` of `text` belongs to."""
        return ("name", "summary", "description", "labels")[min(self.text.count("¶", 0, position), 3)]


def plain(text: str) -> str:
    """Lower-case words between single spaces, accents gone: `Não responde!` → `nao responde .`

    A mark that ends a part of a sentence becomes a word `.` of its own, so that no phrase crosses it.
    """
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(_TOKEN.findall(text.lower().translate(_BREAKS)))


def split_name(name: str) -> str:
    """`ApiDown` as words: `Api Down`."""
    return _CAMEL.sub(" ", name)


def pieces_of(alert: Alert) -> tuple[str, str, str, str, str]:
    """The pieces of an alert that its wording is made of (bounded; what is no text becomes text)."""
    labels, notes = alert.labels, alert.annotations
    kind = " ".join(f"{key} {_bounded(labels[key])}" for key in KIND_LABELS if key in labels)
    return (
        _bounded(labels.get("alertname", "")),
        _bounded(notes.get("summary") or notes.get("title") or ""),
        _bounded(notes.get("description") or notes.get("message") or ""),
        kind,
        _bounded(labels.get("severity", ""))[:20].lower().strip(),
    )


def read(name: str, summary: str, description: str, kind: str, claim: str) -> Wording:
    """Cut the pieces into words and read the numbers in them. Takes time in proportion to their length."""
    pieces = (split_name(name), _PLACE.sub(" ", summary), _PLACE.sub(" ", description), kind)
    text = f" {_EDGE.join(map(plain, pieces))} "
    told = _GOAL.sub(" ", text)
    numbers = {
        "percent": tuple(float(number) for number in _PERCENT.findall(told)),
        "seconds": tuple(3600 * _hours(number, unit) for number, unit in _SECONDS.findall(told)),
        "ahead": tuple(_hours(number, unit) for number, unit in _AHEAD.findall(told) + _LEFT.findall(told)),
        "times": tuple(float(number) for number in _TIMES.findall(told)),
    }
    keys = frozenset(token[:KEY_CHARACTERS] for token in text.split())
    return Wording(text, keys, numbers, _share(told), claim)


def _bounded(value: object) -> str:
    return value[:FIELD_CHARACTERS] if isinstance(value, str) else str(value)[:FIELD_CHARACTERS]


def _hours(number: str, unit: str) -> float:
    return float(number) * next(_UNIT_H[unit[:size]] for size in (3, 2, 1) if unit[:size] in _UNIT_H)


def _share(text: str) -> str:
    found = _SHARE.search(text)
    if found is None:
        return "all" if _WHOLE.search(text) else ""
    part, whole = int(found[1]), int(found[2])
    if whole == 0 or part > whole:
        return ""
    if part in (0, whole):
        return "all" if part else "none"
    return "most" if part > 1 and 2 * part >= whole else "some"
