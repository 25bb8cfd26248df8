"""Which line of the table is told when: pure, and the same for the clock and for whoever asks beforehand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.response import Line, Step, Via, pulled, steps, ways_of, with_or_without_pager
from bot.domain.severity import Severity

MINUTE = 60.0
PLAN = (
    Line("Slack #belezza-alerts", "automated"),
    Line("On-call engineer", "PagerDuty", ("on-call",)),
    Line("Engineering lead", "", ("lead",), Severity.SEV2),
    Line("CTO", "", ("cto",), Severity.SEV1),
)
LEVELS = [level for level in Severity if level is not Severity.NONE]


def told(severity: Severity, response_min: float, lines: tuple[Line, ...] = PLAN) -> list[tuple[str, float]]:
    found = steps(severity, response_min * MINUTE, lines)
    return [(one.tell.split()[0], one.after_s / MINUTE) for one in found]


@pytest.mark.parametrize(
    ("severity", "response_min", "expected"),
    [
        (Severity.SEV1, 15, [("Slack", 0), ("On-call", 0), ("Engineering", 15), ("CTO", 30)]),
        (Severity.SEV2, 30, [("Slack", 0), ("On-call", 0), ("Engineering", 30)]),
        (Severity.SEV3, 240, [("Slack", 0), ("On-call", 120)]),
        (Severity.SEV4, 1440, [("Slack", 0), ("On-call", 720)]),
        (Severity.NONE, 15, []),
    ],
)
def test_the_written_plan(severity: Severity, response_min: float, expected: list[tuple[str, float]]) -> None:
    assert told(severity, response_min) == expected


def test_a_lines_own_time_holds_and_what_follows_is_not_before_it() -> None:
    lines = (PLAN[0], PLAN[1], Line("Engineering lead", "", ("lead",), Severity.SEV2, 40 * MINUTE), PLAN[3])
    assert told(Severity.SEV1, 15, lines)[2:] == [("Engineering", 40), ("CTO", 40)]


def test_a_line_that_says_at_once_is_told_at_once_wherever_it_stands() -> None:
    lines = (*PLAN[:3], Line("CTO", "", ("cto",), Severity.SEV1, 0.0))
    assert told(Severity.SEV1, 15, lines) == [("Slack", 0), ("On-call", 0), ("CTO", 0), ("Engineering", 15)]


def test_an_incident_has_one_page() -> None:
    second = Line("Second on call", "PagerDuty", ("on-call",))
    ways = [one.ways for one in steps(Severity.SEV1, 900.0, (*PLAN[:2], second))]
    assert ways == [(Via.CHANNEL,), (Via.PAGE,), (Via.MAIL, Via.MENTION)]


@pytest.mark.parametrize(
    ("via", "ways"),
    [
        ("automated", (Via.CHANNEL,)),
        ("Slack", (Via.CHANNEL,)),
        (" pagerduty ", (Via.PAGE,)),
        ("", (Via.MAIL, Via.MENTION)),
        ("mail", (Via.MAIL, Via.MENTION)),
        ("carrier pigeon", (Via.MAIL, Via.MENTION)),
    ],
)
def test_the_way_is_the_plans_word(via: str, ways: tuple[Via, ...]) -> None:
    assert ways_of(via) == ways


def test_without_a_pager_there_is_mail_and_a_mention() -> None:
    assert with_or_without_pager((Via.PAGE,), pager=False) == (Via.MAIL, Via.MENTION)
    assert with_or_without_pager((Via.PAGE,), pager=True) == (Via.PAGE,)


lines = st.builds(
    Line,
    st.text(min_size=1, max_size=5),
    st.sampled_from(["automated", "PagerDuty", "", "mail"]),
    st.just(("on-call",)),
    st.none() | st.sampled_from(LEVELS),
    st.none() | st.floats(0, 1e6),
)


@given(st.sampled_from(LEVELS), st.floats(1, 1e6), st.lists(lines, max_size=8))
def test_every_line_that_applies_is_told_once_in_the_order_in_which_it_falls_due(
    severity: Severity, response_s: float, table: list[Line]
) -> None:
    found = steps(severity, response_s, table)
    applies = [n for n, one in enumerate(table) if not one.at_least or one.at_least.rank >= severity.rank]
    assert sorted(one.number for one in found) == applies
    assert list(found) == sorted(found, key=lambda one: (one.after_s, one.number))
    for one in found:
        written = table[one.number].after_s
        assert one.after_s == written if written is not None else one.after_s >= 0


@given(st.sampled_from(LEVELS), st.floats(1, 1e6), st.lists(lines, max_size=8))
def test_without_times_of_their_own_the_tables_order_is_kept(
    severity: Severity, response_s: float, table: list[Line]
) -> None:
    plain = [Line(one.tell, one.via, one.roles, one.at_least) for one in table]
    people = [one.number for one in steps(severity, response_s, plain) if one.ways != (Via.CHANNEL,)]
    assert people == sorted(people)


def test_behind_a_vacant_seat_the_next_is_told_at_once_and_the_one_after_it_in_its_time() -> None:
    lead, cto = (Step(n, t, (), (), s) for n, t, s in ((2, "lead", 900.0), (3, "cto", 1800.0)))
    assert [one.after_s for one in pulled((lead, cto), 0.0)] == [0.0, 1800.0]
    assert pulled((lead, cto), 1000.0) == (lead, cto)
    assert pulled((), 5.0) == ()
