"""Makes the README's pictures from the real workspace: `make screenshots`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from bot.demo.story import Cast, cast_of, play_story
from bot.demo.world import World, running_world
from tests.real.browser import look_at, real_browser
from tests.real.docker import absent as no_engine
from tests.real.docker import belezza_project
from tests.scenarios.people import world_with_an_outside
from tests.scenarios.people_story import Story

OUT = Path(__file__).parents[1] / "docs" / "images"
SETTLE_MS = 700
PEOPLE = ("unanswered", "draft", "status-page")


class Camera:
    """Takes the page as one person sees it."""

    def __init__(self, page: Page, world: World) -> None:
        self._page = page
        self._world = world

    def shoot(self, name: str, at: str, words: str = "") -> None:
        """One picture of a place of the page (`#/C1`, `#/C1/t<ts>`), scrolled to some words."""
        look_at(self._page, f"{self._world.page_url}{at}")
        self._page.wait_for_timeout(SETTLE_MS)
        if words:
            self._page.get_by_text(words).last.evaluate("it => it.scrollIntoView({block: 'start'})")
            self._page.wait_for_timeout(SETTLE_MS)
        self._page.screenshot(path=OUT / f"{name}.png")


def main() -> None:
    """Play the story and take the pictures on the way."""
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="drbot-pictures-") as folder:
        Path(folder).chmod(0o755)
        with running_world(Path(folder), print, page_port=0, bot_port=0) as world, real_browser() as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 1240}, device_scale_factor=1.5)
            _take(Camera(page, world), world, cast_of(world))
    _people()


def _people() -> None:
    """The night in which nobody answers at first, where there is an engine for its service."""
    if missing := no_engine():
        print(f"the pictures of people stay as they are: {missing}")  # noqa: T201 - this is a script
        return
    with (
        belezza_project(replicas=1, services=("api", "nginx")) as belezza,
        world_with_an_outside(belezza) as outside,
        real_browser() as browser,
    ):
        page = browser.new_page(viewport={"width": 1280, "height": 1000}, device_scale_factor=1.5)

        def shoot(name: str) -> None:
            page.wait_for_timeout(SETTLE_MS)
            if name in PEOPLE:
                page.screenshot(path=OUT / f"{name}.png")

        Story(outside, page, shoot).play()


def _take(camera: Camera, world: World, cast: Cast) -> None:
    play_story(world, cast, _on_the_way(camera, cast), pause_s=0.2)
    card = next(one for one in cast.ana.channel(cast.home) if "pool exhausted" in one.words)
    camera.shoot("report", f"#/{cast.home}/t{card.ts}", "Incident Report:")
    camera.shoot("restore", f"#/{cast.home}", "Restore a database from a backup")


def _on_the_way(camera: Camera, cast: Cast) -> Callable[[str], None]:
    """Pictures at the lines of the story where there is something to see."""

    def tell(line: str) -> None:
        print(line)  # noqa: T201 - this is a script
        if "the card is up" in line:
            camera.shoot("card", f"#/{cast.home}")
        if "Bruno reads" in line:
            card = next(one for one in cast.ana.channel(cast.home) if "pool exhausted" in one.words)
            camera.shoot("plan", f"#/{cast.home}/t{card.ts}")

    return tell


if __name__ == "__main__":
    main()
