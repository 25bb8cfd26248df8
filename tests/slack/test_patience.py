"""Something the bot waits for hangs: the person hears so, then gets the answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.slack import reception
from bot.workspace.runner import LocalWorkspace
from tests.slack.stage import Bot, wait_until

ALERTS = "belezza-alerts"


@pytest.fixture
def bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bot]:
    monkeypatch.setattr(reception, "PATIENCE_S", 0.3)
    with LocalWorkspace() as workspace, Bot(workspace, tmp_path / "bot.db") as running:
        yield running.connected()


def test_whoever_waits_long_is_told_so_and_then_gets_the_answer(bot: Bot) -> None:
    """Found at first: while S3 hung, ninety seconds of silence after `/dr backups production`."""
    ana = bot.workspace.person("ana")
    bot.console.gate.clear()
    try:
        assert ana.slash("/dr backups production", ALERTS).ok
        waiting = ana.wait_for_message("Still at `backups`", ALERTS)
        assert waiting.private
        assert "the answer follows" in waiting.words
    finally:
        bot.console.gate.set()
    assert ana.wait_for_message("heard backups production", ALERTS).private


def test_a_quick_answer_is_the_only_one(bot: Bot) -> None:
    ana = bot.workspace.person("ana")
    ana.slash("/dr status", ALERTS)
    ana.wait_for_message("Ready", ALERTS)
    wait_until(lambda: not bot.face.reception.waiting)
    assert len(ana.ephemerals(ALERTS)) == 1
