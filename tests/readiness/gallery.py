"""The board on its three faces, to look at: `python -m tests.readiness.gallery DIRECTORY` saves pictures."""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser
from rich.console import Console
from rich.terminal_theme import MONOKAI

from bot.domain.answer import Answer
from bot.domain.standing import Board
from bot.readiness import verdict
from bot.status_page import draw
from bot.terminal_board import print_board
from bot.workspace.runner import LocalWorkspace
from tests.readiness.boards import BAD_NIGHT, BLIND_EYE, GOOD_DAY
from tests.readiness.test_status_page import TREND
from tests.real.browser import look_at, real_browser
from tests.slack.stage import Bot

NOW = datetime(2026, 11, 23, 3, 12, 41, tzinfo=UTC)
TITLE = "Belezza.ai Disaster Recovery Plan"
HOME = "belezza-alerts"
LATER = NOW + timedelta(hours=6)
BOARDS = (
    ("bad", BAD_NIGHT, NOW),
    ("good", GOOD_DAY, NOW),
    ("old", GOOD_DAY, LATER),
    ("bad-old", BAD_NIGHT, LATER),
    ("blind", BLIND_EYE, NOW),
)


def main() -> None:
    to = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
    to.mkdir(parents=True, exist_ok=True)
    with real_browser() as browser:
        for name, board, now in BOARDS:
            page(browser, board, to, name, now)
            terminal(browser, board, to, name, now)
        with (
            tempfile.TemporaryDirectory() as var,
            LocalWorkspace() as workspace,
            Bot(workspace, Path(var) / "bot.db") as bot,
        ):
            card(browser, workspace, bot, to)
    sys.stdout.write(f"{to}\n")


def page(browser: Browser, board: Board, to: Path, name: str, now: datetime) -> None:
    """The wall in both schemes, a laptop, a phone."""
    sizes = (("wall", 1920, 1080), ("laptop", 1280, 800), ("phone", 390, 844))
    for kind, width, height in sizes:
        for scheme in ("light", "dark"):
            shown = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            shown.set_content(draw(board, now, TITLE, (("Backup restore to staging", TREND),)))
            shown.screenshot(path=to / f"{name}-{kind}-{scheme}.png", full_page=kind != "wall")
            shown.close()


def terminal(browser: Browser, board: Board, to: Path, name: str, now: datetime) -> None:
    console = Console(record=True, width=100, force_terminal=True, file=sys.stderr, highlight=False)
    print_board(console, board, now)
    shown = browser.new_page(viewport={"width": 1300, "height": 900})
    shown.set_content(console.export_svg(title="dr status", theme=MONOKAI))
    shown.screenshot(path=to / f"{name}-terminal.png")
    shown.close()


def card(browser: Browser, workspace: LocalWorkspace, bot: Bot, to: Path) -> None:
    """As one person sees it in the channel, and from App Home."""
    bot.connected()
    said = Answer(verdict(BAD_NIGHT), board=BAD_NIGHT)
    bot.console.execute = lambda line, person, where: said  # type: ignore[method-assign]
    ana = workspace.person("ana")
    channel = workspace.channel_id(HOME)
    ana.slash("/dr status", channel)
    ana.wait_for_message("would fail now", HOME)
    shown = browser.new_page(viewport={"width": 1280, "height": 1100}, device_scale_factor=1.5)
    look_at(shown, f"{workspace.page_url}?as={ana.id}#/{channel}")
    shown.get_by_text("would fail now").first.wait_for()
    shown.wait_for_timeout(700)
    shown.screenshot(path=to / "slack.png")
    shown.close()


if __name__ == "__main__":
    main()
