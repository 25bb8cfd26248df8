"""The chart of an incident as PNG: swim lanes over time, readable in a chat window and in black and white.

matplotlib is loaded when the first chart is drawn, by its objects and the Agg canvas: no window, no state
between two charts. Colours are Okabe and Ito's, which colour-blind people tell apart; each also has a shape.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.findings.records import Case, Report
from bot.report.scenes import EDGE, LABEL, Bar, Picture, picture_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH_IN, DPI = 8.0, 160
_LEFT = 0.225
_LABEL_PX = (_LEFT - 0.015) * WIDTH_IN * DPI
_ABOVE_IN, _BELOW_IN, _LANE_IN = 0.56, 0.42, 0.4
_BLUE, _ORANGE, _GREEN, _RED, _GREY, _INK = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#8A8A8A", "#222222"
_BANDS = {"SEV-1": "#F6D5C8", "SEV-2": "#FBE8C6", "SEV-3": "#FBF6D9", "SEV-4": "#E6F0F5"}
_ENDED = {"verified": _GREEN, "failed": _RED, "undone": _RED, "stopped": _RED, "under way": _GREY}
_STEPS_S = (60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400)
_FEW = 150
_BINS = 96


def chart(case: Case, report: Report) -> bytes:
    """The chart as PNG, at most about 300 kB; the same case gives the same bytes. b'' where nothing has a
    time."""
    picture = picture_of(case, report)
    return draw(picture) if picture else b""


def draw(picture: Picture) -> bytes:
    """Draw it. Texts are bounded and hold no markup; letters that the font lacks become dots."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = _rows(picture)
    steps = max((step for _, _, step in _stepped(picture)), default=0)
    above_in = _ABOVE_IN + 10 / 72 * steps
    height_in = above_in + _BELOW_IN + _LANE_IN * len(rows)
    figure = Figure(figsize=(WIDTH_IN, height_in), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((_LEFT, _BELOW_IN / height_in, 0.75, _LANE_IN * len(rows) / height_in))
    _frame(axes, picture, rows)
    for place, (_, kind, bar) in enumerate(rows):
        _row(axes, picture, len(rows) - 1 - place, kind, bar)
    _mark(axes, picture, len(rows))
    title = _letters(picture.title, 84)
    figure.text(
        0.02, 1 - 0.1 / height_in, title, fontsize=10.5, color=_INK, weight="bold", va="top", parse_math=False
    )
    first, last = days(picture)
    shown = first if first == last else f"{first} to {last}"
    figure.text(0.02, 0.1 / height_in, f"UTC, {shown}", fontsize=8, color="#555555", va="bottom")
    kept = io.BytesIO()
    figure.savefig(kept, format="png", metadata={"Software": None}, pil_kwargs={"optimize": True})
    return kept.getvalue()


def _rows(picture: Picture) -> Sequence[tuple[str, str, Bar | None]]:
    """The lanes from the top: their label, their kind, and the bar where it is one."""
    rows: list[tuple[str, str, Bar | None]] = [(bar.label, "alert", bar) for bar in picture.alerts]
    if picture.more_alerts:
        rows.append((f"and {picture.more_alerts} more alerts", "none", None))
    if not rows:
        rows.append(("no alert", "none", None))
    said = len(picture.people)
    rows.append((f"people ({said:,} message{'' if said == 1 else 's'})", "people", None))
    rows.append(("presses", "presses", None))
    rows += [(bar.label, "run", bar) for bar in picture.runs]
    if picture.more_runs:
        rows.append((f"and {picture.more_runs} more runs", "none", None))
    rows.append(("told outside, escalated" if picture.outside else "nothing told outside", "outside", None))
    return rows


def _frame(axes: Axes, picture: Picture, rows: Sequence[tuple[str, str, Bar | None]]) -> None:
    count = len(rows)
    begin, end = _number(picture.begin), _number(picture.end)
    axes.set_xlim(begin, end)
    axes.set_ylim(-0.6, count - 0.4)
    for band in picture.bands:
        axes.axvspan(_number(band.begin), _number(band.end), color=_BANDS.get(band.severity, "#F2F2F2"), lw=0)
        middle, share = (_number(band.begin) + _number(band.end)) / 2, 0.0
        share = (_number(band.end) - _number(band.begin)) / (end - begin)
        if share > 0.07:
            axes.text(
                middle, count - 0.47, band.severity, fontsize=7.5, color="#6B5B4B", ha="center", va="top",
                parse_math=False,
            )  # fmt: skip
    labels = [_narrow(axes, _letters(label, LABEL)) for label, _, _ in rows]
    axes.set_yticks([count - 1 - place for place in range(count)])
    axes.set_yticklabels(labels, fontsize=8, color=_INK, parse_math=False)
    ticks = _ticks(picture.begin, picture.end)
    axes.set_xticks([_number(at) for at in ticks])
    axes.set_xticklabels(_times(ticks), parse_math=False)
    axes.tick_params(axis="x", labelsize=8, colors=_INK)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", color="#FFFFFF", lw=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def _row(axes: Axes, picture: Picture, y: int, kind: str, bar: Bar | None) -> None:
    if bar is not None:
        _bar(axes, picture, y, kind, bar)
    elif kind == "people":
        _people(axes, picture, y)
    elif kind == "presses":
        at = [_number(one) for one in picture.presses]
        axes.plot(
            at, [y] * len(at), linestyle="", marker="v", color=_BLUE, markersize=6, mec="white", mew=0.5
        )
    elif kind == "outside":
        for well, colour, sign in ((True, _GREEN, "D"), (False, _RED, "X")):
            at = [_number(one) for one, arrived in picture.outside if arrived is well]
            axes.plot(
                at, [y] * len(at), linestyle="", marker=sign, color=colour, markersize=6, mec="white", mew=0.5
            )


def _bar(axes: Axes, picture: Picture, y: int, kind: str, bar: Bar) -> None:
    begin = max(bar.begin, picture.begin)
    end = min(bar.end or picture.end, picture.end)
    if end < begin:
        return
    width = max(_number(end) - _number(begin), (_number(picture.end) - _number(picture.begin)) / 250)
    colour = _ORANGE if kind == "alert" else _ENDED.get(bar.how, _GREY)
    hatch = "////" if bar.how in ("failed", "undone", "stopped") else ""
    axes.barh(y, width, left=_number(begin), height=0.55, color=colour, hatch=hatch, edgecolor="white", lw=0)
    if kind == "run":
        room = (_number(begin) + width - _number(picture.begin)) / (
            _number(picture.end) - _number(picture.begin)
        )
        right = room < 0.82
        at = _number(begin) + width if right else _number(begin)
        axes.annotate(
            bar.how, (at, y), xytext=(4 if right else -4, 0), textcoords="offset points", fontsize=7.5,
            color=_INK, va="center", ha="left" if right else "right", parse_math=False,
        )  # fmt: skip


def _people(axes: Axes, picture: Picture, y: int) -> None:
    """Every message a stroke; where they would be one block, how many came when."""
    if len(picture.people) <= _FEW:
        at = [_number(one) for one in picture.people]
        axes.vlines(at, y - 0.26, y + 0.26, color=_BLUE, lw=1.1)
        return
    begin, end = _number(picture.begin), _number(picture.end)
    counts = [0] * _BINS
    for one in picture.people:
        counts[min(_BINS - 1, int((_number(one) - begin) / (end - begin) * _BINS))] += 1
    most, step = max(counts), (end - begin) / _BINS
    lefts = [begin + place * step for place in range(_BINS)]
    axes.bar(
        lefts,
        [0.62 * count / most for count in counts],
        width=step,
        bottom=y - 0.31,
        align="edge",
        color=_BLUE,
    )


def _mark(axes: Axes, picture: Picture, count: int) -> None:
    """The turns of the incident as lines, their names above, on steps where they are near each other."""
    for name, at, step in _stepped(picture):
        x = _number(at)
        axes.axvline(x, color="#444444", lw=0.8, linestyle=(0, (3, 2)), ymax=1.0, zorder=1.5)
        axes.annotate(
            name, (x, count - 0.4), xytext=(0, 3 + 10 * step), textcoords="offset points", fontsize=7.5,
            color=_INK, ha=_side(picture, x), va="bottom", annotation_clip=False, parse_math=False,
        )  # fmt: skip


def _stepped(picture: Picture) -> Sequence[tuple[str, datetime, int]]:
    """Each mark with its time in words and the lowest step on which it covers no other."""
    span = _number(picture.end) - _number(picture.begin)
    free = [float("-inf")] * max(1, len(picture.marks))
    found = []
    for mark, at in sorted(picture.marks, key=lambda one: one[1]):
        name = f"{mark} {at.astimezone(UTC):%H:%M}"
        width = span * len(name) * 0.0135
        left = _number(at) - width * (1.0 if _side(picture, _number(at)) == "right" else 0.5)
        step = next((place for place, until in enumerate(free) if left >= until), len(free) - 1)
        free[step] = left + width
        found.append((name, at, step))
    return found


def _ticks(begin: datetime, end: datetime) -> list[datetime]:
    """Round times inside a span, at most nine."""
    span_s = (end - begin).total_seconds()
    step = next(
        (one for one in _STEPS_S if span_s / one <= 9), _STEPS_S[-1] * math.ceil(span_s / _STEPS_S[-1] / 9)
    )
    first = math.ceil(begin.timestamp() / step) * step
    return [datetime.fromtimestamp(at, UTC) for at in range(first, int(end.timestamp()) + 1, step)]


def _times(ticks: Sequence[datetime]) -> list[str]:
    """What stands under each: the time, and the day where it is another than before."""
    labels = []
    for place, at in enumerate(ticks):
        another = place > 0 and at.date() != ticks[place - 1].date()
        labels.append(f"{at:%H:%M}\n{at:%d %b}" if another else f"{at:%H:%M}")
    return labels


def _side(picture: Picture, x: float) -> str:
    """To which side of its line a name stands, so that it stays in the picture."""
    share = (x - _number(picture.begin)) / (_number(picture.end) - _number(picture.begin))
    return "right" if share > 0.9 else "center"


def _number(at: datetime) -> float:
    """Days since 1970, as the axis counts."""
    return at.timestamp() / 86_400


def days(picture: Picture) -> tuple[str, str]:
    """The first and the last day of what is shown, without the edges."""
    edge = (picture.end - picture.begin) * EDGE / (1 + 2 * EDGE)
    return f"{picture.begin + edge:%Y-%m-%d}", f"{picture.end - edge:%Y-%m-%d}"


def _narrow(axes: Axes, label: str) -> str:
    """Cut what is wider than its margin: letters are not of one width."""
    drawn = axes.text(0, 0, label, fontsize=8, parse_math=False)
    while len(drawn.get_text()) > 2 and drawn.get_window_extent().width > _LABEL_PX:
        drawn.set_text(f"{drawn.get_text()[:-2].rstrip()}…")
    drawn.remove()
    return drawn.get_text()


def _letters(text: str, limit: int) -> str:
    """One line in letters that the font has, at most `limit` of them."""
    known = _font()
    line = " ".join(text.split())
    line = "".join(sign if ord(sign) in known else "·" for sign in line)
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


@lru_cache(maxsize=1)
def _font() -> frozenset[int]:
    from matplotlib.font_manager import FontProperties, findfont
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(findfont(FontProperties())).get_charmap())
