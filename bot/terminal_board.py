"""The readiness board in a terminal: at most a hundred columns, colours only where somebody sees them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.domain.standing import Board, Light, Standing
from bot.drills.words import span
from bot.printable import printable_line
from bot.readiness import aged, verdict

WIDTH = 100
NAME, MEASURED = 32, 26
_SIGNS = {Light.GREEN: "●", Light.AMBER: "▲", Light.RED: "✖", Light.UNKNOWN: "○"}
_STYLES = {Light.GREEN: "green", Light.AMBER: "yellow", Light.RED: "bold red", Light.UNKNOWN: "dim"}
_HEADS = {"component": "", "proof": "Promises and drills"}


def print_board(console: Console, board: Board, now: datetime) -> None:
    """Verdict, then for each line what was measured beside what is promised, why, and what would help."""
    width = min(console.width, WIDTH)
    board = aged(board, now)
    board = replace(board, standings=tuple(map(_seen, board.standings)))
    age = ("  measured ", "dim"), (_age(board, now), "dim")
    console.print(Text.assemble(_sign(board.worst), " ", (verdict(board), "bold"), *age), width=width)
    for place, head in _HEADS.items():
        lines = [one for one in board.judged if one.place == place]
        if lines:
            console.print(Text(f"\n{head}" if head else "", style="dim"))
            _print_lines(console, lines, width)
    if board.watched:
        console.print(Text("\nBeside it", style="dim"))
    name = max((len(one.component) for one in board.watched), default=0)
    for one in board.watched:
        said = Text.assemble(_sign(one.light), " ", one.component[:NAME].ljust(min(name, NAME)), "  ")
        _print_indented(console, Text.assemble(said, (one.why, "dim")), len(said.plain), width)


def _print_lines(console: Console, lines: Sequence[Standing], width: int) -> None:
    name = min(NAME, max(len(one.component) for one in lines))
    measured = min(MEASURED, max(len(one.measured) for one in lines))
    for one in lines:
        for text, indent in _texts(one, name, measured):
            _print_indented(console, text, indent, width)


def _texts(one: Standing, name: int, measured: int) -> Iterator[tuple[Text, int]]:
    """Each line of a component, and how far its continuation is indented."""
    style = _STYLES[one.light]
    title = Text(one.component.ljust(name), style="bold red" if one.light is Light.RED else "bold")
    head = Text.assemble(_sign(one.light), " ", title, "  ", (one.measured.ljust(measured), style))
    indent = len(head.plain) + 2
    if one.promised:
        head.append(f"  promised {one.promised}", style="dim")
    if one.overdue:
        head.append("  due", style="yellow")
    head.rstrip()
    yield head, indent
    yield Text(f"  {one.why}", style="" if one.light in (Light.RED, Light.AMBER) else "dim"), 2
    if one.helps:
        yield Text.assemble("  → ", (f"dr {one.helps}", "cyan")), 4


def _print_indented(console: Console, text: Text, indent: int, width: int) -> None:
    """Wrap it by words; what goes on stands under what it goes on from, where there is room for that."""
    indent = indent if indent < width - 24 else 2
    first, *rest = text.wrap(console, width)
    for line in (first, *rest):
        line.rstrip()
    console.print(first, width=width)
    if rest:
        console.print(Padding(Text(" ").join(rest), (0, 0, 0, indent), expand=False), width=width)


def _seen(one: Standing) -> Standing:
    """The same in letters alone: names come from whoever may upload an image."""
    return replace(
        one,
        component=printable_line(one.component),
        why=printable_line(one.why),
        helps=printable_line(one.helps),
        promised=printable_line(one.promised),
        measured=printable_line(one.measured),
    )


def _sign(light: Light) -> tuple[str, str]:
    return _SIGNS[light], _STYLES[light]


def _age(board: Board, now: datetime) -> str:
    age_s = board.age_s(now)
    return "not yet" if age_s is None else f"{span(round(age_s))} ago"
