"""A reopened incident's card: since when it is back, and nothing of before as if it were of now."""

from __future__ import annotations

from bot.domain.run import Run, RunState
from bot.runbooks.findings import Finding
from bot.slack.cards.incident import incident_card
from bot.slack.scene import Aid
from bot.workspace.seen import words_of
from tests.slack.stage import a_run, an_incident

OPENED, LOOKED, ENDED = "2026-03-01T21:55:00Z", "2026-03-01T21:55:20Z", "2026-03-01T21:57:00Z"
REOPENED, SINCE = "2026-03-01T22:00:00Z", "2026-03-01T22:00:30Z"
BEFORE = Finding("Pool", "40 of 40 in use", True, 3, LOOKED)


def card(runs: tuple[Run, ...] = (), *findings: Finding, reopened_at: str = REOPENED) -> str:
    aid = Aid(findings=findings, reopened_at=reopened_at)
    return words_of(incident_card(an_incident(1, opened_at=OPENED), runs, (), aid=aid).blocks)


def ended(number: int, at: str) -> Run:
    return a_run(number, title="End long queries", state=RunState.VERIFIED, ended_at=at, outcome="3 ended")


def test_it_says_when_it_came_back_and_when_it_first_began() -> None:
    said = card()
    assert "|2026-03-01 22:00 UTC>*, first opened <!date" in said
    assert "*reopened <!date" in said
    assert "since <!date" in card(reopened_at="")


def test_a_look_of_before_says_that_it_is_and_gives_way_to_one_since() -> None:
    assert "21:55 UTC>, _before it reopened_" in card((), BEFORE)
    since = Finding("Pool", "12 of 40 in use", False, 5, SINCE)
    said = card((), BEFORE, since)
    assert "before it reopened" not in said
    assert ("12 of 40" in said, "40 of 40" in said) == (True, False)
    assert "before it reopened" not in card((), BEFORE, reopened_at="")


def test_a_run_that_ended_before_has_no_tick_of_now() -> None:
    said = card((ended(4, ENDED), ended(6, SINCE)))
    assert "◻️  _Before it reopened:_ *RUN-4* End long queries: 3 ended" in said
    assert "✅  *RUN-6* End long queries: 3 ended" in said
    assert "✅  *RUN-4*" not in said
    assert "✅  *RUN-4*" in card((ended(4, ENDED),), reopened_at="")
