"""The trend of a drill as a picture: how long recovery took each time, with the promise as a line.

Plain SVG without a style sheet or a script, in colours that can be read on light and on dark, so that it may
stand in a page of any policy or alone in a file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from bot.domain.drill import Drill, DrillState
from bot.drills.words import moment, span

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 18, 34
POINTS_SHOWN = 40
TICKS_S = (0.1, 1, 10, 60, 600, 3600, 4 * 3600, 24 * 3600, 7 * 86400)
# Each is told apart from white and from #0d1117 at no less than 3.8 to 1.
INK, LINE, GOOD, BAD, PROMISE = "#6e7781", "#2f81f7", "#2b8a4b", "#d1434b", "#a97800"


@dataclass(frozen=True)
class TrendPoint:
    """One drill that ended: when it began (ISO 8601 UTC), its RTO in seconds (None where recovery failed)."""

    ref: str
    at: str
    rto_s: float | None
    passed: bool
    said: str = ""


def points_of(drills: Sequence[Drill]) -> tuple[TrendPoint, ...]:
    """The points of drills that have ended, oldest first, whatever the order they are given in."""
    ended = [one for one in drills if one.state is not DrillState.UNDER_WAY]
    return tuple(
        TrendPoint(one.ref, one.started_at, one.rto_s, one.state is DrillState.PASSED, one.said)
        for one in sorted(ended, key=lambda one: one.id)
    )


def trend_svg(points: Sequence[TrendPoint], promised_s: float | None) -> str:
    """RTO over time, one dot a drill: filled where it passed, red where a promise was missed, a red cross on
    the floor where recovery did not work. The newest 40 are drawn. Heights are logarithmic.
    """
    shown = tuple(points)[-POINTS_SHOWN:]
    height = _Height([one.rto_s for one in shown if one.rto_s is not None], promised_s)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="100%" role="img"'
        f' font-family="system-ui, sans-serif" font-size="11" fill="{INK}">',
        f"<title>{_told(shown, promised_s)}</title>",
        *_grid(height),
        *_promise(height, promised_s),
    ]
    if not shown:
        parts.append(
            f'<text x="{WIDTH / 2}" y="{HEIGHT / 2}" text-anchor="middle">No drill was held yet</text>'
        )
    parts += [*_dates(shown), *_line(shown, height), *_dots(shown, height), "</svg>"]
    return "\n".join(parts) + "\n"


class _Height:
    """Seconds to a place on the page, on a logarithmic scale that holds every value and the promise."""

    def __init__(self, values: Sequence[float], promised_s: float | None) -> None:
        held = [max(0.05, value) for value in (*(values or (6.0, 600.0)), promised_s or 60.0)]
        self.low, self.high = min(held) / 1.6, max(held) * 1.6

    def of(self, seconds: float) -> float:
        share = math.log(max(seconds, self.low) / self.low) / math.log(self.high / self.low)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    def ticks(self) -> Iterator[float]:
        """Round times inside the scale, or its ends where none is."""
        inside = [tick for tick in TICKS_S if self.low <= tick <= self.high]
        yield from inside or (self.low, self.high)


def _x(index: int, count: int) -> float:
    room = WIDTH - LEFT - RIGHT
    return round(LEFT + room * ((index + 0.5) / count if count < 3 else index / (count - 1)), 1)


def _grid(height: _Height) -> Iterator[str]:
    for tick in height.ticks():
        y = height.of(tick)
        yield f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="{INK}" stroke-opacity="0.22"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{span(tick)}</text>'


def _promise(height: _Height, promised_s: float | None) -> Iterator[str]:
    if not promised_s:
        return
    y = height.of(promised_s)
    yield (
        f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="{PROMISE}" stroke-width="1.5"'
        ' stroke-dasharray="6 4"/>'
    )
    yield (
        f'<text x="{WIDTH - RIGHT}" y="{y - 5}" text-anchor="end" fill="{PROMISE}">promised'
        f" {span(promised_s)}</text>"
    )


def _dates(points: Sequence[TrendPoint]) -> Iterator[str]:
    """The first and the last date, and one in the middle where there is room."""
    count = len(points)
    for index in sorted({0, count // 2, count - 1}) if count > 4 else range(count):
        at = moment(points[index].at) if count else None
        if at is not None:
            anchor = (
                "end"
                if index == count - 1 and count > 2
                else "start"
                if index == 0 and count > 2
                else "middle"
            )
            yield (
                f'<text x="{_x(index, count)}" y="{HEIGHT - 12}" text-anchor="{anchor}">{at:%Y-%m-%d}</text>'
            )


def _line(points: Sequence[TrendPoint], height: _Height) -> Iterator[str]:
    """Between neighbours that both recovered; a failure breaks it."""
    count = len(points)
    pairs = zip(enumerate(points), enumerate(points[1:], 1), strict=False)
    for (first, one), (second, other) in pairs:
        if one.rto_s is not None and other.rto_s is not None:
            yield (
                f'<path d="M{_x(first, count)} {height.of(one.rto_s)}L{_x(second, count)}'
                f' {height.of(other.rto_s)}" stroke="{LINE}" stroke-width="2" stroke-linecap="round"/>'
            )


def _dots(points: Sequence[TrendPoint], height: _Height) -> Iterator[str]:
    for index, one in enumerate(points):
        x = _x(index, len(points))
        took = f"recovered in {span(one.rto_s)}" if one.rto_s is not None else "did not recover"
        title = f"<title>{_words(f'{one.ref}, {one.at[:10]}: {took}. {one.said}')}</title>"
        if one.rto_s is None:
            y = HEIGHT - BOTTOM
            cross = f"M{x - 5} {y - 5}L{x + 5} {y + 5}M{x + 5} {y - 5}L{x - 5} {y + 5}"
            yield f'<path d="{cross}" stroke="{BAD}" stroke-width="2.5" stroke-linecap="round">{title}</path>'
        elif one.passed:
            yield f'<circle cx="{x}" cy="{height.of(one.rto_s)}" r="4.5" fill="{GOOD}">{title}</circle>'
        else:
            yield (
                f'<circle cx="{x}" cy="{height.of(one.rto_s)}" r="4.5" fill="none" stroke="{BAD}"'
                f' stroke-width="2.5">{title}</circle>'
            )


def _told(points: Sequence[TrendPoint], promised_s: float | None) -> str:
    """What the picture shows, for whoever cannot see it."""
    passed = sum(1 for one in points if one.passed)
    said = f"Recovery time of {len(points)} drills, {passed} of them passed"
    last = points[-1] if points else None
    if last is not None:
        said += (
            f"; the last took {span(last.rto_s)}" if last.rto_s is not None else "; the last did not recover"
        )
    return escape(said + (f"; promised is {span(promised_s)}" if promised_s else ""))


def _words(text: str) -> str:
    """Text that XML may hold: printable, escaped, bounded."""
    return escape("".join(one if one.isprintable() else " " for one in text[:300]).strip())
