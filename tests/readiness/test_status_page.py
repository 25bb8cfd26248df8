"""`GET /status` on a real server and in a real Chromium: on a wall and on a phone."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, expect

from bot.domain.standing import Board, Light
from bot.drills.chart import TrendPoint, trend_svg
from bot.status_page import StatusPage, draw, even, worded
from bot.store.database import StoreDown
from bot.store.sqlite import SqliteStore
from tests.intake.served import served
from tests.readiness import hostile
from tests.readiness.boards import BAD_NIGHT, BLIND_EYE, GOOD_DAY, just_now, standing
from tests.readiness.served_page import web
from tests.readiness.test_faces import NOW
from tests.real.browser import absent, look_at, real_browser

TREND = trend_svg(
    [TrendPoint(f"DRILL-{n}", f"2026-11-{n:02}T02:10:00Z", 40.0 + n, True) for n in range(1, 20)], 14_400.0
)
SCRIPT = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>"
hard = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def test_where_the_memory_does_not_answer_the_wall_asks_again(store: SqliteStore) -> None:
    def down() -> Board:
        raise StoreDown("the disk is full")

    with served(web(store, StatusPage(down))) as port:
        seen = httpx.get(f"http://127.0.0.1:{port}/status")
    assert (seen.status_code, seen.headers["refresh"]) == (503, "30")
    assert "the disk is full" in seen.json()["error"]


class Tags(HTMLParser):
    """Every tag of a page and every attribute that could run or load something."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.risky: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.risky += [
            name for name, _ in attrs if name.startswith("on") or name in ("src", "srcdoc", "style")
        ]


def tags_of(board: Board, title: str = "") -> Tags:
    found = Tags()
    found.feed(draw(board, NOW, title))
    return found


@hard
@given(hostile.boards)
def test_nothing_that_stands_in_it_becomes_markup(board: Board) -> None:
    """The same lines with harmless words have the very same tags."""

    seen: dict[str, str] = {"": ""}

    def tame(text: str) -> str:
        return seen.setdefault(text, f"x{len(seen)}")

    words = ("component", "why", "helps", "promised", "measured", "label")
    lines = [
        replace(one, **{name: tame(getattr(one, name)) for name in words})  # type: ignore[arg-type]
        for one in board.standings
    ]
    found, plain = tags_of(board, "<b>title"), tags_of(replace(board, standings=tuple(lines)), "title")
    for one in (found, plain):
        del one.tags["wbr"], one.tags["code"]
    assert found.tags == plain.tags
    assert found.risky == []


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if why := absent():
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    with real_browser() as browser:
        yield browser


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1920, "height": 1080})
    yield context.new_page()
    context.close()


