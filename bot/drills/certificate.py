"""The certificate of a drill: what was held, on what, how long each phase took, promised beside measured.

Its JSON is journalled whole, so `journal verify` covers it; the Markdown is drawn from that JSON alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.domain.entry import Json
from bot.drills.measure import Rehearsed
from bot.drills.words import between_s, clock, span
from bot.redact import redact

TEMPLATES = Path(__file__).parents[2] / "templates"
SAID_LIMIT = 400
LINE_LIMIT = 900
FORM = 1


@dataclass(frozen=True)
class Part:
    """One action of the drill: how it ended. `run` is `RUN-7`, '' where it was not run."""

    title: str
    action: str
    run: str
    state: str
    said: str
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class PhaseRow:
    """One phase in its place. `held` is false where it did not hold; `light` is a look's own judgement."""

    group: str
    title: str
    seconds: float
    run: str
    said: str
    held: bool
    light: str = ""


@dataclass(frozen=True)
class Against:
    """One promise beside what was measured, in seconds; `kept` is None where nothing was held against it."""

    name: str
    title: str
    promised_s: float | None
    measured_s: float | None
    kept: bool | None


@dataclass(frozen=True)
class Proof:
    """An entry of the journal: with its number and hash, anybody can check that nothing was changed."""

    what: str
    seq: int
    hash: str


@dataclass(frozen=True)
class Certificate:
    """Everything that a certificate says. Times are ISO 8601 UTC; `asked_by` is a name as people write it.

    `passed` is the verdict against the objectives; `recovered` says whether the restore itself worked.
    `caveat` is what was kept at this hour and would not be at the worst one, '' where there is no such thing.
    `proofs` are the last journal entries of its runs; `journal` is the entry that holds this certificate
    (None in the journal itself, where it cannot know its own hash).
    """

    ref: str
    drill: str
    title: str
    section: str
    every: str
    owner: str
    asked_by: str
    started_at: str
    ended_at: str
    passed: bool
    recovered: bool
    said: str
    objectives: tuple[Against, ...]
    parts: tuple[Part, ...]
    rehearsed: tuple[Rehearsed, ...]
    phases: tuple[PhaseRow, ...]
    groups: tuple[tuple[str, float], ...]
    proofs: tuple[Proof, ...]
    caveat: str = ""
    form: int = FORM
    journal: Proof | None = None

    def as_json(self) -> dict[str, Json]:
        """Plain JSON, without the entry that holds it."""
        built: dict[str, Json] = json.loads(stored(replace(self, journal=None)))
        return built


def stored(certificate: Certificate) -> str:
    """The text of a drill's `certificate` column."""
    return json.dumps(msgspec.to_builtins(certificate), ensure_ascii=False, separators=(",", ":"))


def read_certificate(text: str) -> Certificate:
    """What `stored` wrote. Raises ValueError where it is no certificate of this form."""
    try:
        return msgspec.json.decode(text.encode(errors="surrogatepass"), type=Certificate)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise ValueError(f"this is no certificate that this version can read: {error}") from error


def certificate_markdown(certificate: Certificate, trouble: str = "") -> str:
    """As Markdown that reads well printed. `trouble` says what is wrong with its place in the journal."""
    return (
        _templates()
        .get_template("certificate.md.j2")
        .render(
            one=certificate, took_s=between_s(certificate.started_at, certificate.ended_at), trouble=trouble
        )
    )


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - Markdown, not HTML; `cell` and `line` keep values in their place
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "span": span,
        "clock": clock,
        "cell": lambda text: _inert(text, SAID_LIMIT).replace("|", "\\|") or "–",
        "line": lambda text: _inert(text, LINE_LIMIT) or "–",
        "size": _size,
        "kept": lambda kept: KEPT[kept],
    }
    return made


# What Markdown would take as its own; an underscore inside a word (every backup's name) is none.
_MARKUP = re.compile(r"([\\`*<>\[~]|(?<!\w)_|_(?!\w))")
_AT_START = re.compile(r"^([#+-])")
KEPT: Mapping[bool | None, str] = {True: "kept", False: "MISSED", None: "–"}


def _inert(text: object, limit: int) -> str:
    """One redacted line of Markdown that only shows itself."""
    seen = "".join(sign if sign.isprintable() else " " for sign in redact(str(text)))
    line = " ".join(seen.split())
    line = line if len(line) <= limit else line[: limit - 1] + "…"
    return _AT_START.sub(r"\\\1", _MARKUP.sub(r"\\\1", line))


def _size(size_bytes: int | None) -> str:
    """`1.9 GB`, `42 MB`, `810 kB`."""
    if size_bytes is None:
        return "–"
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= size:
            return f"{size_bytes / size:.1f}".removesuffix(".0") + f" {unit}"
    return f"{size_bytes} B"
