"""The list of action items and the digest, to look at: `python -m tests.digest.pictures DIRECTORY`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from bot.action_items import ActionItems
from bot.commands.console import Where
from bot.domain.severity import Severity
from bot.plan.models import DrPlan
from bot.store.outbox import Wanted, want
from bot.store.sqlite import SqliteStore
from bot.workspace.runner import LocalWorkspace
from tests.action_items.faced import ALERTS, Faced
from tests.digest.conftest import SECTIONS, World
from tests.real.browser import look_at, real_browser
from tests.store.conftest import Clock

SETTLE_MS = 800
ITEMS = (
    ("Raise the connection pool to 40 and alert on its wait time", "ana", "2026-11-19"),
    ("Write the runbook for an exhausted pool", "bruno", "2026-11-25"),
    ("Rotate the database password, which was pasted into the channel", "", "2026-11-27"),
    ("Ask the hosting company why their second line was dark", "", ""),
)


def a_week(folder: Path) -> str:
    """A digest with something of everything."""
    clock = Clock()
    store = SqliteStore(folder / "week.db", clock)
    world = World(store, clock, DrPlan.model_validate(SECTIONS))
    for day in range(9, 15):
        world.incident(f"2026-11-{day:02}T10:00:00", over_after=30)
    for day in range(16, 22):
        quiet = world.incident(f"2026-11-{day}T10:00:00", over_after=9, alerts=("HighLatency",))
        world.fired(quiet, "HighLatency", 0, 3, "one")
        world.fired(quiet, "HighLatency", 5, 2, "two")
        long = world.incident(f"2026-11-{day}T14:00:00", Severity.SEV4, over_after=190)
        world.fired(long, "DiskWillFillIn4Hours", 0, 180)
        night = world.incident(f"2026-11-{day}T03:12:00", Severity.SEV2, answered_after=day - 14,
                               over_after=70 + day, title="Connection pool is exhausted",
                               alerts=("PoolExhausted", "ApiErrors"))  # fmt: skip
        world.fired(night, "PoolExhausted", 0, 60)
        world.fired(night, "ApiErrors", 1, 60)
        world.run(f"2026-11-{day}T04:20:00", night.id, action="end-long-queries")
        world.run(f"2026-11-{day}T05:20:00", night.id)
    world.incident("2026-11-20T11:00:00", Severity.SEV1, answered_after=22, over_after=150,
                   title="Database down: bookings fail")  # fmt: skip
    world.incident("2026-11-22T22:00:00")
    ana = world.plan.person("ana")
    assert ana is not None
    clock.now = clock.now.replace(day=16)
    for text, owner, due in ITEMS:
        ActionItems(store, world.plan, clock).add(ana, 7, text, owner, due)
    told = world.digest().markdown
    store.close()
    return told


def take(page: Page, bot: Faced, folder: Path, to: Path) -> None:
    """`items.png` and `digest.png`, as Ana sees them."""
    ana = bot.ana
    person = bot.house.plan.person("ana")
    assert person is not None
    ana.slash("/dr declare Connection pool of the booking API is exhausted sev=3", ALERTS)
    bot.seen("INC-1")
    for number, (text, owner, _) in enumerate(ITEMS * 3):
        line = f"item add INC-1 {text} ({number}) owner={owner or 'none'} due={number % 4 or 'none'}"
        bot.house.console.execute(line + ("d" if number % 4 else ""), person, Where("shell"))
    bot.house.store.write(lambda tx: tx.run("UPDATE action_items SET due = '2026-11-01' WHERE id = 2"))
    ana.slash("/dr items INC-1", ALERTS)
    bot.seen("12 action items are open")
    home = bot.workspace.channel_id(ALERTS)
    look_at(page, f"{bot.workspace.page_url}?as={ana.id}#/{home}")
    page.get_by_text("12 action items").last.wait_for()
    page.wait_for_timeout(SETTLE_MS)
    page.screenshot(path=to / "items.png")
    text = a_week(folder)
    (to / "digest.md").write_text(text)
    bot.house.store.write(lambda tx: want(tx, Wanted("summary:x", "summary", 0, f"#{ALERTS}", payload=text)))
    bot.seen("Weekly digest")
    page.set_viewport_size({"width": 1280, "height": 2000})
    page.get_by_text("See more").last.click()
    page.wait_for_timeout(2 * SETTLE_MS)
    page.get_by_text("Overdue action items").last.scroll_into_view_if_needed()
    page.wait_for_timeout(SETTLE_MS)
    page.screenshot(path=to / "digest.png")


def main() -> None:
    to = Path(sys.argv[1])
    to.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalWorkspace() as workspace,
        Faced(workspace, Path(folder)) as bot,
        real_browser() as browser,
    ):
        page = browser.new_page(viewport={"width": 1280, "height": 1500})
        take(page, bot, Path(folder), to)


if __name__ == "__main__":
    main()
