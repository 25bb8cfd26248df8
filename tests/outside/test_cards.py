"""In Slack: whoever approves sees every letter, no word pings, and no text becomes an option."""

from __future__ import annotations

import copy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.commands.grammar import take_apart
from bot.commands.outside import _options_and_text
from bot.domain.incident import Incident, IncidentState
from bot.domain.publication import (
    STAGES,
    TEXT_LIMIT,
    Kind,
    Publication,
    PublicationState,
    Stage,
    read_subject,
    read_text,
)
from bot.outside.standing import Standing
from bot.outside.view import PublicationView
from bot.slack.blocks import BUTTON_VALUE, Block
from bot.slack.cards.form_parts import Origin
from bot.slack.cards.outside_forms import edit_line, outside_form, publication_form
from bot.slack.cards.publication import publication_card
from bot.workspace.blocks import check_message_blocks
from bot.workspace.views import check_view
from tests.slack import hostile
from tests.slack.stage import an_incident
from tests.slack.test_cards_legal import accept

hard = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
kinds = st.sampled_from(Kind)
typed = st.one_of(
    hostile.texts,
    st.text('stage=resolved next=none seen=0 subject="x" -- \n“”\'', max_size=120),
    st.text(max_size=400),
)


def plain_of(blocks: list[Block]) -> str:
    found = [block["text"] for block in blocks if block["type"] == "section" and "text" in block]
    return "".join(str(text["text"]) for text in found if text["type"] == "plain_text")


def labels_of(blocks: list[Block]) -> list[str]:
    held = [element for block in blocks for element in block.get("elements", ()) if "value" in element]
    return [str(element["text"]["text"]) for element in held]


def a_text(kind: Kind = Kind.STATUS, **changed: object) -> Publication:
    told: dict[str, object] = {
        "id": 3,
        "incident": 7,
        "kind": kind,
        "stage": STAGES[kind][0],
        "subject": "Belezza is unavailable",
        "text": "Belezza has been unavailable since 03:05 UTC.",
        "next_update_s": 1800,
        "drafted_by": "ana",
    }
    return Publication(**(told | changed))  # type: ignore[arg-type]


def a_view(one: Publication, incident: Incident | None = None, **changed: object) -> PublicationView:
    told: dict[str, object] = {"goes_to": "the public status page", "approvers": "Carla Dias"}
    return PublicationView(one, incident or an_incident(7), **(told | changed))  # type: ignore[arg-type]


@hard
@given(
    kinds,
    hostile.texts,
    hostile.texts,
    st.sampled_from(PublicationState),
    hostile.many,
    hostile.pairs,
    st.data(),
)
def test_every_card_is_legal_and_pings_nobody(
    kind: Kind,
    subject: str,
    text: str,
    state: PublicationState,
    doubts: tuple[str, ...],
    components: tuple[tuple[str, str], ...],
    data: st.DataObject,
) -> None:
    other = data.draw(hostile.texts)
    one = a_text(
        kind, subject=subject, text=text[:TEXT_LIMIT], state=state, said=other, decided_by=other, to=other
    )
    view = a_view(one, goes_to=other, approvers=other, doubts=doubts[:4], components=components[:4])
    accept(publication_card(view, lambda who: f"<!channel> {who}"))


@hard
@given(kinds, st.text(min_size=1, max_size=TEXT_LIMIT), hostile.texts)
def test_whoever_approves_sees_every_letter(kind: Kind, text: str, subject: str) -> None:
    try:
        words, title = read_text(kind, text), read_subject(kind, subject or "x")
    except ValueError:
        return
    card = publication_card(a_view(a_text(kind, text=words, subject=title)))
    assert plain_of(card.blocks) == words


@pytest.mark.parametrize("letter", ["x", "&", "🔥", "word ", "\n\nline"])
def test_the_longest_text_is_shown_whole_with_its_buttons(letter: str) -> None:
    words = read_text(Kind.MAIL, (letter * TEXT_LIMIT)[:TEXT_LIMIT])
    card = publication_card(a_view(a_text(Kind.MAIL, text=words, to="customers@belezza.example")))
    check_message_blocks(copy.deepcopy(card.blocks))
    assert plain_of(card.blocks) == words
    assert labels_of(card.blocks) == ["Approve and send", "Edit…", "Withdraw"]


