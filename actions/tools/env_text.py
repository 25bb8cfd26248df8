"""The text of an environment file that every reader understands alike.

Compose 1 (python-dotenv), Compose 2 (its own reader) and a shell differ in quotes, backslashes and `$`. What
needs no quotes gets none; the rest is in single quotes, within which all three take every character as it is,
but for a quote, a backslash, a line's end and python-dotenv's `${`. A value with one of these is refused.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence

from dotenv import dotenv_values

from actions.failures import Refused

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=^-]*")
_UNSAFE = (
    (
        "a line's end or another control character",
        re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]"),
    ),
    ("a quote", re.compile(r"['\"]")),
    ("a backslash", re.compile(r"\\")),
    ("${", re.compile(r"\$\{")),
)


def render(header: str, names: Sequence[str], values: Mapping[str, str]) -> str:
    """The file's text: the header as a comment, then each name in order. Raises Refused naming a variable."""
    check(names, values)
    lines = [f"{name}={_quoted(values[name])}" for name in names]
    return "\n".join([f"# {' '.join(header.split())}", *lines, ""])


def check(names: Sequence[str], values: Mapping[str, str]) -> None:
    """Raise Refused where a name is none, or a value could not be written for every reader alike."""
    bad = [name for name in names if not _NAME.fullmatch(name)]
    if bad:
        raise Refused(f"{bad[0][:80]!r} is no name for a variable: mend the plan's secrets.names")
    for name in names:
        for what, pattern in _UNSAFE:
            if pattern.search(values[name]):
                raise Refused(
                    f"the value of {name} holds {what}, which Compose and shells read differently, so it was"
                    " not written and nothing was changed. Choose another value in the secret (base64 for"
                    " keys and certificates)"
                )


def read(text: str) -> dict[str, str]:
    """Name to value, as Compose 1 reads it, nothing expanded; lines that are no assignment are left out."""
    found = dotenv_values(stream=io.StringIO(text), interpolate=False)
    return {name: value for name, value in found.items() if value is not None and _NAME.fullmatch(name)}


def _quoted(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else f"'{value}'"
