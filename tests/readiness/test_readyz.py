"""A board that cannot be measured is told where machines ask, too."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.app import _checks
from bot.house import build
from bot.settings import Settings
from tests.commands.test_switchboard import without_far_looks
from tests.readiness.measured import until


def test_readyz_names_a_board_that_cannot_be_measured(tmp_path: Path) -> None:
    house = build(Settings(without_far_looks(tmp_path), f"sqlite:///{tmp_path / 'drbot.db'}"))
    loop = asyncio.new_event_loop()
    try:
        board = _checks(house, None, loop)["board"]
        assert board() == ""
        object.__setattr__(house.readiness._watching, "measure", _breaks)
        house.readiness.start()
        until(board)
        assert board() == "The board could not be measured (RuntimeError): see the bot's log"
    finally:
        house.readiness.stop()
        house.close()
        loop.close()


def _breaks() -> None:
    raise RuntimeError("a look that nobody foresaw")
