"""The record as a row of bars and as a picture that is legal, bounded and holds no code of strangers."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.drill import Drill, DrillState
from bot.drills.chart import POINTS_SHOWN, TrendPoint, points_of, trend_svg
from bot.drills.trend import sparkline

SVG = "{http://www.w3.org/2000/svg}"
points = st.builds(
    TrendPoint,
    ref=st.text(max_size=20),
    at=st.one_of(st.just("2026-11-23T03:00:00Z"), st.text(max_size=30)),
    rto_s=st.one_of(st.none(), st.floats(0, 10**9)),
    passed=st.booleans(),
    said=st.text(max_size=50),
)


def drill(number: int, rto_s: float | None, passed: bool = True) -> Drill:
    state = DrillState.PASSED if passed else DrillState.FAILED
    return Drill(
        number,
        "restore",
        "Restore",
        state,
        "ana",
        f"2026-{number:02}-20T04:00:00Z",
        "x",
        (),
        rto_s,
        None,
        "said",
    )


def under_way(number: int) -> Drill:
    return Drill(number, "restore", "Restore", DrillState.UNDER_WAY, "ana", "2026-11-20T04:00:00Z")


def test_the_points_are_oldest_first_and_only_of_what_ended() -> None:
    found = points_of([under_way(9), drill(3, 40.0), drill(2, None, passed=False)])
    assert [(one.ref, one.rto_s, one.passed) for one in found] == [
        ("DRILL-2", None, False),
        ("DRILL-3", 40.0, True),
    ]


def test_what_the_picture_shows() -> None:
    held = [drill(1, 40.0), drill(2, 36.0), drill(3, None, passed=False), drill(4, 52.0, passed=False)]
    drawn = ElementTree.fromstring(trend_svg(points_of(held), 4 * 3600.0))
    circles = drawn.findall(f"{SVG}circle")
    assert len(circles) == 3, "the one that did not recover is a cross"
    assert [one.get("fill") for one in circles][2] == "none", "recovered, and missed a promise"
    heights = [float(one.get("cy") or 0) for one in circles]
    assert heights[1] > heights[0] > heights[2], "the slower, the higher"
    words = " ".join(drawn.itertext())
    for said in ("promised 4 h", "2026-01-20", "DRILL-3", "did not recover", "Recovery time of 4 drills"):
        assert said in words
    assert drawn.get("role") == "img"


def test_one_point_none_and_no_promise_are_pictures_too() -> None:
    assert "No drill was held yet" in trend_svg((), 3600.0)
    assert "promised" not in trend_svg(points_of([drill(1, 40.0)]), None)


@given(st.lists(points, max_size=60), st.one_of(st.none(), st.floats(0, 10**9)))
def test_whatever_the_points_hold_it_is_one_legal_picture(
    shown: list[TrendPoint], promised: float | None
) -> None:
    drawn = ElementTree.fromstring(trend_svg(shown, promised))
    assert drawn.tag == f"{SVG}svg"
    marks = [one for one in drawn.iter() if one.find(f"{SVG}title") is not None and one is not drawn]
    assert len(marks) == min(len(shown), POINTS_SHOWN)
    for one in drawn.iter(f"{SVG}circle"):
        assert 0 <= float(one.get("cx") or -1) <= 640
        assert 0 <= float(one.get("cy") or -1) <= 220
    assert {one.tag.removeprefix(SVG) for one in drawn.iter()} <= {"svg", "title", "path", "text", "circle"}


def test_the_sparkline() -> None:
    held = [drill(4, 80.0), drill(3, None, passed=False), drill(2, 10.0), drill(1, 40.0), under_way(5)]
    assert sparkline(held) == "▅▂✗█"
    assert sparkline([]) == ""
    assert sparkline([drill(1, 0.0)]) == "▁"
