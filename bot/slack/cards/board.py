"""The readiness board as a card: the verdict, a line for each component, the buttons that would help."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from bot.domain.standing import Board, Light, Standing
from bot.readiness import verdict
from bot.readiness.board import unbroken
from bot.slack.blocks import Block, Card, actions, button, context, divider, header, section
from bot.slack.fit import fit_card
from bot.slack.text import moment, one_line

SIGN = {Light.RED: "🔴", Light.AMBER: "🟡", Light.GREEN: "🟢", Light.UNKNOWN: "⚪"}
LINES_SHOWN = 30
WATCHED_SHOWN = 12
QUIET_A_BLOCK = 6
NAMES_A_LINE = 10
WHY, NAME, NUMBER = 200, 80, 60


def board_card(board: Board) -> Card:
    """The verdict in the header, the lines in the plan's order: a part is always found at its place.

    What wants a person is large, with the button that would help beside it; what is well is small.
    """
    said = verdict(board)
    blocks = [header(f"{SIGN[board.worst]}  {said}")]
    for title, place in (("", "component"), ("Promises and drills", "proof")):
        found = [one for one in board.judged if one.place == place]
        blocks += [divider(), context(f"*{title}*")] if title and found else []
        blocks += _lines(found[:LINES_SHOWN], place)
        more = len(found) - LINES_SHOWN
        blocks += [context(f"and {more} more: `dr status` in a shell has all.")] if more > 0 else []
    beside = _beside(board.watched)
    blocks += [divider(), context("\n".join(beside))] if beside else []
    blocks += [
        context(_age(board)),
        actions(button("Measure now", "status now=yes", "board:now"), name="board"),
    ]
    return fit_card(Card(one_line(said, 300), blocks))


def _lines(found: Sequence[Standing], place: str) -> list[Block]:
    blocks: list[Block] = []
    quiet: list[Standing] = []
    for number, one in enumerate(found):
        if one.light in (Light.GREEN, Light.UNKNOWN) and not one.helps:
            quiet.append(one)
            continue
        blocks += _folded(quiet)
        quiet = []
        blocks.append(section(_loud(one), _help(one, f"board:{place}:{number}")))
    return [*blocks, *_folded(quiet)]


def _folded(quiet: Sequence[Standing]) -> list[Block]:
    """A small line each; neighbours that nothing measures, for the same reason, share one."""
    lines: list[str] = []
    for (light, why), same in groupby(quiet, key=lambda one: (one.light, one.why)):
        group = list(same)
        if light is Light.UNKNOWN and len(group) > 1:
            names = ", ".join(f"*{_bare(one.component, NAME)}*" for one in group[:NAMES_A_LINE])
            lines.append(f"{SIGN[light]}  {names}  ·  {_worded(why, WHY)}")
        else:
            lines += map(_quiet, group)
    starts = range(0, len(lines), QUIET_A_BLOCK)
    return [context("\n".join(lines[start : start + QUIET_A_BLOCK])) for start in starts]


def _loud(one: Standing) -> str:
    """A light and a name, the sentence why, then what was measured beside what is promised."""
    due = "  ·  due" if one.overdue else ""
    said = [
        f"{SIGN[one.light]}  *{_bare(one.component, NAME)}*{due}",
        _worded(one.why, WHY),
        _numbers(one),
    ]
    return "\n".join(line for line in said if line)


def _quiet(one: Standing) -> str:
    parts = (
        f"{SIGN[one.light]}  *{_bare(one.component, NAME)}*",
        _worded(one.why, WHY),
        _numbers(one),
    )
    return "  ·  ".join(part for part in parts if part)


def _numbers(one: Standing) -> str:
    promised, measured = _worded(one.promised, NUMBER), unbroken(_bare(one.measured, NUMBER))
    said = [f"measured *{measured}*" if measured else "", f"promised {promised}" if promised else ""]
    return ", ".join(part for part in said if part)


def _worded(text: str, limit: int) -> str:
    """One line, never broken between a number and its unit."""
    return unbroken(one_line(text, limit))


def _bare(text: str, limit: int) -> str:
    """A name that cannot end its own bold."""
    return one_line(text.replace("*", "∗"), limit)


def _help(one: Standing, name: str) -> Block | None:
    if not one.helps:
        return None
    return button(one.label or one.helps, one.helps, name, "primary" if one.light is Light.RED else "")


def _beside(watched: Sequence[Standing]) -> list[str]:
    """What is not well beside the components; what is well is one line."""
    wrong = [one for one in watched if one.light is not Light.GREEN]
    well = [_bare(one.component, NAME) for one in watched if one.light is Light.GREEN]
    lines = [
        f"{SIGN[one.light]}  *{_bare(one.component, NAME)}*: {_worded(one.why, WHY)}"
        for one in wrong[:WATCHED_SHOWN]
    ]
    return [*lines, *([f"{SIGN[Light.GREEN]}  {', '.join(well)}"] if well else [])]


def _age(board: Board) -> str:
    if not board.measured_at:
        return "Being measured for the first time: press *Measure now* in a moment."
    anew = "; it is being measured anew" if board.measuring else ""
    return f"Measured {moment(board.measured_at, '{date_short_pretty} {time_secs}')}{anew}."
