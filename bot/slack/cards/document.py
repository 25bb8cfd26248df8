"""Markdown (a report, the plan) as Block Kit: headings, lists, tables, code; everything else is just text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.slack.blocks import Block, header, section
from bot.slack.text import escape, one_line, units

PARAGRAPH = 2_800
_HEADING = re.compile(r"^(#{1,6})\s+(.*)$")
_ITEM = re.compile(r"^(\s*)[-*+]\s+(?:\[([ xX])\]\s+)?(.*)$")
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_LINK = re.compile(r"\[([^\[\]]{1,200})\]\((https?://[^\s()<>|]{1,1000})\)")
_ESCAPED = re.compile(r"\\(&(?:lt|gt|amp);|[\\`*_{}\[\]()#+\-.!|~<>&])")
_CODE = re.compile(r"`([^`]*)`")
_ALIGNED = re.compile(r":?-{2,}:?")
_RULE = re.compile(r"^\s*(?:-{3,}|\*{3,}|_{3,})\s*$")


def document_blocks(markdown: str) -> list[Block]:
    """Blocks of a Markdown document, in order; may be more than one message takes (`fit` cuts)."""
    blocks: list[Block] = []
    held: list[str] = []

    def let_go() -> None:
        text = "\n".join(held).strip("\n")
        if text.strip():
            blocks.append(section(text))
        held.clear()

    for line in _lines(markdown):
        if isinstance(line, dict):
            let_go()
            blocks.append(line)
            continue
        if sum(units(kept) + 1 for kept in held) + units(line) > PARAGRAPH:
            let_go()
        held.append(line)
    let_go()
    return blocks


def _lines(markdown: str) -> Iterator[str | Block]:
    code: list[str] | None = None
    table: list[str] = []
    for line in markdown.splitlines():
        if line.lstrip().startswith("```"):
            if code is not None:
                yield fenced(code)
            code = [] if code is None else None
        elif code is not None:
            code.append(line)
        elif line.lstrip().startswith("|"):
            table.append(line)
        else:
            if table:
                yield fenced(_table(table))
                table = []
            yield _line(line)
    if table or code:
        yield fenced(_table(table) if table else code or [])


def _line(line: str) -> str | Block:
    if heading := _HEADING.match(line):
        title = _ESCAPED.sub(r"\1", heading.group(2).strip())
        return header(title) if len(heading.group(1)) <= 2 else f"*{one_line(title.replace('**', ''), 300)}*"
    if _RULE.match(line):
        return ""
    if item := _ITEM.match(line):
        indent, box, text = item.groups()
        sign = {None: "•", " ": "☐"}.get(box, "☑")
        return f"{' ' * min(len(indent), 8)}{sign} {inline(text)}"
    if line.startswith(">"):
        return "> " + inline(line.lstrip("> "))
    return inline(line)


def inline(text: str, limit: int = 2_500) -> str:
    """One line of Markdown as mrkdwn: bold and web links live, everything else is escaped."""
    safe = escape(text, limit)
    return _ESCAPED.sub(_literal, _LINK.sub(_link, _BOLD.sub(r"*\1*", safe)))


def _literal(found: re.Match[str]) -> str:
    """A sign that Markdown escapes; a hair space of no width keeps Slack from taking it as its own markup."""
    sign = found.group(1)
    return f"{sign}\u200b" if sign in "*_~`" else sign


def _link(found: re.Match[str]) -> str:
    return f"<{found.group(2)}|{found.group(1).replace('|', '/')}>"


def fenced(lines: list[str]) -> str:
    """Lines as a code block that they cannot leave."""
    inside = escape("\n".join(lines).replace("```", "'''"), PARAGRAPH - 10)
    return f"```\n{inside or ' '}\n```"


def aligned(rows: list[list[str]], numbers: frozenset[int] = frozenset()) -> list[str]:
    """Rows of cells padded into columns, each at most 40 wide; columns of `numbers` stand to the right."""
    width = max((len(row) for row in rows), default=0)
    padded = [row + [""] * (width - len(row)) for row in rows]
    sizes = [min(40, max(len(row[column]) for row in padded)) for column in range(width)]
    return [
        "  ".join(
            cell.rjust(size) if column in numbers else cell.ljust(size)
            for column, (cell, size) in enumerate(zip(row, sizes, strict=True))
        ).rstrip()
        for row in padded
    ]


def _table(lines: list[str]) -> list[str]:
    rows = [_cells(line) for line in lines]
    rules = [row for row in rows if row and all(_ALIGNED.fullmatch(cell) for cell in row)]
    numbers = {at for at, cell in enumerate(rules[0]) if cell.endswith("-:")} if rules else set()
    shown = [[_plain(cell) for cell in row] for row in rows if row not in rules]
    return aligned([row for row in shown if any(row)], frozenset(numbers))


def _cells(line: str) -> list[str]:
    """A row's cells as Markdown; an escaped bar is part of its cell."""
    cells, escaped = [""], False
    for sign in line.strip().removeprefix("|"):
        if sign == "|" and not escaped:
            cells.append("")
        else:
            cells[-1] += sign
        escaped = sign == "\\" and not escaped
    found = [cell.strip() for cell in cells]
    return found if found[-1] or len(found) == 1 else found[:-1]


def _plain(cell: str) -> str:
    """A cell in letters of one width: bold and code have no marks there, a link says where it leads."""
    bare = _LINK.sub(r"\1 (\2)", _BOLD.sub(r"\1", cell))
    return _CODE.sub(r"\1", _ESCAPED.sub(r"\1", bare))
