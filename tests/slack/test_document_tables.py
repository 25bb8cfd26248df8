"""A document's tables in Slack: what Markdown escapes or marks reads as plain text in columns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.drills.certificate import _inert
from bot.redact import redact
from bot.slack.cards.document import document_blocks


def shown(markdown: str) -> list[str]:
    """The lines of its one code block, as a person reads them."""
    (block,) = document_blocks(markdown)
    text: str = block["text"]["text"]
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return text.split("\n")[1:-1]


def test_code_and_escapes_leave_nothing_behind() -> None:
    table = (
        "| Entry | Journal | Hash |\n| --- | ---: | --- |\n"
        "| RUN-7 | 12 | `abab` |\n| DRILL-3 | 1240 | `cdcd` |\n"
        "| Backup | – | s3://b/\\`x\\`\\_1\\|2 \\[x] **\\*** a\\\\b |\n"
    )
    assert shown(table) == [
        "Entry    Journal  Hash",
        "RUN-7         12  abab",
        "DRILL-3     1240  cdcd",
        "Backup         –  s3://b/x_1|2 [x] * a\\b",
    ]


def test_a_head_without_names_takes_no_line() -> None:
    assert shown("| | |\n| --- | --- |\n| Asked by | Ana Souza |\n") == ["Asked by  Ana Souza"]


def test_a_link_keeps_its_address() -> None:
    assert (
        shown("| a |\n| --- |\n| [wiki](https://wiki.example/x) |\n")[-1] == "wiki (https://wiki.example/x)"
    )


@given(st.text("ab|\\`*_[]<>#~&-", min_size=1, max_size=12).map(lambda said: f"x{said}x"))
def test_a_cell_of_a_certificate_is_read_as_it_was_said(said: str) -> None:
    """Whatever stands in it stays in its column, and loses nothing but backticks in pairs."""
    cell = _inert(said, 400).replace("|", "\\|")
    row = shown(f"| name | value | end |\n| --- | --- | --- |\n| a | {cell} | z |\n")[-1]
    assert (row[:6], row[-3:]) == ("a     ", "  z")
    assert row[6:-3].strip().replace("`", "") == redact(said).replace("`", "")
