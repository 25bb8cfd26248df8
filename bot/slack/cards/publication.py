"""The card of a text for the outside: the words as they will appear, where they go, and who lets them out."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.publication import Kind, Publication, PublicationState
from bot.outside.view import PublicationView
from bot.outside.words import too_late
from bot.slack.blocks import (
    CONFIRM_TEXT,
    SECTION_TEXT,
    Block,
    Card,
    actions,
    button,
    confirm,
    context,
    divider,
    facts,
    form_button,
    header,
    section,
)
from bot.slack.cards.words import Namer, as_written
from bot.slack.fit import fit_card
from bot.slack.text import clean, code, duration, moment, one_line, plain, units

SIGN = {Kind.STATUS: "📣", Kind.MAIL: "✉️", Kind.SOCIAL: "💬"}
TITLE = {Kind.STATUS: "Status page", Kind.MAIL: "Mail to customers", Kind.SOCIAL: "Social post"}
DIGEST_SHOWN = 8


def publication_card(view: PublicationView, name: Namer = as_written) -> Card:
    """The one message of a publication, edited in place. What is withdrawn folds to a line."""
    one = view.publication
    said = f"{one.ref} {TITLE[one.kind]}, {one.stage.value}"
    if one.state is PublicationState.WITHDRAWN:
        by = one_line(name(one.decided_by), 60)
        return fit_card(
            Card(f"{said}: withdrawn", [context(f"{said} was withdrawn by {by}. Nothing was sent.")])
        )
    blocks = [
        header(f"{SIGN[one.kind]} {TITLE[one.kind]}: {one.stage.value}"),
        *([section(f"⚠️  *{one_line(view.by_hand, 500)}*")] if _cannot(view) else []),
        facts(_facts(view, name)),
        divider(),
        *_words(one),
        divider(),
        *[section(f"⚠️  {one_line(doubt, 400)}") for doubt in view.doubts if _waits(one)],
        *_buttons(view),
        context("  ·  ".join(_small_print(view, name))),
    ]
    return fit_card(Card(f"{said}: {_state(view, name, plainly=True)}", blocks))


def _facts(view: PublicationView, name: Namer) -> list[tuple[str, str]]:
    one = view.publication
    rows = [("Goes to", one_line(view.goes_to, 200)), ("State", _state(view, name))]
    if view.components:
        shown = [f"{one_line(title, 80)}: {one_line(state, 40)}" for title, state in view.components]
        rows.append(("Component", "\n".join(shown)))
    if one.kind is Kind.STATUS and not one.stage.ends and _waits(one):
        promised = (
            f"{duration(one.next_update_s)} after it is approved" if one.next_update_s else "not promised"
        )
        rows.append(("Next update", promised))
    return rows


def _state(view: PublicationView, name: Namer, plainly: bool = False) -> str:
    one = view.publication
    if _waits(one):
        return f"{'waits' if plainly else 'Waits'} for {one_line(view.approvers, 200)}"
    by = f"approved by {one_line(name(one.decided_by), 60)}"
    if one.state is PublicationState.APPROVED:
        return f"{by}, on its way" if plainly else f"🔄 A{by[1:]}, on its way"
    if one.state is PublicationState.POSTED:
        return f"posted, {by}" if plainly else f"✅ Posted {moment(one.ended_at, '{time}')}, {by}"
    if one.state is PublicationState.REFUSED:
        return f"❌ Not posted: {one_line(one.said, 300)}"
    return f"❓ Nobody can say whether it arrived: {one_line(one.said, 300)}"


def _words(one: Publication) -> Iterator[Block]:
    """Subject and text letter by letter: plain text, in which Slack reads no markup and pings nobody."""
    if one.subject:
        yield section(f"*{one_line(one.subject, 300)}*")
    for part in _parts(clean(one.text), SECTION_TEXT - 10):
        yield {"type": "section", "text": {"type": "plain_text", "text": part, "emoji": False}}


def _parts(text: str, limit: int) -> Iterator[str]:
    """The whole text in pieces that a block takes, cut between words where there are any."""
    while units(text) > limit:
        kept = text[: limit // 2]
        cut = max(kept.rfind("\n"), kept.rfind(" ")) + 1 or len(kept)
        yield text[:cut]
        text = text[cut:]
    yield text


def _cannot(view: PublicationView) -> bool:
    """Whether it waits, or came back, while its way is not set up."""
    return bool(view.by_hand) and view.publication.state in (PublicationState.DRAFT, PublicationState.REFUSED)


def _waits(one: Publication) -> bool:
    return one.state is PublicationState.DRAFT


def _buttons(view: PublicationView) -> list[Block]:
    one = view.publication
    if one.state is PublicationState.REFUSED:
        return [actions(button("Send again", f"outbound retry {one.job}", "again"), name="decide")]
    if not _waits(one):
        return []
    return [
        actions(
            None if too_late(view.incident, one) else approve_button(view),
            form_button("Edit…", f"edit {one.ref}", "publication"),
            button("Withdraw", f"withdraw {one.ref}", "withdraw"),
            name="decide",
        )
    ]


def approve_button(view: PublicationView) -> Block:
    """Approve what is shown, by its digest; the question says what speaks against it, and where it goes."""
    one = view.publication
    if view.by_hand:
        sure = confirm(f"{one.ref} cannot be sent from here", plain(view.by_hand, CONFIRM_TEXT), "Try it")
    else:
        goes = f"It goes to {plain(view.goes_to, 80)}, exactly as it stands here, and cannot be taken back."
        against = plain(" ".join(view.doubts), CONFIRM_TEXT - len(goes) - 1) if view.doubts else ""
        sure = confirm(f"Send {one.ref} outside?", f"{against} {goes}".strip(), "Send it")
    return button("Approve and send", f"publish {one.ref} digest={one.digest}", "publish", "primary", sure)


def _small_print(view: PublicationView, name: Namer) -> list[str]:
    one = view.publication
    parts = [f"*{one.ref}*", view.incident.ref, f"drafted by {one_line(name(one.drafted_by), 60)}"]
    if one.edited_by:
        parts.append(f"edited by {one_line(name(one.edited_by), 60)}, {moment(one.edited_at, '{time}')}")
    return [*parts, f"text {code(one.digest[:DIGEST_SHOWN], 12)}"]
