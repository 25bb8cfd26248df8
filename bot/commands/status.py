"""Verbs about readiness: could we recover now?"""

from __future__ import annotations

from collections.abc import Iterator

from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.commands.verbs import verb
from bot.domain.answer import Answer, Refusal, Table, UsageError
from bot.domain.entry import Json
from bot.readiness import Board, Light, Standing, readiness_of, verdict
from bot.store.evidence import open_by_severity

SIGNS = {Light.GREEN: "🟢", Light.AMBER: "🟡", Light.RED: "🔴", Light.UNKNOWN: "⚪"}
_COLUMNS = ("state", "component", "why", "promised", "measured", "helps")


@verb("status", "status [now=yes]", strangers=True)
def status(desk: Desk, said: Said) -> Answer:
    """The readiness board: each component of the plan, promised beside measured. `now=yes` measures anew.
    Whoever the plan does not name is told the verdict alone."""
    now = said.options.get("now", "no").lower()
    if now not in ("yes", "no"):
        raise UsageError(f"now={now[:20]} says neither yes nor no")
    insider = said.person.known or said.where.face == "shell"  # a shell can read everything anyway
    if now == "yes" and not insider:
        raise Refusal(
            f"the plan does not name you, so `status now=yes` is not yours to say. {_on_call(desk)}"
        )
    readiness = desk.readiness or readiness_of(
        desk.plan, desk.store, desk.toolbox, desk.actions, desk.runs, desk.off, desk.engine
    )
    board = readiness.board(now == "yes")
    if not insider:
        why = f"What stands behind it is told to people whom the plan names. {_on_call(desk)}."
        return Answer(verdict(board), (why,), data={"measured_at": board.measured_at})
    return Answer(
        verdict(board),
        tuple(_lines(desk, board)),
        Table(_COLUMNS, tuple(map(_row, board.judged))),
        data={
            "measured_at": board.measured_at,
            "not_measured_since": board.since,
            "board": [_json(one) for one in board.judged],
            "watch": [_json(one) for one in board.watched],
        },
        board=board,
    )


def _on_call(desk: Desk) -> str:
    return "On call: " + ", ".join(one.name for one in desk.plan.people_with(("on-call",)))


def _row(one: Standing) -> tuple[str, ...]:
    state = f"{SIGNS[one.light]} {one.light.value}"
    return (state, one.component, one.why, one.promised, one.measured, one.helps)


def _json(one: Standing) -> dict[str, Json]:
    return {
        "key": one.key,
        "component": one.component,
        "light": one.light.name.lower(),
        "state": one.light.value,
        "why": one.why,
        "promised": one.promised,
        "measured": one.measured,
        "helps": one.helps,
        "overdue": one.overdue,
        "partly": one.partly,
    }


def _lines(desk: Desk, board: Board) -> Iterator[str]:
    """What a person should know beside the board, each a sentence."""
    counts = ", ".join(f"{count} {severity}" for severity, count in open_by_severity(desk.store))
    yield f"Open incidents: {counts or 'none'}."
    yield f"Engine: {desk.engine()}."
    for name, what in desk.off:
        yield f"{name} is not set: {what}."
    for one in desk.runs.breakers():
        yield f"Circuit breaker open: {one.target} since {one.opened_at[11:19]} UTC ({', '.join(one.runs)})."
    said = ("people-and-seats", "incidents", "engine", "settings", "circuit-breaker")
    yield from (f"{one.why}." for one in board.watched if one.key not in said)
