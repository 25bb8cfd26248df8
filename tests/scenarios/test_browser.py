"""A person at the page: the demo's buttons pressed in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Page, expect

from bot.demo.plan import END_QUERIES
from bot.demo.story import Cast, open_card
from bot.demo.world import World
from tests.real.browser import absent, look_at, real_browser

pytestmark = [
    pytest.mark.xdist_group("world"),
    pytest.mark.timeout(240),
    pytest.mark.skipif(bool(absent()), reason=absent()),
]
PATIENCE_MS = 60_000


@pytest.fixture
def page(world: World) -> Iterator[Page]:
    with real_browser() as browser:
        opened = browser.new_page(viewport={"width": 1280, "height": 900})
        opened.set_default_timeout(PATIENCE_MS)
        yield opened


def test_the_pool_is_freed_by_clicks_of_two_people(world: World, cast: Cast, page: Page) -> None:
    world.break_pool()
    card = cast.ana.wait_for(lambda: open_card(cast), 60).ts
    look_at(page, f"{world.page_url}?as=ana#/{cast.home}")
    page.get_by_role("button", name=END_QUERIES).last.click()
    look_at(page, f"{world.page_url}?as=bruno#/{cast.home}/t{card}")
    page.get_by_role("button", name="Approve", exact=True).last.click()
    _accept(page)
    expect(page.get_by_text("Done and verified").last).to_be_visible(timeout=PATIENCE_MS)


def test_hostile_words_stay_words(world: World, cast: Cast, page: Page) -> None:
    hostile = "<img src=x onerror=alert(1)> <!channel> {{7*7}} &amp; \u202egnp.exe"
    labels = {"alertname": "DiskSlow", "job": "host", "env": "staging", "instance": hostile}
    body = {
        "version": "4",
        "status": "firing",
        "receiver": "drbot",
        "groupKey": "{}",
        "alerts": [
            {
                "status": "firing",
                "labels": labels,
                "annotations": {"summary": f"Disk slow {hostile}"},
                "startsAt": "2026-11-23T03:00:00Z",
                "fingerprint": "badbadbadbadbad0",
            }
        ],
    }
    token = {"Authorization": f"Bearer {world.token}"}
    requests.post(
        f"{world.bot_url}/webhooks/alertmanager", json=body, headers=token, timeout=10
    ).raise_for_status()
    look_at(page, f"{world.page_url}?as=ana#/{cast.home}")
    expect(page.get_by_text("onerror=alert(1)").last).to_be_visible(timeout=PATIENCE_MS)
    assert page.locator("img[src='x']").count() == 0


def _accept(page: Page) -> None:
    """Say yes to Slack's own question where the button asks one."""
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    dialog.get_by_role("button").last.click()
