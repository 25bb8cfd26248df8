"""Nothing an alert says may ping, hide, break markup or be too long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.text import clean, clip, duration, escape, lasted, moment, one_line, plain, units

anything = st.one_of(st.text(max_size=300), st.text("<>&@!|🔥herchanl \x00\u202e\n", max_size=300))


@given(anything, st.integers(2, 200))
def test_escaped_text_holds_no_markup_and_fits(text: str, limit: int) -> None:
    written = escape(text, limit)
    assert units(written) <= limit
    assert "<" not in written
    assert ">" not in written
    bare = written.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert "&" not in bare, "an entity was cut in the middle"
    for ping in ("@channel", "@here", "@everyone"):
        assert ping not in written.lower()


@given(st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), max_size=100))
def test_ordinary_text_comes_through_unchanged(text: str) -> None:
    written = escape(text.replace("@", ""), 3000)
    read = written.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert read == text.replace("@", "")


@given(anything)
def test_nothing_hides(text: str) -> None:
    shown = clean(text)
    assert "\x00" not in shown
    assert "\u202e" not in shown
    shown.encode()  # a lone surrogate would raise


@given(anything, st.integers(1, 100))
def test_plain_text_is_one_line_that_is_never_empty(text: str, limit: int) -> None:
    line = plain(text, limit)
    assert line
    assert "\n" not in line
    assert units(line) <= limit


def test_clipping_says_that_something_was_cut() -> None:
    assert clip("abcdef", 4) == "abc…"
    assert clip("🔥🔥🔥", 4) == "🔥…"
    assert one_line("a\n\n b\tc") == "a b c"


def test_a_time_is_written_for_each_readers_own_clock() -> None:
    assert moment("2026-03-01T03:12:09.000000Z") == (
        "<!date^1772334729^{date_short_pretty} {time}|2026-03-01 03:12 UTC>"
    )
    assert moment("<!channel>") == "&lt;!channel&gt;"


@pytest.mark.parametrize(
    ("length_s", "said"),
    [(4.2, "4 s"), (89, "89 s"), (840, "14 min"), (7_500, "2 h 5 min"), (7_200, "2 h"), (273_600, "3 d 4 h")],
)
def test_durations_read_as_people_say_them(length_s: float, said: str) -> None:
    assert duration(length_s) == said


def test_the_time_between_what_are_not_times_is_not_said() -> None:
    assert lasted("2026-03-01T03:00:00Z", "2026-03-01T03:14:00Z") == "14 min"
    assert lasted("", "2026-03-01T03:14:00Z") == ""
