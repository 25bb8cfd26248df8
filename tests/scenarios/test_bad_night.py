"""The main job, as the team lives it: from the alert to the report, on real parts."""

from __future__ import annotations

import psycopg
import pytest

from bot.demo.databases import PRODUCTION, STAGING
from bot.demo.story import Cast, play_story
from bot.demo.world import World

pytestmark = [pytest.mark.xdist_group("world"), pytest.mark.timeout(240)]


def test_pool_runs_dry_is_ended_by_a_button_and_told_by_a_report(world: World, cast: Cast) -> None:
    before = _count(world, STAGING)
    play_story(world, cast, print, pause_s=0.0)
    assert _count(world, STAGING) == _count(world, PRODUCTION) != before
    assert _runaways(world) == 0
    card = next(one for one in cast.ana.channel(cast.home) if "pool exhausted" in one.words)
    thread = " ".join(one.words for one in cast.ana.thread(cast.home, card.ts))
    for told in ("Ana Souza acknowledged", "monthly report joined without an index", "Resolved"):
        assert told in thread


def _count(world: World, database: str) -> int:
    with psycopg.connect(world.databases.url(database)) as session:
        row = session.execute("SELECT count(*) FROM pagamentos").fetchone()
    return int(row[0]) if row else 0


def _runaways(world: World) -> int:
    with psycopg.connect(world.databases.url(PRODUCTION)) as session:
        row = session.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(3600)%'"
            " AND state = 'active' AND pid <> pg_backend_pid()"
        ).fetchone()
    return int(row[0]) if row else 0
