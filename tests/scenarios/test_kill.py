"""`kill -9` in the middle of a restore: it goes on where it was, once, and nothing is left lying about."""

from __future__ import annotations

import signal
import sqlite3

import psycopg
import pytest

from bot.demo.databases import STAGING
from bot.demo.story import Cast
from bot.demo.world import World

pytestmark = [pytest.mark.xdist_group("world"), pytest.mark.timeout(240)]


@pytest.mark.parametrize("steps_done", [0, 2, 4])
def test_a_restore_survives_the_death_of_the_bot(world: World, cast: Cast, steps_done: int) -> None:
    before = _newest_run(world)
    cast.ana.slash("/dr restore staging", cast.home)
    run = cast.ana.wait_for(lambda: _proposed(world, before), 30)
    approve = f"/dr approve RUN-{run} typed=staging"
    assert cast.bruno.slash(approve, cast.home).ok
    cast.ana.wait_for(lambda: _began(world, run) and _position(world, run) >= steps_done, 30)
    world.bot.process.send_signal(signal.SIGKILL)
    world.bot.process.wait(10)
    world.restart_bot()
    assert cast.ana.wait_for(lambda: _ended(world, run), 60) == "verified"
    assert _shadows(world) == []
    assert _rows(world, "SELECT COUNT(*) FROM locks")[0][0] == 0
    done = _rows(world, f"SELECT kind, data FROM journal WHERE run = {run} AND kind = 'step-done'")
    assert len(done) == len(set(done)), "a step was journalled twice"


def _rows(world: World, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(f"file:{world.folder / 'drbot.db'}?mode=ro", uri=True) as reading:
        return reading.execute(sql).fetchall()


def _newest_run(world: World) -> int:
    return int(str(_rows(world, "SELECT COALESCE(MAX(id), 0) FROM runs")[0][0]))


def _proposed(world: World, before: int) -> int | None:
    newest = _newest_run(world)
    return newest if newest > before else None


def _began(world: World, run: int) -> bool:
    return _rows(world, f"SELECT state FROM runs WHERE id = {run}")[0][0] != "proposed"


def _position(world: World, run: int) -> int:
    return int(str(_rows(world, f"SELECT position FROM runs WHERE id = {run}")[0][0]))


def _ended(world: World, run: int) -> str | None:
    state = str(_rows(world, f"SELECT state FROM runs WHERE id = {run}")[0][0])
    return state if state not in ("proposed", "approved", "running") else None


def _shadows(world: World) -> list[str]:
    with psycopg.connect(world.databases.url("postgres")) as session:
        rows = session.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s", (f"{STAGING}\\_\\_dr%",)
        ).fetchall()
    return [row[0] for row in rows]
