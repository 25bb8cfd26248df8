"""The readiness board as a card: the verdict, a line for each component, the buttons that would help."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.standing import Board, Light, Standing
from bot.readiness import verdict
from bot.slack.blocks import Block, Card, actions, button, context, divider, header, section
from bot.slack.fit import fit_card
from bot.slack.text import counted, moment, one_line

SIGN = {Light.RED: "🔴", Light.AMBER: "🟡", Light.GREEN: "🟢", Light.UNKNOWN: "⚪"}
LINES_A_BLOCK = 6
LINES_SHOWN = 24
WATCHED_SHOWN = 12
BUTTONS_SHOWN = 5
WHY, NAME, NUMBER = 200, 80, 60


def board_card(board: Board) -> Card:
    """The verdict in the header, the lines in the plan's order: a part is always found at its place."""
    said = verdict(board)
    judged = board.judged
    blocks = [header(f"{SIGN[board.worst]}  {said}")]
    for title, place in (("", "component"), ("Promises and drills", "proof")):
        lines = [_line(one) for one in judged if one.place == place][:LINES_SHOWN]
        blocks += [context(f"*{title}*")] if title and lines else []
        blocks += _paragraphs(lines)
    more = sum(1 for one in judged if one.place == "component") - LINES_SHOWN
    if more > 0:
        blocks.append(context(f"and {counted(more, 'more component')}: `dr status` in a shell has all."))
    blocks += [actions(*_helps(judged), _anew(), name="board")]
    beside = _beside(board.watched)
    blocks += [divider(), context("\n".join(beside))] if beside else []
    blocks.append(context(_age(board)))
    return fit_card(Card(one_line(said, 300), blocks))


def _line(one: Standing) -> str:
    """A light, a name in bold, what was measured beside what is promised, and under it the sentence why."""
    numbers = _numbers(one)
    due = "  ·  due" if one.overdue else ""
    first = f"{SIGN[one.light]}  *{_bare(one.component, NAME)}*{due}{f'  ·  {numbers}' if numbers else ''}"
    return f"{first}\n{one_line(one.why, WHY)}" if one.why else first


def _numbers(one: Standing) -> str:
    promised, measured = one_line(one.promised, NUMBER), one_line(one.measured, NUMBER)
    if promised and measured:
        return f"{measured}, promised {promised}"
    return f"promised {promised}" if promised else measured


def _bare(text: str, limit: int) -> str:
    """A name that cannot end its own bold."""
    return one_line(text.replace("*", "∗"), limit)


def _paragraphs(lines: Sequence[str]) -> list[Block]:
    found = range(0, len(lines), LINES_A_BLOCK)
    return [section("\n".join(lines[start : start + LINES_A_BLOCK])) for start in found]


def _helps(judged: Sequence[Standing]) -> list[Block]:
    """What would help the worst first, each line once."""
    wanting = [one for one in judged if one.helps and one.light is not Light.GREEN]
    ranked = sorted(wanting, key=lambda one: one.light is not Light.RED)
    offers: dict[str, Standing] = {}
    for one in ranked:
        offers.setdefault(one.helps, one)
    return [
        button(one.label or line, line, f"board:{number}", "primary" if one.light is Light.RED else "")
        for number, (line, one) in enumerate(list(offers.items())[:BUTTONS_SHOWN])
    ]


def _anew() -> Block:
    return button("Measure now", "status now=yes", "board:now")


def _beside(watched: Sequence[Standing]) -> list[str]:
    """What is not well beside the components; what is well is one line."""
    wrong = [one for one in watched if one.light is not Light.GREEN]
    well = [_bare(one.component, NAME) for one in watched if one.light is Light.GREEN]
    lines = [
        f"{SIGN[one.light]}  *{_bare(one.component, NAME)}*: {one_line(one.why, WHY)}"
        for one in wrong[:WATCHED_SHOWN]
    ]
    return [*lines, *([f"{SIGN[Light.GREEN]}  {', '.join(well)}"] if well else [])]


def _age(board: Board) -> str:
    if not board.measured_at:
        return "Being measured for the first time: press *Measure now* in a moment."
    anew = "; it is being measured anew" if board.measuring else ""
    return f"Measured {moment(board.measured_at, '{date_short_pretty} {time_secs}')}{anew}."
