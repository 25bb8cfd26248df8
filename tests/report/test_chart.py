"""The chart: a PNG of bounded size, the same each time, whatever people and monitors are called."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.findings import draft
from bot.findings.transcript import case_of, read_transcript
from bot.report.chart import chart, days, draw
from bot.report.scenes import Bar, Picture, picture_of
from tests.findings.test_large_channel import long_channel
from tests.findings.test_transcripts import TRANSCRIPTS, load

BEGIN = datetime(2026, 5, 12, 14, 0, tzinfo=UTC)
LIMIT_BYTES = 300_000


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return int(width), int(height)


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_every_incident_has_a_chart_that_fits_a_chat(name: str) -> None:
    case = case_of(read_transcript(load(name)))
    png = chart(case, draft(case))
    width, height = size_of(png)
    assert width == 1280
    assert 400 <= height <= 1100
    assert len(png) < LIMIT_BYTES
    assert png == chart(case, draft(case))


@settings(max_examples=12, deadline=None)
@given(st.text(max_size=200), st.text(max_size=90))
def test_names_of_any_kind_are_drawn(title: str, label: str) -> None:
    hostile = Picture(
        title + " $\\frac{1}{0}$ \u202e 🔥",
        BEGIN,
        BEGIN + timedelta(hours=1),
        alerts=(Bar(f"${label}^{{", BEGIN, None),),
        runs=(Bar(f"RUN-1 {label}", BEGIN, BEGIN + timedelta(minutes=50), "failed"),),
    )
    assert len(draw(hostile)) < LIMIT_BYTES


def test_a_wide_name_stays_within_its_margin_and_the_days_are_those_of_the_incident() -> None:
    wide = Picture("INC-1", BEGIN, BEGIN + timedelta(hours=27), alerts=(Bar("W" * 25, BEGIN, None),))
    from matplotlib.image import imread

    pixels = imread(io.BytesIO(draw(wide)))
    assert (pixels[200:-200, :6, :3] == 1).all(), "a blank edge beside the labels"
    early = BEGIN.replace(hour=0, minute=30)
    night = case_of(
        read_transcript(json.dumps({"messages": _said(early, early + timedelta(days=20))}).encode())
    )
    picture = picture_of(night, draft(night))
    assert picture is not None
    assert picture.begin < BEGIN.replace(hour=0)
    assert days(picture) == ("2026-05-12", "2026-06-01")


def _said(*times: datetime) -> list[dict[str, str]]:
    return [{"user": "U0ANA", "ts": f"{at.timestamp():.6f}", "text": "p99 is 3 s"} for at in times]


def test_many_of_everything_stay_one_picture() -> None:
    case = case_of(read_transcript(long_channel()))
    png = chart(case, draft(case))
    assert size_of(png)[1] < 1200
    assert len(png) < LIMIT_BYTES
    many = tuple(Bar(f"Alert{number}", BEGIN, None) for number in range(6))
    crowd = Picture(
        "x", BEGIN, BEGIN + timedelta(days=3), alerts=many, more_alerts=500, runs=many, more_runs=40,
        people=tuple(BEGIN + timedelta(seconds=number * 20) for number in range(10_000)),
        marks=tuple((f"mark {number}", BEGIN + timedelta(seconds=number)) for number in range(6)),
    )  # fmt: skip
    assert len(draw(crowd)) < LIMIT_BYTES


def test_severities_become_bands_and_what_the_rules_did_is_no_press() -> None:
    case = case_of(read_transcript(load("t4")))
    picture = picture_of(case, draft(case))
    assert picture is not None
    assert [band.severity for band in picture.bands] == ["SEV-2", "SEV-3"]
    assert len(picture.presses) == 3  # acknowledged, lowered, approved
    assert [bar.how for bar in picture.runs] == ["verified"]
    assert [name for name, _ in picture.marks] == [
        "began",
        "detected",
        "acknowledged",
        "restored",
        "resolved",
    ]


def test_nothing_else_pays_for_the_chart() -> None:
    code = "import sys, bot.report, bot.app; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
