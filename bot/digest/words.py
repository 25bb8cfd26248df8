"""The digest in words: one Markdown text, for the channel and for a shell alike."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.digest.figures import Figures, Times
from bot.digest.period import Period
from bot.digest.standing import Standing
from bot.digest.suggestion import suggestion
from bot.drills.words import span

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
NAME = 60
TITLE = 80
_SIGNS = re.compile(r"([\\`*_\[\]|~<>&]|(?<=\])\()")
_UNIT = {"weekly": "week", "monthly": "month"}


def digest_markdown(period: Period, figures: Figures, standing: Standing) -> str:
    """The whole text. However much happened, it stays short enough for one message."""
    return (
        _templates()
        .get_template("digest.md.j2")
        .render(
            period=period,
            unit=_UNIT[period.kind],
            figures=figures,
            standing=standing,
            headline=headline(period, figures),
            suggestion=suggestion,
        )
    )


def headline(period: Period, figures: Figures) -> str:
    """`12 incidents, 9 the week before. 1 is still open. 2 were answered late.`"""
    unit = _UNIT[period.kind]
    if not figures.opened:
        before = _counted(figures.opened_before, "incident")
        said = [
            f"A quiet {unit}: no incident" + (f", {before} the {unit} before" * bool(figures.opened_before))
        ]
    else:
        said = [f"{_counted(figures.opened, 'incident')}, {figures.opened_before} the {unit} before"]
    if figures.open_now:
        said.append(f"{figures.open_now} {'is' if figures.open_now == 1 else 'are'} still open")
    late = len(figures.late) + figures.late_more
    if late:
        said.append(f"{late} {'was' if late == 1 else 'were'} answered late")
    return ". ".join(said) + "."


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _span(seconds: float | None) -> str:
    """Whole units: what took minutes is not said to the second."""
    if seconds is None:
        return "–"
    return span(round(seconds / 60) * 60.0 if seconds >= 600 else float(round(seconds)))


def _kept(times: Times) -> str:
    judged = times.kept + times.missed
    return f"{times.kept} of {judged}" if judged else "–"


def _literal(text: str, limit: int = TITLE) -> str:
    """One line of words, cut, in which no sign is Markdown's."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    cut = line if len(line) <= limit else f"{line[: limit - 1]}…"
    return _SIGNS.sub(r"\\\1", cut)


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - Markdown, not HTML; `literal` keeps names in their place
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"span": _span, "kept": _kept, "literal": _literal, "counted": _counted}
    return made
