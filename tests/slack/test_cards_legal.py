"""Whatever the records hold, every card is legal Block Kit: a strict validator accepts it."""

from __future__ import annotations

import copy
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.answer import Answer
from bot.domain.incident import Incident
from bot.domain.run import Run
from bot.plan.models import OfferedAction
from bot.runbooks.view import WalkView
from bot.slack.blocks import Block, Card
from bot.slack.cards.answer import answer_card
from bot.slack.cards.form_parts import Origin
from bot.slack.cards.forms import (
    add_form,
    approve_form,
    declare_form,
    note_form,
    severity_form,
    skip_form,
)
from bot.slack.cards.incident import incident_card
from bot.slack.cards.lists import digest_card, home
from bot.slack.cards.run import run_card
from bot.slack.cards.walk import walk_card
from bot.slack.scene import Aid
from bot.workspace.blocks import check_message_blocks
from bot.workspace.views import check_view
from tests.slack import hostile

hard = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def accept(card: Card) -> None:
    assert 0 < len(card.text) <= 4_000
    assert_no_ping(card.text)
    check_message_blocks(copy.deepcopy(card.blocks))
    json.dumps(card.blocks).encode()
    for block in card.blocks:
        for text in mrkdwn_of(block):
            assert_no_ping(text)


def mrkdwn_of(block: Block) -> list[str]:
    held = [block.get("text"), *block.get("fields", ()), *block.get("elements", ())]
    return [part["text"] for part in held if isinstance(part, dict) and part.get("type") == "mrkdwn"]


def assert_no_ping(text: str) -> None:
    for mark in ("<!channel", "<!here", "<!everyone", "<@", "<!subteam"):
        assert mark not in text


@hard
@given(
    hostile.incidents, st.lists(hostile.runs, max_size=6), st.lists(hostile.offers, max_size=8), hostile.aids
)
def test_incident_cards(incident: Incident, runs: list[Run], offers: list[OfferedAction], aid: Aid) -> None:
    accept(incident_card(incident, runs, offers, aid=aid))


@hard
@given(hostile.views)
def test_walk_cards(shown: WalkView) -> None:
    accept(walk_card(shown))


@hard
@given(hostile.runs)
def test_run_cards(run: Run) -> None:
    accept(run_card(run))


@hard
@given(hostile.answers)
def test_answers(answer: Answer) -> None:
    accept(answer_card(answer))


@hard
@given(st.lists(hostile.incidents, max_size=200), st.integers(0, 500))
def test_digests(incidents: list[Incident], waiting: int) -> None:
    accept(digest_card(incidents, waiting))


@hard
@given(st.lists(hostile.incidents, max_size=60), st.lists(hostile.runs, max_size=20), hostile.many)
def test_home(incidents: list[Incident], runs: list[Run], disabled: tuple[str, ...]) -> None:
    check_view(home(incidents, runs, disabled), "home")


@hard
@given(st.lists(hostile.incidents, min_size=1, max_size=3), hostile.runs, hostile.texts)
def test_forms(incidents: list[Incident], run: Run, text: str) -> None:
    origin = Origin("note INC-7", "C1", "1.2", "staging")
    first = incidents[0]
    for form in (
        note_form(origin, first.ref, text),
        skip_form(origin, text),
        severity_form(origin, first.ref, first.severity),
        declare_form(origin, text),
        approve_form(origin, run, "staging"),
        add_form(origin, incidents, text),
    ):
        check_view(form, "modal")