def test_the_approval_names_the_digest_and_asks_where_it_goes() -> None:
    one = a_text(Kind.MAIL, to="customers@belezza.example")
    card = publication_card(a_view(one, goes_to="customers@belezza.example (mail)"))
    row = next(block for block in card.blocks if block["type"] == "actions")
    approve = row["elements"][0]
    assert approve["value"] == f"publish PUB-3 digest={one.digest}"
    assert len(approve["value"]) <= BUTTON_VALUE
    assert "customers@belezza.example" in approve["confirm"]["text"]["text"]


def test_what_says_less_than_is_known_can_be_edited_and_not_sent() -> None:
    over = an_incident(7, state=IncidentState.RESOLVED, resolved_at="2026-11-23T03:47:00.000000Z")
    assert labels_of(publication_card(a_view(a_text(), over)).blocks) == ["Edit…", "Withdraw"]
    last = a_text(stage=Stage.RESOLVED)
    assert labels_of(publication_card(a_view(last, over)).blocks)[0] == "Approve and send"


@pytest.mark.parametrize("state", [one for one in PublicationState if one is not PublicationState.DRAFT])
def test_what_is_decided_has_no_approval_left(state: PublicationState) -> None:
    card = publication_card(
        a_view(a_text(state=state, job="publication:3", decided_by="carla", said="no key"))
    )
    lines = [str(e.get("value")) for block in card.blocks for e in block.get("elements", ()) if "value" in e]
    assert lines == (["outbound retry publication:3"] if state is PublicationState.REFUSED else [])


@hard
@given(kinds, typed, typed, st.data())
def test_what_is_typed_in_the_form_is_the_text_and_nothing_else(
    kind: Kind, text: str, subject: str, data: st.DataObject
) -> None:
    stage = data.draw(st.sampled_from(STAGES[kind]))
    origin = Origin("edit PUB-3", word=f"{kind.value}:0123456789abcdef")
    given_ = {"text": text, "subject": subject, "stage": stage.value, "next": "15m"}
    line, wrong = edit_line(origin, given_)
    if wrong:
        return
    said = take_apart(line)
    assert said.plain[:2] == ("edit", "PUB-3")
    options, words = _options_and_text(said.after(2))
    assert (options["stage"], options["next"], options["seen"]) == (stage.value, "15m", "0123456789abcdef")
    straight = str.maketrans("“”„‟", '""""')
    assert read_text(kind, words) == read_text(kind, text.translate(straight))
    if kind is not Kind.SOCIAL:
        assert read_subject(kind, options["subject"]).count('"') == 0


@hard
@given(kinds, typed, typed)
def test_every_form_is_legal(kind: Kind, text: str, subject: str) -> None:
    try:
        one = a_text(kind, text=read_text(kind, text), subject=read_subject(kind, subject))
    except ValueError:
        return
    check_view(copy.deepcopy(publication_form(Origin("edit PUB-3", "C1", "1.0"), a_view(one))), "modal")


@pytest.mark.parametrize("promised", [0, 900, 1800, 3600, 7200, 5400])
def test_the_form_shows_what_is_promised(promised: int) -> None:
    view = publication_form(Origin("edit PUB-3"), a_view(a_text(next_update_s=promised)))
    chosen = next(block for block in view["blocks"] if block.get("block_id") == "next")["element"][
        "initial_option"
    ]
    assert chosen["value"] == (f"{promised // 60}m" if promised else "none")


def test_the_form_of_what_to_tell_offers_every_way_and_chooses_the_next() -> None:
    told = a_text(
        state=PublicationState.POSTED,
        stage=Stage.IDENTIFIED,
        decided_at="2026-11-23T03:20:00.000000Z",
        job="publication:3",
    )
    now = Standing(an_incident(7), (told,), "2026-11-23T03:50:00.000000Z")
    view = outside_form(Origin("draft INC-7"), now)
    check_view(copy.deepcopy(view), "modal")
    element = view["blocks"][0]["element"]
    assert len(element["options"]) == 10
    assert element["initial_option"]["value"] == "status identified"
    assert "said identified" in str(view["blocks"][1])


def test_a_form_says_at_its_field_what_cannot_go_out() -> None:
    origin = Origin("edit PUB-3", word="social:0123456789abcdef")
    assert "may have 280" in edit_line(origin, {"text": "y" * 300, "stage": "first"})[1]["text"]
    page = Origin("edit PUB-3", word="status:0123456789abcdef")
    wrong = edit_line(page, {"text": "", "subject": " ", "stage": "identified"})[1]
    assert set(wrong) == {"text", "subject"}
