"""The digest as it is read: for nothing at all, for far too much, and for names that mean harm."""

from __future__ import annotations

import copy
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digest.figures import Figures, LateAnswer, Times
from bot.digest.noise import Noise
from bot.digest.period import holding, last_whole, named
from bot.digest.standing import Standing, Waiting
from bot.digest.words import digest_markdown
from bot.domain.severity import Severity
from bot.slack.blocks import Card
from bot.slack.cards.document import document_blocks
from bot.slack.fit import fit_card
from bot.workspace.blocks import check_message_blocks
from tests.slack.test_cards_legal import assert_no_ping, mrkdwn_of

WEEK = named("2026-W47", UTC)
HOSTILE = "<!channel> *bold* ~x~ ``` | ` [a](http://evil.example) \n# Title\n- x " + "y" * 10_000


def card(markdown: str) -> Card:
    """As the channel is shown it."""
    return fit_card(Card("x", document_blocks(markdown)))


def full(name: str) -> Figures:
    """As much as a digest ever says, of hostile names."""
    late = LateAnswer("INC-7", name, Severity.SEV1, 1200.0, 900.0, answered=True)
    noise = Noise(name, 5000, 900, 5000, 5000, 0, 60.0, 120.0, Severity.SEV3)
    return Figures(500, 480, 3, (), Times(), (late,) * 5, 12, (noise,) * 5, ())


def waiting(name: str) -> Standing:
    things = (Waiting("AI-3", name, name),) * 5
    return Standing(900, things, 40, things, 40, things)


@pytest.mark.parametrize("name", [HOSTILE, "HighLatency", "", "a" * 200, "`x`", "**b**", "||"])
def test_whatever_it_names_it_is_one_message_that_calls_nobody(name: str) -> None:
    markdown = digest_markdown(WEEK, full(name), waiting(name))
    assert len(markdown) < 11_000
    made = card(markdown)
    check_message_blocks(copy.deepcopy(made.blocks))
    for block in made.blocks:
        for text in mrkdwn_of(block):
            assert_no_ping(text)
            assert "<http" not in text
    assert "shortened to what Slack can show" not in str(made.blocks)


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=400))
def test_a_name_stays_on_its_line(name: str) -> None:
    markdown = digest_markdown(WEEK, full(name), waiting(name))
    headings = [line for line in markdown.splitlines() if line.startswith("#")]
    assert headings == [
        "# Weekly digest, 16 to 22 November 2026",
        "### Late answers",
        "### Noisiest alerts",
        "### Overdue action items",
        "### Action items that nobody has, or without a day",
        "### Drills that are due",
    ]
    check_message_blocks(copy.deepcopy(card(markdown).blocks))


def test_periods() -> None:
    monday = datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert last_whole("weekly", monday) == WEEK
    assert (WEEK.name, WEEK.days) == ("2026-W47", "16 to 22 November 2026")
    assert last_whole("monthly", monday).name == "2026-10"
    assert holding("monthly", monday).days == "November 2026"
    assert named("2026w47", UTC) == WEEK
    new_year = named("2026-W53", UTC)
    assert new_year.days == "28 December 2026 to 3 January 2027"
    assert named("2026-W49", UTC).days == "30 November to 6 December 2026"
    for wrong in ("2026-W54", "2026-13", "last", "2026", "0000-W01", "2026-W00"):
        with pytest.raises(ValueError, match="write 2026-W47 or 2026-11"):
            named(wrong, UTC)


@given(st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.timezones()))  # noqa: DTZ001
def test_every_moment_lies_in_its_period(moment: datetime) -> None:
    for kind in ("weekly", "monthly"):
        period = holding(kind, moment)
        assert period.begins.date() <= moment.date() < period.ends.date()
        assert period.before.ends == period.begins
        assert named(period.name, moment.tzinfo or UTC) == period
