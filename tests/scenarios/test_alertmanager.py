"""A real Alertmanager tells the bot: firing, again, and over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.demo.story import Cast
from bot.demo.world import World
from tests.real.alertmanager import Alertmanager, absent, real_alertmanager

pytestmark = [pytest.mark.xdist_group("world"), pytest.mark.skipif(bool(absent()), reason=absent())]
LABELS = {
    "alertname": "RedisMemoryFillingUp",
    "job": "redis",
    "env": "production",
    "severity": "warning",
    "instance": "belezza-redis-prod",
}
ANNOTATIONS = {"summary": "Redis memory above 90 %", "description": "evictions begin soon"}


@pytest.fixture
def alertmanager(world: World, tmp_path: Path) -> Iterator[Alertmanager]:
    with real_alertmanager(tmp_path, f"{world.bot_url}/webhooks/alertmanager", world.token) as running:
        yield running


def test_firing_repeat_and_resolve_are_one_card(alertmanager: Alertmanager, cast: Cast) -> None:
    alertmanager.alert(LABELS, ANNOTATIONS)
    card = cast.ana.wait_for_message("Redis memory above 90", cast.home, 30)
    alertmanager.alert(LABELS, ANNOTATIONS)
    alertmanager.resolve(LABELS)

    def over() -> bool | None:
        seen = [one for one in cast.ana.channel(cast.home) if "Redis memory above 90" in one.words]
        found = [one for one in seen if one.body.get("subtype") != "thread_broadcast"]
        assert [one.ts for one in found] == [card.ts], "a repeat or a resolve must not post another card"
        return "resolved" in found[0].words.lower() or None

    assert cast.ana.wait_for(over, 30)
