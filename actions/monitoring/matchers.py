"""Alertmanager's matchers as a person types them: `alertname="X",instance=~"api.*"`, read strictly."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST = 500
LONGEST_EXPRESSION = 200
MOST = 10
WIDE = frozenset(
    {"severity", "priority", "env", "environment", "stage", "cluster", "region", "team", "monitor"}
)
_ONE = re.compile(
    r"\s*(?P<name>[a-zA-Z_][a-zA-Z0-9_]*)\s*(?P<operator>=~|!~|!=|=)\s*"
    r'(?:"(?P<quoted>(?:[^"\\\n]|\\[^\n])*)"|(?P<bare>[A-Za-z0-9_./:-]+))\s*'
)
_SET = re.compile(r"\\.|\[(?P<inside>\^?\]?(?:\\.|[^\]\\])*)\]", re.DOTALL)
_READ_OTHERWISE = re.compile(r"^\^?\[|--|&&|~~|\|\|")
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ESCAPES = {'\\"': '"', "\\\\": "\\", "\\n": "\n"}
# Values that have nothing in common: an expression that matches them all says nothing.
_UNLIKE = ("q", "Zx7", "0", "vK-9.w", "_", "M N", "%", "8é")


@dataclass(frozen=True)
class Matcher:
    """One condition on one label, as Alertmanager's API takes it."""

    name: str
    value: str
    is_regex: bool = False
    is_equal: bool = True

    def __str__(self) -> str:
        operator = ("=" if self.is_equal else "!") + ("~" if self.is_regex else "" if self.is_equal else "=")
        text = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.name}{operator}"{text}"'

    def allows(self, value: str) -> bool:
        """Whether a label with this value satisfies it; a missing label is ''."""
        hit = re.fullmatch(self.value, value) is not None if self.is_regex else value == self.value
        return hit is self.is_equal

    @property
    def says_something(self) -> bool:
        """Whether it keeps anything out that has the label at all."""
        return not self.allows("") and not all(self.allows(value) for value in _UNLIKE)


def read_matchers(text: str) -> tuple[Matcher, ...]:
    """What `silence-alert` is given. A bare word is the name of an alert, as amtool reads it.

    Raises ValueError saying what is wrong: a broken form, one label twice, or a set that would hush
    everything, or everything of one severity.
    """
    if len(text) > LONGEST:
        raise ValueError(f"matchers are longer than {LONGEST} characters")
    bare = text.strip()
    if _BARE.fullmatch(bare):
        return (Matcher("alertname", bare),)
    found = tuple(_each(_without_braces(bare)))
    if len(found) > MOST:
        raise ValueError(f"more than {MOST} matchers")
    _check(found)
    return tuple(sorted(found, key=str))


def joined(matchers: Iterable[Matcher]) -> str:
    """As people read them, and `read_matchers` reads them back."""
    return ",".join(map(str, matchers))


def _without_braces(text: str) -> str:
    if text.startswith("{") != text.endswith("}"):
        raise ValueError("matchers have one brace without the other")
    return text[1:-1] if text.startswith("{") else text


def _each(text: str) -> Iterable[Matcher]:
    at = 0
    while True:
        found = _ONE.match(text, at)
        if found is None or (found.end() < len(text) and text[found.end()] != ","):
            raise ValueError(
                f'{text[at : at + 60]!r} is no matcher: write alertname="X",instance="y", or with != =~ !~'
            )
        yield _matcher(found)
        at = found.end() + 1
        if found.end() == len(text):
            return


def _matcher(found: re.Match[str]) -> Matcher:
    operator = found["operator"]
    quoted = found["quoted"]
    value = found["bare"] if quoted is None else re.sub(r'\\["\\n]', lambda one: _ESCAPES[one[0]], quoted)
    if "~" in operator:
        _check_expression(value)
    return Matcher(found["name"], value, "~" in operator, not operator.startswith("!"))


def _check_expression(value: str) -> None:
    if len(value) > LONGEST_EXPRESSION:
        raise ValueError(f"an expression is longer than {LONGEST_EXPRESSION} characters")
    if any(_READ_OTHERWISE.search(one["inside"] or "") for one in _SET.finditer(value)):
        raise ValueError(f"{value[:60]!r} holds a set that Alertmanager and drbot read differently")
    try:
        re.compile(value)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"{value[:60]!r} is a broken expression: {error}") from error


def _check(matchers: tuple[Matcher, ...]) -> None:
    telling = [one for one in matchers if one.says_something]
    if not telling:
        raise ValueError('these matchers hush everything: name the alert, alertname="X"')
    if {one.name for one in telling} <= WIDE:
        named = ", ".join(sorted({one.name for one in telling}))
        raise ValueError(
            f"these matchers hush everything of one {named}, also what nobody knows of yet: name the alert"
            ' too, alertname="X", or what it is about, instance="y"'
        )
