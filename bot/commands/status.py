"""Verbs about readiness: could we recover now?"""

from __future__ import annotations

from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.commands.verbs import verb
from bot.domain.answer import Answer, Table
from bot.readiness import Light, Readiness
from bot.store.evidence import open_by_severity

_SIGNS = {Light.GREEN: "🟢", Light.AMBER: "🟡", Light.RED: "🔴", Light.UNKNOWN: "⚪"}


@verb("status", strangers=True)
def status(desk: Desk, said: Said) -> Answer:
    """The readiness board: each component of the plan, promised beside measured."""
    del said
    board = Readiness(desk.plan, desk.store, desk.toolbox).board()
    rows = tuple(
        (f"{_SIGNS[one.light]} {one.light.value}", one.component, one.why, one.helps) for one in board
    )
    counts = ", ".join(f"{count} {severity}" for severity, count in open_by_severity(desk.store))
    lines = [f"Open incidents: {counts or 'none'}.", f"Engine: {desk.engine()}."]
    lines += [f"{name} is not set: {what}." for name, what in desk.off]
    lines += _held_back(desk)
    red = sum(1 for one in board if one.light is Light.RED)
    title = (
        f"{red} of {len(board)} would fail now."
        if red
        else "Nothing measured says that a recovery would fail."
    )
    return Answer(
        title,
        tuple(lines),
        Table(("state", "component", "measured against promised", "helps"), rows),
        data={"board": [[one.component, one.light.value, one.why] for one in board]},
    )


def _held_back(desk: Desk) -> list[str]:
    """Open breakers, and why it is not known who is on call."""
    lines = [
        f"Circuit breaker open: {one.target} since {one.opened_at[11:19]} UTC ({', '.join(one.runs)})."
        for one in desk.runs.breakers()
    ]
    trouble = desk.runs.roster().trouble
    return [*lines, f"{trouble}."] if trouble else lines
