"""The board as a card and in a terminal: legal and readable, whatever stands in it."""

from __future__ import annotations

import copy
import io
import re
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from rich.cells import cell_len
from rich.console import Console

from bot.domain.answer import Answer
from bot.domain.standing import Board, Light
from bot.readiness import aged
from bot.slack.blocks import Block
from bot.slack.cards.answer import untabled
from bot.slack.cards.board import board_card
from bot.slack.fit import HOME_BLOCKS, fit
from bot.status_page import draw
from bot.terminal import print_answer
from bot.terminal_board import print_board
from bot.workspace.blocks import check_message_blocks
from tests.readiness import hostile
from tests.readiness.boards import BAD_NIGHT, GOOD_DAY, standing
from tests.slack.test_cards_legal import accept

NOW = datetime(2026, 11, 23, 3, 12, 41, tzinfo=UTC)
hard = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


def buttons(blocks: list[Block]) -> list[tuple[str, str, str]]:
    """Label, line and style of each."""
    elements = [one for block in blocks if block["type"] == "actions" for one in block["elements"]]
    return [(one["text"]["text"], one["value"], one.get("style", "")) for one in elements]


def drawn(board: Board, width: int, colour: bool = False, now: datetime = NOW) -> str:
    out = io.StringIO()
    system = "truecolor" if colour else None
    console = Console(file=out, width=width, force_terminal=True, color_system=system, highlight=False)  # type: ignore[arg-type]
    print_board(console, board, now)
    return out.getvalue()


@hard
@given(hostile.boards)
def test_every_board_is_a_legal_card(board: Board) -> None:
    accept(board_card(board))


@hard
@given(hostile.boards)
def test_every_board_is_a_legal_modal(board: Board) -> None:
    """App Home's button shows it there."""
    check_message_blocks(copy.deepcopy(fit(untabled(board_card(board).blocks), HOME_BLOCKS))[:50])


def test_the_card_says_the_verdict_then_each_line_with_its_numbers() -> None:
    card = board_card(BAD_NIGHT)
    assert card.text == "2 of 9 would fail now; 1 is not measured."
    assert card.blocks[0]["text"]["text"] == "🔴 2 of 9 would fail now; 1 is not measured."
    name, why, numbers = card.blocks[1]["text"]["text"].split("\n")
    assert name == "🔴  *PostgreSQL Database*"
    assert why.startswith("belezza_production_20261122_020004 is the newest proven backup")
    hard = numbers.replace("\N{NO-BREAK SPACE}", "~")
    assert hard == "measured *25~h 12~min old*, promised Daily (2 AM UTC) · RPO 1~h"


def test_what_helps_stands_beside_what_it_helps() -> None:
    found = {
        block["text"]["text"].split("*")[1]: block["accessory"]
        for block in board_card(BAD_NIGHT).blocks
        if "accessory" in block
    }
    assert {
        name: (one["text"]["text"], one["value"], one.get("style", "")) for name, one in found.items()
    } == {
        "PostgreSQL Database": ("Back up now", "run back-up-database environment=production", "primary"),
        "S3 Images": ("Look at the bucket", "run look-at-image-bucket environment=production", ""),
        "Recovery Point Objective": ("Check the plan", "plan check", "primary"),
        "Failover simulation": ("Hold the drill", "drill failover-simulation", ""),
    }
    assert [line for _, line, _ in buttons(board_card(GOOD_DAY).blocks)] == ["status now=yes"]


def test_what_is_well_is_small_and_together_and_the_order_is_the_plans() -> None:
    said = [str(block) for block in board_card(BAD_NIGHT).blocks]
    at = [next(n for n, text in enumerate(said) if one.component in text) for one in BAD_NIGHT.standings]
    assert at == sorted(at)
    small = [block for block in board_card(GOOD_DAY).blocks if block["type"] == "context"]
    assert small[0]["elements"][0]["text"].count("🟢") == 6


def test_what_nothing_measures_shares_a_line_where_it_stands_together() -> None:
    blind = [standing(f"c{n}", Light.UNKNOWN, why="nothing measures it yet") for n in range(3)]
    card = board_card(Board((standing("a"), *blind, standing("b")), BAD_NIGHT.measured_at))
    small = card.blocks[1]["elements"][0]["text"].split("\n")
    assert small == [
        "🟢  *A*  ·  as promised",
        "⚪  *C0*, *C1*, *C2*  ·  nothing measures it yet",
        "🟢  *B*  ·  as promised",
    ]


def test_a_board_that_was_never_measured_says_so() -> None:
    board = Board((standing(light=Light.UNKNOWN, why="not measured yet"),), measuring=True)
    said = str(board_card(board).blocks)
    assert "Nothing has been measured yet." in said
    assert "Being measured for the first time" in said


OLD = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)


def test_what_is_too_old_is_called_well_on_no_face() -> None:
    said = "Not measured since 03:12 UTC"
    card = board_card(aged(GOOD_DAY, OLD))
    assert card.blocks[0]["text"]["text"] == f"⚪ {said}."
    assert "🟢  *PostgreSQL Database*" not in str(card.blocks)
    shell = drawn(GOOD_DAY, 100, now=OLD)
    assert shell.startswith(f"○ {said}.  measured 6 h ago")
    assert "● PostgreSQL Database" not in shell
    page = draw(GOOD_DAY, OLD)
    assert re.search(r"<title>(.*)</title>", page)[1] == f"{said}. drbot"  # type: ignore[index]
    assert "fail now" not in page


@pytest.mark.parametrize("width", [40, 60, 80, 100, 160])
def test_the_terminal_is_never_wider_than_a_hundred_columns(width: int) -> None:
    lines = drawn(BAD_NIGHT, width).splitlines()
    assert max(cell_len(line) for line in lines) <= min(width, 100)
    assert lines[0] == "✖ 2 of 9 would fail now; 1 is not measured.  measured 41 s ago"[:width] or width < 64


@hard
@given(hostile.boards)
def test_the_terminal_holds_whatever_stands_in_it(board: Board) -> None:
    assert all(cell_len(line) <= 100 for line in drawn(board, 120).split("\n"))


def test_the_terminal_has_colours_only_where_somebody_sees_them() -> None:
    assert "\x1b[" not in drawn(BAD_NIGHT, 100)
    assert "\x1b[1;31m" in drawn(BAD_NIGHT, 100, colour=True)


def test_each_line_of_the_terminal_tells_what_would_help() -> None:
    said = drawn(BAD_NIGHT, 100)
    assert "  → dr run back-up-database environment=production" in said
    assert "▲ Failover simulation        RTO 1 min 12 s           promised quarterly · RTO 4 h  due" in said


def test_a_pipe_gets_rows_to_search_and_json_the_whole(capsys: pytest.CaptureFixture[str]) -> None:
    answer = Answer(
        "2 of 9 would fail now; 1 is not measured.", data={"board": [{"key": "database"}]}, board=BAD_NIGHT
    )
    print_answer(answer)
    assert capsys.readouterr().out == "2 of 9 would fail now; 1 is not measured.\n"
    print_answer(answer, as_json=True)
    assert '"key": "database"' in capsys.readouterr().out
