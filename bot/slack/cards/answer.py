"""Any answer of any verb as a message."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.answer import Answer, Exit, Table
from bot.slack.blocks import SECTION_TEXT, Block, Card, actions, button, context, form_button, section
from bot.slack.cards.document import aligned, document_blocks, fenced
from bot.slack.fit import fit_card
from bot.slack.text import clean, one_line, plain, units

LINES_SHOWN = 30
ROWS_SHOWN = 50
COLUMNS_SHOWN = 12
CELL = 200
# How many letters of one width fit a modal's line, and what names a row where they do not.
MODAL_COLUMNS = 60
HEAD_CELLS = 2
NOTHING = "–"
BUTTONS, ROW = 25, 5
# Longer documents go up as a file; below this they are read in place.
DOCUMENT_IN_PLACE = 9_000
_SIGN = {Exit.FAILED: "❌  ", Exit.REFUSED: "⛔  ", Exit.USAGE: "💬  ", Exit.NOT_APPROVED: "⌛  "}


def answer_card(answer: Answer, beside: Card | None = None) -> Card:
    """The answer's words, table and document; `beside` is the card of the thing it names, under them."""
    title = f"{_SIGN.get(answer.exit, '')}*{one_line(answer.title, 600)}*"
    blocks = [section(title)]
    lines = _first_lines(answer.lines)
    if lines:
        blocks.append(section("\n".join(lines)))
    if len(answer.lines) > len(lines):
        blocks.append(context(f"and {len(answer.lines) - len(lines)} more lines: ask in the shell."))
    if answer.table and answer.table.rows:
        blocks += table_blocks(answer.table)
    if answer.document:
        blocks += document_blocks(answer.document)
    blocks += _buttons(answer)
    if beside:
        blocks += beside.blocks
    return fit_card(Card(one_line(answer.title, 600), blocks))


def _buttons(answer: Answer) -> list[Block]:
    """The buttons under the words, five in a row: the lines that they say, and the forms that they open."""
    made = [
        button(label, line, f"press:{number}", "primary" if number == 0 else "")
        for number, (label, line) in enumerate(answer.presses[:BUTTONS])
    ]
    made += [
        form_button(label, line, f"{name}:{number}")
        for number, (label, line, name) in enumerate(answer.forms[: BUTTONS - len(made)])
    ]
    return [actions(*made[begin : begin + ROW]) for begin in range(0, len(made), ROW)]


def _first_lines(lines: Sequence[str]) -> list[str]:
    shown, room = [], SECTION_TEXT
    for line in lines[:LINES_SHOWN]:
        written = one_line(line, 500)
        room -= units(written) + 1
        if room < 0:
            break
        shown.append(written)
    return shown


def table_blocks(table: Table) -> list[Block]:
    """Slack's own table, and a line saying how many rows are not shown."""
    columns = table.columns[:COLUMNS_SHOWN]
    rows = [[_cell(name) for name in columns]]
    for row in table.rows[:ROWS_SHOWN]:
        padded = (*row[: len(columns)], *("",) * (len(columns) - len(row)))
        rows.append([_cell(cell) for cell in padded])
    blocks: list[Block] = [{"type": "table", "rows": rows}] if columns else []
    hidden = len(table.rows) - ROWS_SHOWN
    return [*blocks, context(f"and {hidden} more rows: ask in the shell.")] if hidden > 0 else blocks


def _cell(text: str) -> Block:
    return {"type": "raw_text", "text": plain(clean(text), CELL)}


def untabled(blocks: list[Block]) -> list[Block]:
    """The same for a modal, which takes no tables: text in columns where they fit it, else row by row."""
    made: list[Block] = []
    for block in blocks:
        made += _columns_or_rows(block["rows"]) if block["type"] == "table" else [block]
    return made


def _columns_or_rows(rows: list[list[Block]]) -> list[Block]:
    cells = [[str(cell["text"]) for cell in row] for row in rows]
    lines = aligned(cells)
    if max(map(len, lines), default=0) <= MODAL_COLUMNS:
        return [section(fenced(lines))]
    return [section(_row_text(row)) for row in cells[1:]]


def _row_text(row: list[str]) -> str:
    """What a row is about in bold, and under it what it says."""
    said = [one_line(cell, CELL) for cell in row if cell != NOTHING]
    head, rest = said[:HEAD_CELLS], said[HEAD_CELLS:]
    return "\n".join([f"*{'  '.join(head)}*", *rest])


def is_long(answer: Answer) -> bool:
    """Whether the document should go up as a file, with the words beside it."""
    return len(answer.document) > DOCUMENT_IN_PLACE
