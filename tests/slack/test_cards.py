"""What the cards say and offer, state by state."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.answer import Answer, Exit, Table
from bot.domain.incident import IncidentState
from bot.domain.run import RunState
from bot.domain.severity import Severity
from bot.plan.models import OfferedAction
from bot.slack.blocks import Card
from bot.slack.cards.answer import answer_card
from bot.slack.cards.document import document_blocks, inline
from bot.slack.cards.incident import incident_card
from bot.slack.cards.lists import digest_card
from bot.slack.cards.run import run_card
from bot.workspace.seen import words_of
from tests.slack.stage import OFFER, a_run, an_incident


def buttons(card: Card) -> dict[str, dict[str, Any]]:
    rows = [block["elements"] for block in card.blocks if block["type"] == "actions"]
    return {element["text"]["text"]: element for row in rows for element in row}


def test_a_button_says_a_command_line() -> None:
    said = {
        name: button["value"] for name, button in buttons(incident_card(an_incident(7), (), (OFFER,))).items()
    }
    assert said["Acknowledge"] == "ack INC-7"
    assert said["End long queries"] == "run end-long-queries environment=production incident=INC-7"
    assert said["Resolve"] == "resolve INC-7"


@pytest.mark.parametrize("value", ['say "yes"', "two\nlines", "\x00"])
def test_a_parameter_that_a_line_cannot_carry_gives_no_button(value: str) -> None:
    offer = OfferedAction(action="restart-service", label="Restart", params={"service": value})
    assert "Restart" not in buttons(incident_card(an_incident(7), (), (offer,)))


def test_a_parameter_with_spaces_is_quoted_and_a_too_long_line_is_left_out() -> None:
    spaced = OfferedAction(action="note-it", label="Spaced", params={"text": "half gone"})
    long = OfferedAction(action="note-it", label="Long", params={"text": "x" * 2_000})
    made = buttons(incident_card(an_incident(7), (), (spaced, long)))
    assert made["Spaced"]["value"] == 'run note-it text="half gone" incident=INC-7'
    assert "Long" not in made


def test_a_resolved_incident_folds_to_what_can_do_no_harm() -> None:
    over = an_incident(
        7, state=IncidentState.RESOLVED, resolved_at="2026-03-01T03:26:09.000000Z", resolved_by="ana"
    )
    card = incident_card(over, (a_run(state=RunState.VERIFIED),), (OFFER,))
    assert set(buttons(card)) == {"Report", "Timeline"}
    assert "lasted 14 min" in words_of(card.blocks)
    assert len(card.blocks) == 3


def test_a_run_that_waits_can_be_reviewed_from_the_incidents_card() -> None:
    made = buttons(incident_card(an_incident(7), (a_run(),), ()))
    assert made["Review RUN-12"]["value"] == "show RUN-12"


def test_an_approval_names_the_digest_and_destructive_ones_open_a_form() -> None:
    destructive = buttons(run_card(a_run()))["Approve…"]
    assert destructive["action_id"] == "dr-form:approve"
    assert destructive["value"].endswith(a_run().digest)
    high = buttons(run_card(a_run(risk="high")))["Approve"]
    assert high["action_id"] == "dr:approve"
    assert "customers may notice" in high["confirm"]["text"]["text"]


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        (RunState.PROPOSED, {"Approve…", "Deny", "Cancel"}),
        (RunState.RUNNING, set()),
        (RunState.VERIFIED, {"Undo"}),
        (RunState.EXPIRED, set()),
        (RunState.STOPPED, set()),
    ],
)
def test_a_run_offers_only_what_its_state_allows(state: RunState, offered: set[str]) -> None:
    run = a_run(state=state, undo_until="2026-03-08T00:00:00.000000Z")
    assert set(buttons(run_card(run, now="2026-03-01T04:00:00.000000Z"))) == offered


def test_undo_is_gone_when_its_time_is_over() -> None:
    run = a_run(state=RunState.VERIFIED, undo_until="2026-03-08T00:00:00.000000Z")
    assert not buttons(run_card(run, now="2026-03-09T00:00:00.000000Z"))


def test_ticks_grow_with_the_run_and_a_cross_marks_where_it_broke() -> None:
    running = words_of(run_card(a_run(state=RunState.RUNNING, position=3)).blocks)
    assert (running.count("✓"), running.count("▸"), running.count("○")) == (3, 1, 2)
    stopped = words_of(run_card(a_run(state=RunState.STOPPED, position=3, outcome="the swap failed")).blocks)
    assert (stopped.count("✓"), stopped.count("✗")) == (3, 1)
    assert "the swap failed" in stopped


def test_an_answer_carries_its_exit_its_table_and_its_document() -> None:
    answer = Answer(
        "Not yours to say",
        ("Ask Bruno.",),
        table=Table(("name", "age"), (("a", ""), ("b", "2"))),
        document="# Title\n\n- [ ] open\n- [x] done\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n",
        exit=Exit.REFUSED,
    )
    said = words_of(answer_card(answer).blocks)
    assert said.startswith("⛔")
    for expected in ("Ask Bruno.", "Title", "☐ open", "☑ done", "a  b\n1  2"):
        assert expected in said


def test_a_documents_links_live_only_where_they_lead_to_the_web() -> None:
    (block,) = document_blocks("**bold** [runbook](https://wiki.example/x) [x](javascript:alert) <!channel>")
    assert block["text"]["text"] == (
        "*bold* <https://wiki.example/x|runbook> [x](javascript:alert) &lt;!channel&gt;"
    )


def test_the_digest_names_the_worst_first_within_one_message() -> None:
    many = [an_incident(n, severity=Severity.SEV4 if n % 2 else Severity.SEV1) for n in range(1, 201)]
    card = digest_card(many, waiting=195)
    said = words_of(card.blocks)
    assert len(card.blocks) <= 50
    named = [word for word in said.replace("*", " ").split() if word.startswith("INC-")]
    assert named == [f"INC-{n}" for n in (*range(2, 201, 2), *range(1, 200, 2))], "all of them"
    assert "195 cards on the way" in said


def test_what_markdown_escapes_is_shown_as_itself() -> None:
    shown = inline(r"a \*star\*, \<b\> and **bold**, item 1\.")
    assert shown.replace("\u200b", "") == "a *star*, &lt;b&gt; and *bold*, item 1."
    assert "*star*" not in shown
