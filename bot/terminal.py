"""An answer for a shell: text for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.table import Table as RichTable

from bot.domain.answer import Answer, Exit
from bot.printable import printable, printable_json, printable_line
from bot.terminal_board import print_board

# A pipe has no width of its own: rows stay rows for grep.
PIPE_WIDTH = 400
_MARKS = {
    Exit.DONE: "",
    Exit.FAILED: "[red]✗[/] ",
    Exit.USAGE: "[yellow]?[/] ",
    Exit.REFUSED: "[yellow]✋[/] ",
}


def print_answer(answer: Answer, as_json: bool = False) -> None:
    """Write the answer to standard output; wrong usage and refusals to standard error.

    A document that goes into a file or a pipe goes there alone, so that what was redirected is the document
    and nothing else; the words about it go to standard error.
    """
    if as_json:
        told = {"title": answer.title, "lines": list(answer.lines), "exit": int(answer.exit), **answer.data}
        sys.stdout.write(printable_json(json.dumps(told, ensure_ascii=False, indent=2)) + "\n")
        return
    alone = bool(answer.document) and not Console().is_terminal
    console = Console(stderr=alone or answer.exit in (Exit.USAGE, Exit.REFUSED), highlight=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    if answer.board and console.is_terminal:
        print_board(console, answer.board, datetime.now(UTC))
        return
    console.print(_MARKS.get(answer.exit, "") + f"[bold]{_marked(answer.title)}[/]", soft_wrap=True)
    for line in answer.lines:
        console.print(f"  {_marked(line)}", soft_wrap=True)
    if answer.table:
        _print_table(console, answer)
    if answer.document:
        _print_document(console, answer.document, alone)


def _marked(text: str) -> str:
    """One line that rich takes as words and a terminal as letters, whoever chose them."""
    return escape(printable_line(text))


def _print_table(console: Console, answer: Answer) -> None:
    table = answer.table
    if table is None:
        return
    drawn = RichTable(box=None, pad_edge=False, header_style="dim")
    for column in table.columns:
        drawn.add_column(_marked(column), overflow="fold")
    for row in table.rows:
        drawn.add_row(*map(_marked, row))
    console.print(drawn)


def _print_document(console: Console, document: str, alone: bool) -> None:
    """Markdown drawn for a person, and left as it is for a pipe."""
    document = printable(document)
    if alone:
        sys.stdout.write(document.rstrip() + "\n")
    else:
        console.print(Markdown(document))
