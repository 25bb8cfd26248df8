"""A line is read the same way whoever typed it, on whatever phone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.grammar import LINE_LIMIT, NO, YES, take_apart, yes_or_no
from bot.domain.answer import UsageError


def test_words_options_and_quotes() -> None:
    words = take_apart('run end-long-queries environment=production note="two words" now')
    assert words.plain == ("run", "end-long-queries", "now")
    assert words.options == {"environment": "production", "note": "two words"}


def test_a_phones_curly_quotes_are_quotes() -> None:
    assert take_apart("declare “checkout is down” sev=1").plain == ("declare", "checkout is down")


def test_free_text_keeps_its_own_form() -> None:
    words = take_apart("note INC-7 pool size=10,  it's fine")
    assert words.after(2) == "pool size=10,  it's fine"


def test_an_apostrophe_is_a_letter() -> None:
    assert take_apart("declare salon's down").plain == ("declare", "salon's", "down")


def test_a_line_too_long_is_refused_by_its_length() -> None:
    with pytest.raises(UsageError, match=str(LINE_LIMIT)):
        take_apart("x" * (LINE_LIMIT + 1))


@given(st.text(max_size=500))
def test_no_line_breaks_it(line: str) -> None:
    words = take_apart(line)
    assert len(words.plain) == len(words.ends)
    assert all(words.line[:end].rstrip() for end in words.ends)


@given(st.text(max_size=200))
def test_reading_twice_reads_the_same(line: str) -> None:
    once = take_apart(line)
    assert take_apart(once.line) == once


@given(st.sampled_from(sorted(YES)) | st.sampled_from(sorted(NO)) | st.text(max_size=12))
def test_yes_is_yes_no_is_no_and_anything_else_is_asked_again(word: str) -> None:
    said = word.strip().lower()
    if said not in YES | NO:
        with pytest.raises(UsageError, match=r"(?s)dry_run=.* says neither yes nor no\. Nothing"):
            yes_or_no({"dry_run": word}, "dry_run")
        return
    assert yes_or_no({"dry_run": word}, "dry_run") is (said in YES)
    assert yes_or_no({"dry_run": word.upper()}, "dry_run") is (said in YES)


def test_what_was_not_said_is_no() -> None:
    assert yes_or_no({"now": "yes"}, "dry_run") is False
