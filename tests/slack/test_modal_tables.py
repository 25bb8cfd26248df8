"""A modal takes no tables: what is narrow stands in columns, what is wide is told row by row."""

from __future__ import annotations

from bot.domain.answer import Answer, Table
from bot.slack.cards.answer import answer_card, untabled

WIDE = Table(
    ("state", "component", "measured against promised", "helps"),
    (
        ("🟢 ready", "PostgreSQL Database", "newest proven backup is 94s old, RPO 1h", ""),
        (
            "⚪ not measured",
            "S3 <Images>",
            "promised: Cross-region replication; no measure",
            "backups x",
        ),
    ),
)


def words(table: Table) -> list[str]:
    blocks = untabled(answer_card(Answer("Ready", table=table)).blocks)
    assert all(block["type"] == "section" for block in blocks)
    return [block["text"]["text"] for block in blocks][1:]


def test_a_wide_table_is_told_row_by_row() -> None:
    """Found at first: its columns were broken in the middle, over lines that nobody could follow."""
    assert words(WIDE) == [
        "*🟢 ready  PostgreSQL Database*\nnewest proven backup is 94s old, RPO 1h",
        "*⚪ not measured  S3 &lt;Images&gt;*\npromised: Cross-region replication; no measure\nbackups x",
    ]


def test_a_narrow_one_keeps_its_columns() -> None:
    (text,) = words(Table(("severity", "within"), (("SEV-1", "15 min"), ("SEV-2", "30 min"))))
    assert text.startswith("```")
    assert "SEV-1     15 min" in text
