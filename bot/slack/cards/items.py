"""Action items as a list: each with what is left of its time, and the button that ends it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.action_item import ItemLine, ItemState
from bot.domain.answer import Answer
from bot.slack.blocks import Block, Card, actions, button, context, section
from bot.slack.fit import fit_card
from bot.slack.text import channels_linked, counted, one_line

SHOWN = 10
NAMED = 25
TEXT = 300
_SIGN = {ItemState.OPEN: "☐", ItemState.DONE: "☑", ItemState.DROPPED: "✕"}


def items_card(said: Answer) -> Card:
    """The answer's words, the first ten items with their buttons, the next by a line, its own buttons."""
    title = one_line(said.title, 600)
    blocks = [section(f"*{title}*")]
    blocks += [section(_line(item), _done(item)) for item in said.items[:SHOWN]]
    rest = said.items[SHOWN:]
    if rest:
        blocks.append(section("\n".join(_short(item) for item in rest[:NAMED])))
    if len(rest) > NAMED:
        more = counted(len(rest) - NAMED, "more item")
        blocks.append(context(f"and {more}: `/dr items INC-…` or `/dr items owner=me` lists fewer."))
    if said.lines:
        blocks.append(section("\n".join(channels_linked(one_line(line, 400)) for line in said.lines[:12])))
    blocks += press_row(said.presses)
    return fit_card(Card(title, blocks))


def press_row(presses: Sequence[tuple[str, str]]) -> list[Block]:
    """The buttons that an answer asks for, none where it asks for none."""
    made = [
        button(label, line, f"press:{number}", "primary" if number == 0 else "")
        for number, (label, line) in enumerate(presses[:5])
    ]
    return [actions(*made)] if made else []


def _line(item: ItemLine) -> str:
    late = "⚠️ " if item.overdue else ""
    about = (
        f"{item.ref}  ·  {one_line(item.owner, 60)}  ·  {late}{one_line(item.due, 60)}  ·  {item.incident}"
    )
    return f"{_SIGN[item.state]}  *{one_line(item.text, TEXT)}*\n{about}"


def _done(item: ItemLine) -> Block | None:
    if item.state is not ItemState.OPEN:
        return None
    return button("Done", f"item done {item.ref}", f"item:{item.ref}")


def _short(item: ItemLine) -> str:
    return f"{_SIGN[item.state]}  {item.ref}  {one_line(item.text, 80)}  ({one_line(item.due, 40)})"
