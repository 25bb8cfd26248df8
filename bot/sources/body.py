"""What every source's body has in common: how it is refused, and how large what it holds may be."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

MAX_BODY_BYTES = 5_000_000
MAX_ALERTS = 10_000
MAX_LABELS = 256
# What triage and correlation read: kept however many labels an alert has.
DECIDING = (
    "alertname",
    "severity",
    "job",
    "env",
    "environment",
    "instance",
    "service",
    "summary",
    "description",
)
MAX_VALUE_CHARS = 8_192
MAX_NAME_CHARS = 256
_MISSING = re.compile("Object missing required field `(.+)`")
# No UTF-8 can hold half a surrogate pair, and JSON can: found in the body, before it is decoded.
_LONE_SURROGATE = re.compile(
    rb"(?<!\\)((?:\\\\)*)(?:\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)
T = TypeVar("T")


class Malformed(Exception):
    """The body cannot be read: `field` says where (`alerts[3].status`), the message what is wrong there."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field
        self.message = message


class Unauthorized(Exception):
    """The sender did not prove who it is. The message says what was missing, never what was expected."""


def decode(decoder: msgspec.json.Decoder[T], body: bytes, inside: str = "") -> T:
    """The body, or what of it is `inside` a field, by its shape. Raises Malformed naming the field."""
    if b"\\ud" in body or b"\\uD" in body:
        body = _LONE_SURROGATE.sub(_paired, body)
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at `$")
        where = (inside + where.rstrip("`")).lstrip(".")
        if missing := _MISSING.fullmatch(message):
            raise Malformed(f"{where}.{missing[1]}".lstrip("."), "is missing") from error
        raise Malformed(where, message) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(inside, f"the body is not JSON: {error}") from error


class Texts:
    """Makes the texts of one body storable, and counts what it had to change."""

    def __init__(self, body: bytes) -> None:
        # What the body cannot hold is not looked for in each of its texts.
        self.suspect = b"\\u0000" in body
        self._clipped = 0
        self._left_out = 0
        self._replaced = 0

    def mapping(self, values: dict[str, str]) -> dict[str, str]:
        """Labels or annotations; beyond the limit only the first are kept, those that decide always."""
        if len(values) > MAX_LABELS:
            self._left_out += len(values) - MAX_LABELS
            kept = [name for name in DECIDING if name in values]
            kept += [name for name in values if name not in DECIDING]
            values = {name: values[name] for name in kept[:MAX_LABELS]}
        return {self.text(name, MAX_NAME_CHARS): self.text(value) for name, value in values.items()}

    def text(self, value: str, limit: int = MAX_VALUE_CHARS) -> str:
        """One text, clipped with a word about it, what cannot be stored replaced by U+FFFD."""
        if len(value) > limit:
            self._clipped += 1
            tail = f"… [clipped, {len(value)} characters]"
            value = value[: limit - len(tail)] + tail
        if self.suspect and "\x00" in value:
            self._replaced += 1
            value = value.replace("\x00", "\ufffd")
        return value

    def notes(self) -> tuple[str, ...]:
        """What was changed, for the answer to the sender."""
        said = []
        if self._clipped:
            said.append(f"{self._clipped} texts were longer than drbot keeps and were clipped")
        if self._left_out:
            said.append(f"{self._left_out} labels were more than drbot keeps and were left out")
        if self._replaced:
            said.append(f"{self._replaced} texts held characters that cannot be stored, replaced by U+FFFD")
        return tuple(said)


def _paired(found: re.Match[bytes]) -> bytes:
    whole_pair: bytes | None = found[2]
    return found[0] if whole_pair else found[1] + b"\\ufffd"
