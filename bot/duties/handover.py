"""The handover as text: one page that whoever takes over reads in twenty seconds."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.domain.entry import Json
from bot.duties.standing import Standing
from bot.duties.times import at
from bot.redact import redact
from bot.report.prose import inert

TEMPLATES = Path(__file__).parents[2] / "templates"
LINE = 300


def handover_markdown(standing: Standing) -> str:
    """As Markdown. Nothing in it pings, links or tells a secret, whatever people and alerts wrote."""
    return _templates().get_template("handover.md.j2").render(one=standing)


def handover_json(standing: Standing) -> dict[str, Json]:
    """The same for programs, redacted too."""
    return {
        "incident": standing.ref,
        "what": redact(standing.title),
        "at": standing.now,
        "headline": redact(standing.headline),
        "lead": standing.lead,
        "needs": [redact(line) for line in standing.needs],
        "parts": {part.title: [redact(line) for line in part.lines] for part in standing.parts},
    }


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - Markdown, not HTML: `line` keeps every value in its place
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"line": _line, "clock": lambda moment: at(moment, moment)}
    return made


def _line(text: str) -> str:
    """One line that only shows itself, at most 300 letters."""
    short = " ".join(redact(text).split())
    return inert(short if len(short) <= LINE else f"{short[: LINE - 1].rstrip()}…")
