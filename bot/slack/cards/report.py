"""The report as a message: its words, and the buttons for what comes next."""

from __future__ import annotations

from bot.slack.blocks import Block, Card, actions, button, confirm
from bot.slack.cards.document import document_blocks
from bot.slack.fit import fit_card
from bot.slack.text import one_line


def report_card(incident: int, markdown: str, state: str) -> Card:
    """The report; a long one is cut here, and goes up whole as a file beside it. `state` tells the buttons;
    '' is a document of another kind, without any."""
    first = markdown.lstrip("# \n").split("\n")[0]
    buttons = [_buttons(incident, state)] if state else []
    return fit_card(Card(one_line(first, 300), [*document_blocks(markdown), *buttons]))


def _buttons(incident: int, state: str) -> Block:
    ref = f"INC-{incident}"
    edit = button("Edit…", f"report edit {ref}", "edit")
    if state == "draft":
        return actions(edit, button("To review", f"report review {ref}", "review"), name="report")
    if state == "review":
        sure = confirm(
            "Publish it?", "It is frozen from then on; a later edit makes a new version.", "Publish it"
        )
        return actions(
            button("Publish", f"report publish {ref}", "publish", "primary", sure),
            edit,
            button("Back to draft", f"report review {ref} back=yes", "back"),
            name="report",
        )
    return actions(edit, name="report")
