"""The README's pictures of the board, from the demo: `python -m tests.readiness.pictures [DIRECTORY]`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from bot.demo.story import Cast, cast_of
from bot.demo.world import World, running_world
from tests.real.browser import look_at, real_browser

OUT = Path(__file__).parents[2] / "docs" / "images"
PATIENCE_S = 90.0
SETTLE_MS = 700


def main() -> None:
    """Start the world, hold the restore drill, and take the board on a wall and in the workspace."""
    to = Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="drbot-pictures-") as folder:
        Path(folder).chmod(0o755)
        with running_world(Path(folder), print, page_port=0, bot_port=0) as world, real_browser() as browser:
            take(browser, world, cast_of(world), to)


def take(browser: Browser, world: World, cast: Cast, to: Path) -> None:
    """`status.png` is the page, `status-card.png` the card."""
    cast.ana.slash("/dr backup production", cast.home)
    plan = cast.ana.wait_for_message("Waits for approval", cast.home, PATIENCE_S)
    cast.ana.press(plan, "Approve")
    cast.ana.wait_for_message("Done and verified", cast.home, PATIENCE_S)
    cast.ana.slash("/dr drill restore", cast.home)
    cast.ana.wait_for_message("passed", cast.home, PATIENCE_S)
    cast.ana.slash("/dr status now=yes", cast.home)
    cast.ana.wait_for_message("fail now", cast.home, PATIENCE_S)
    page = browser.new_page(
        viewport={"width": 1440, "height": 900}, device_scale_factor=1.5, color_scheme="dark"
    )
    look_at(page, f"{world.bot_url}/status")
    page.wait_for_timeout(SETTLE_MS)
    page.screenshot(path=to / "status.png", full_page=True)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 980})
    look_at(page, f"{world.page_url}#/{cast.home}")
    page.wait_for_timeout(2 * SETTLE_MS)
    page.screenshot(path=to / "status-card.png")
    page.close()


if __name__ == "__main__":
    main()
