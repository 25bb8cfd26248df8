"""The readiness board as a web page for a wall: `GET /status`."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from bot.domain.standing import Board, Light, Standing
from bot.drills.words import span
from bot.exchange import Receive, Refused, Scope, Send, answer
from bot.readiness import aged, verdict
from bot.readiness.board import unbroken
from bot.readiness.whole import known
from bot.status_door import StatusDoor
from bot.store.database import StoreDown

TEMPLATES = Path(__file__).parents[1] / "templates"
REFRESH_S = 60
STALE_S = 200
TYPE = b"text/html; charset=utf-8"
POLICY = (
    b"default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none';"
    b" frame-ancestors 'none'"
)
SAFE = (
    (b"content-security-policy", POLICY),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
)
Trends: TypeAlias = "Callable[[], Sequence[tuple[str, str]]]"
_NAMES = {Light.GREEN: "green", Light.AMBER: "amber", Light.RED: "red", Light.UNKNOWN: "grey"}
_STATES = {one: one.value for one in Light} | {Light.AMBER: "take a look"}
_WIDTHS = ((640, 2), (1000, 3), (1240, 4), (1640, 5), (2300, 6))
_CODE = re.compile(r"`([^`]{1,200})`")
_TONES = {"green": "#17784a", "amber": "#b06a00", "red": "#c4281f", "grey": "#7b8781"}


class StatusPage:
    """Answers `GET /status`. `board` must not wait; `trends` are drawings of the drills, safe as HTML."""

    def __init__(
        self,
        board: Callable[[], Board],
        token: str = "",
        title: str = "",
        trends: Trends = tuple,
    ) -> None:
        self._board = board
        self._door = StatusDoor(token)
        self._title = title
        self._trends = trends

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The page. Raises Refused: 401 or 403 for whom it is not, 503 where the store is down."""
        del receive
        kept = self._door.enter(scope)
        if kept:
            await answer(send, 303, b"", TYPE, ((b"location", b"/status"), (b"set-cookie", kept), *SAFE))
            return
        try:
            html = await asyncio.to_thread(self._draw)
        except StoreDown as error:
            again = ((b"refresh", b"30"), (b"retry-after", b"30"))
            raise Refused(503, f"the bot's memory does not answer: {error}", again) from error
        await answer(send, 200, html, TYPE, SAFE)

    def _draw(self) -> bytes:
        return draw(self._board(), datetime.now(UTC), self._title, self._trends()).encode(errors="replace")


def draw(board: Board, now: datetime, title: str = "", trends: Sequence[tuple[str, str]] = ()) -> str:
    """The whole page as HTML. `trends` are a title and a drawing each."""
    board = aged(board, now)
    worst, blind = _NAMES[board.worst], board.of(Light.UNKNOWN)
    folded = _folded(blind) if len(blind) > 1 and not board.since else ()
    tiles = [one for one in board.judged if not folded or one.light is not Light.UNKNOWN]
    return _template().render(
        verdict=verdict(board),
        headline=_headline(board),
        notes=tuple(_notes(board)),
        blind=len(blind),
        judged=board.judged,
        tiles=tiles,
        unmeasured=folded,
        widths=[(width, *even(len(tiles), bool(folded), most)) for width, most in _WIDTHS],
        watched=board.watched,
        trends=[(named, Markup(drawn)) for named, drawn in trends],  # noqa: S704 - ours, texts escaped there
        age=age_words(board, now),
        clock=f"at {board.since or board.measured_at[11:16] + ' UTC'}" if board.measured_at else "",
        measuring=board.measuring,
        title=title,
        icon=_icon(_TONES[worst]),
        refresh_s=REFRESH_S,
        stale_s=STALE_S,
    )


def _headline(board: Board) -> tuple[str, str, str]:
    """What is read from across the room: its tone, the words in it, and the rest of the sentence."""
    total, red, amber = len(board.judged), len(board.of(Light.RED)), len(board.of(Light.AMBER))
    if board.since:
        return "amber", "Not measured", f"since {board.since}"
    if red:
        return "red", f"{red} of {total}", "would fail now"
    if board.measured_at and amber:
        return "amber", f"{amber} of {total}", f"{'wants' if amber == 1 else 'want'} a look"
    if board.measured_at and board.worst is Light.GREEN:
        return "green", "", "Nothing would fail now"
    return "grey", "", verdict(board).rstrip(".")


def _notes(board: Board) -> Iterator[str]:
    """What stands small beside the headline, a line each."""
    total, red = len(board.judged), len(board.of(Light.RED))
    blind, partly = len(board.of(Light.UNKNOWN)), sum(one.partly for one in board.judged)
    if board.since:
        if red:
            yield f"{red} of {total} would have failed then"
        return
    if board.measured_at and total and blind < total:
        if not red and board.of(Light.AMBER):
            yield "nothing would fail now"
        yield known(total, blind, partly)


def _folded(blind: Sequence[Standing]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What nothing measures, by the reason: a tile for each would hide what is measured."""
    found: dict[str, list[str]] = {}
    for one in blind:
        found.setdefault(one.why, []).append(one.component)
    return tuple((why, tuple(names)) for why, names in found.items())


def even(tiles: int, last: bool, most: int) -> tuple[int, int]:
    """How many tiles beside each other, at most so many, leave the last row fullest; and what is left there.

    With a `last` tile, which takes what is left, that row is always full.
    """
    wanted = tiles + (2 if last else 0)
    across = max(1, math.ceil(wanted / max(1, math.ceil(wanted / most))))
    return across, across - tiles % across


def capital(said: str) -> str:
    """The sentence with a capital first letter; a name at its beginning keeps its own."""
    return said[:1].upper() + said[1:] if said.partition(" ")[0].rstrip(":,;").isalpha() else said


def worded(said: str) -> Markup:
    """Escaped, what stands in backticks as code; a line may be broken after the `_` of a long name, never
    between a number and its unit."""
    safe = str(escape(unbroken(said))).replace("_", "_<wbr>")
    return Markup(_CODE.sub(r"<code>\1</code>", safe))  # noqa: S704 - escaped just above


def age_words(board: Board, now: datetime) -> str:
    """`Measured 41 s ago`."""
    age_s = board.age_s(now)
    return "Not measured yet" if age_s is None else f"Measured {span(round(age_s))} ago"


@cache
def _template() -> Template:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "tone": _NAMES.__getitem__,
        "state": _STATES.__getitem__,
        "capital": capital,
        "worded": worded,
    }
    return made.get_template("status.html.j2")


def _icon(tone: str) -> str:
    disc = f'<circle cx="8" cy="8" r="7" fill="{tone}"/>'
    drawn = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">{disc}</svg>'
    return f"data:image/svg+xml,{quote(drawn)}"
