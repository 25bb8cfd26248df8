"""The board as a whole: the sentence above it, and what of it still holds after a while. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.standing import Board, Light, Standing
from bot.drills.words import clock

# Three measurements that did not come: `kept.EVERY_S` is five minutes.
STALE_S = 900.0


def verdict(board: Board) -> str:
    """The sentence above the board: `2 of 9 would fail now.`"""
    total, red = len(board.judged), len(board.of(Light.RED))
    blind, amber = len(board.of(Light.UNKNOWN)), len(board.of(Light.AMBER))
    partly = sum(one.partly for one in board.judged)
    if not total:
        return "The plan names nothing to measure."
    if board.since:
        return f"Not measured since {board.since}{_then(board)}."
    if red:
        return f"{red} of {total} would fail now{_unseen(blind, partly)}."
    if not board.measured_at:
        return "Nothing has been measured yet."
    if blind == total:
        return f"None of {total} is measured."
    measured = known(total, blind, partly)
    if amber:
        wants = "wants" if amber == 1 else "want"
        return f"Nothing would fail now; {amber} of {total} {wants} a look ({measured})."
    return f"Nothing would fail now ({measured})."


def _then(board: Board) -> str:
    red = len(board.of(Light.RED))
    return f"; {red} of {len(board.judged)} would have failed then" if red else ""


def known(total: int, blind: int, partly: int) -> str:
    """`all 9 measured`, `7 of 9 measured, 1 in part`."""
    if not blind + partly:
        return f"all {total} measured"
    return f"{total - blind - partly} of {total} measured{f', {partly} in part' if partly else ''}"


def _unseen(blind: int, partly: int) -> str:
    """What stands beside what would fail: nobody knows of it."""
    if not blind:
        return f"; {partly} {'is' if partly == 1 else 'are'} measured in part" if partly else ""
    return f"; {blind} {'is' if blind == 1 else 'are'} not measured{f', {partly} in part' if partly else ''}"


def aged(board: Board, now: datetime) -> Board:
    """The board as it may be taken at this moment: what was well too long ago is no longer known to be.

    What was not well stays so: bad news does not get better by nobody looking. Safe to do twice.
    """
    age_s = board.age_s(now)
    if board.since or age_s is None or age_s <= STALE_S:
        return board
    since = clock(board.measured_at, now.isoformat())
    return replace(board, since=since, standings=tuple(_aged(one, since) for one in board.standings))


def _aged(one: Standing, since: str) -> Standing:
    if one.place != "component" or one.light is Light.UNKNOWN:
        return one  # what drbot knows by itself is read anew at each question
    if one.light is Light.GREEN:
        return replace(one, light=Light.UNKNOWN, why=f"it was ready at {since}: {one.why}")
    return replace(one, why=f"at {since}: {one.why}")