def opened(page: Page, store: SqliteStore, board: Board) -> list[str]:
    """The board in the browser; what its console complained of."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    with served(web(store, StatusPage(lambda: board, trends=lambda: (("Restore", TREND),)))) as port:
        look_at(page, f"http://127.0.0.1:{port}/status")
        page.wait_for_load_state("networkidle")
    return said


pytest_chromium = pytest.mark.system("chromium")


@pytest_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_wall_in_both_schemes(page: Page, store: SqliteStore, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    assert opened(page, store, just_now(BAD_NIGHT)) == []
    title = page.get_by_role("heading", level=1)
    expect(title).to_have_text("2 of 9 would fail now")
    assert float(title.evaluate("it => parseFloat(getComputedStyle(it).fontSize)")) >= 60
    assert page.locator("li.tile").count() == 9
    assert page.locator("figure svg").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 1920
    assert contrast_of_all(page) == []


@pytest_chromium
def test_on_a_phone_nothing_is_wider_than_it(page: Page, store: SqliteStore) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    long = standing("long", component="W" * 200, why="x" * 600, promised="p" * 90, helps="run " + "y" * 300)
    board = Board((*BAD_NIGHT.standings, long), BAD_NIGHT.measured_at)
    assert opened(page, store, board) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest_chromium
def test_hostile_words_run_nothing_and_load_nothing(page: Page, store: SqliteStore) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    bad = standing("bad", component=SCRIPT, why=SCRIPT, promised=SCRIPT, measured=SCRIPT, helps=SCRIPT)
    assert opened(page, store, Board((bad,), BAD_NIGHT.measured_at)) == []
    assert page.evaluate("window.hacked") is None
    assert [url for url in asked if not url.startswith("data:")] == asked[:1]


@pytest_chromium
def test_a_page_that_is_no_longer_refreshed_says_so(page: Page, store: SqliteStore) -> None:
    opened(page, store, just_now(GOOD_DAY))
    stale = page.get_by_text("what stands here is old")
    expect(stale).to_be_hidden()
    page.evaluate("document.getAnimations().forEach(it => it.finish())")
    expect(stale).to_be_visible()
    assert page.locator("meta[http-equiv=refresh]").get_attribute("content") == "60"


@pytest.mark.parametrize(
    ("board", "said"),
    [
        (BAD_NIGHT, "2 of 9 would fail now | 8 of 9 measured"),
        (GOOD_DAY, "Nothing would fail now | all 9 measured"),
        (BLIND_EYE, "1 of 9 wants a look | nothing would fail now | 8 of 9 measured, 1 in part"),
        (Board((standing(light=Light.UNKNOWN),)), "Nothing has been measured yet"),
        (replace(GOOD_DAY, standings=(standing(light=Light.UNKNOWN),)), "None of 1 is measured"),
        (Board(()), "The plan names nothing to measure"),
    ],
)
def test_the_headline_is_short_and_the_rest_stands_beside_it(board: Board, said: str) -> None:
    head = draw(board, NOW).partition('<div class="head">')[2].partition("</div>")[0]
    headline, aside = head.split("<aside>")
    notes = [headline, *aside.split("<br>")[1:]]
    bare = [re.sub(r"<[^>]*>|\s+", " ", one).replace("  ", " ").strip() for one in notes]
    assert " | ".join(bare) == said


def test_what_stands_in_backticks_is_code() -> None:
    assert worded("name its `looks` & `a_<b>`") == (
        "name its <code>looks</code> &amp; <code>a_<wbr>&lt;b&gt;</code>"
    )


@pytest_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_measurement_of_six_hours_ago_is_the_headline(page: Page, store: SqliteStore, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    assert opened(page, store, just_now(BAD_NIGHT, ago_s=6 * 3600)) == []
    expect(page.get_by_role("heading", level=1)).to_contain_text("Not measured since")
    expect(page.locator("aside")).to_contain_text("Measured 6 h ago")
    expect(page.locator("aside")).to_contain_text("2 of 9 would have failed then")
    assert page.locator("main li.tile.green h2").all_inner_texts() == ["Backup restore to staging"]
    assert contrast_of_all(page) == []


CONTRAST = (Path(__file__).parent / "contrast.js").read_text().rstrip().rstrip(";")


def contrast_of_all(page: Page) -> list[str]:
    """Every text that is harder to read than 4.5 to 1."""
    found: list[str] = page.evaluate(CONTRAST)
    return found


@pytest_chromium
def test_what_nothing_measures_shares_a_tile_by_its_reason(page: Page, store: SqliteStore) -> None:
    blind = [standing(f"c{n}", Light.UNKNOWN, why="no looks" if n < 3 else "not set") for n in range(4)]
    assert opened(page, store, just_now(Board((standing("a"), *blind)))) == []
    assert page.locator("li.tile").count() == 2
    expect(page.locator("li.wide p.why").first).to_have_text("C0, C1, C2 no looks")
    expect(page.locator("li.wide p.why").last).to_have_text("C3 not set")
    assert page.locator("ul.strip li").count() == 5


@given(st.integers(0, 60), st.booleans(), st.integers(1, 6))
def test_tiles_stand_evenly(tiles: int, last: bool, most: int) -> None:
    across, rest = even(tiles, last, most)
    assert 1 <= across <= max(1, most)
    assert (tiles + rest) % across == 0
    assert 1 <= rest <= across
