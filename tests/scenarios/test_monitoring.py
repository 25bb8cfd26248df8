"""No stand-in on the way: Prometheus sees it, Alertmanager tells it, a button ends it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.demo.plan import END_QUERIES
from bot.demo.story import Cast, open_card
from bot.demo.world import World
from bot.workspace.seen import SeenMessage
from tests.real import alertmanager, prometheus

ABSENT = alertmanager.absent() or prometheus.absent()
pytestmark = [
    pytest.mark.xdist_group("world"),
    pytest.mark.timeout(240),
    pytest.mark.skipif(bool(ABSENT), reason=ABSENT),
]


def test_a_real_monitor_sees_the_pool_run_dry_and_recover(world: World, cast: Cast, tmp_path: Path) -> None:
    webhook = f"{world.bot_url}/webhooks/alertmanager"
    service = urlsplit(world.service_url).netloc
    cast.ana.wait_for(lambda: open_card(cast) is None, 60)  # an earlier night's is over
    with (
        alertmanager.real_alertmanager(tmp_path / "am", webhook, world.token) as notifier,
        prometheus.real_prometheus(tmp_path / "prom", service, urlsplit(notifier.url).netloc),
        world.monitor.paused(),
    ):
        world.break_pool()
        card = cast.ana.wait_for(lambda: open_card(cast), 60)
        assert cast.ana.press(card, END_QUERIES).ok
        plan = cast.bruno.wait_for(lambda: _plan(cast, card), 30)
        assert cast.bruno.press(plan, "Approve").ok
        assert cast.ana.wait_for(lambda: _over(cast, card), 60)


def _plan(cast: Cast, card: SeenMessage) -> SeenMessage | None:
    for message in reversed(cast.bruno.thread(cast.home, card.ts)):
        if "Approve" in message.buttons:
            return message
    return None


def _over(cast: Cast, card: SeenMessage) -> bool | None:
    now = next(one for one in cast.ana.channel(cast.home) if one.ts == card.ts)
    return "resolved" in now.words.lower() or None
