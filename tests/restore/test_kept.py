"""Databases that restores put aside are dropped after their day: only drbot's own, none that is needed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from psycopg import sql

from actions.plan import Context, NotVerified, Refused
from actions.restores.kept import Kept, kept_run, read_kept
from actions.restores.kept_databases import drop_kept_databases
from actions.restores.restore import restore_database
from tests.actions.conftest import World
from tests.actions.running import planned, run, undo

RUN = 73
GIVEN = {"environment": "staging"}


def put_aside(world: World, suffix: str, words: str | None = None, ago: timedelta = timedelta(days=2)) -> str:
    """A database beside staging, with drbot's words on it unless others are given."""
    name = world.staging.database + suffix
    number = suffix.rsplit("_", 1)[-1]
    at = (datetime.now(UTC) - ago).isoformat(timespec="seconds")
    own = msgspec.json.encode(Kept(int(number) if number.isdigit() else 0, 0, "", 0, at)).decode()
    with world.pg.connect() as session:
        session.execute(f'CREATE DATABASE "{name}" OWNER belezza TEMPLATE template0'.encode())
        session.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(
                sql.Identifier(name), sql.Literal(own if words is None else words)
            )
        )
    return name


def age(world: World, suffix: str) -> None:
    """Let what is written on it be two days older."""
    name = world.staging.database + suffix
    asked = f"select shobj_description(oid, 'pg_database') from pg_database where datname = '{name}'"
    kept = read_kept(str(world.ask("postgres", asked)))
    assert kept is not None
    at = (datetime.fromisoformat(kept.at) - timedelta(days=2)).isoformat()
    words = msgspec.json.encode(msgspec.structs.replace(kept, at=at)).decode()
    with world.pg.connect() as session:
        session.execute(f"COMMENT ON DATABASE \"{name}\" IS '{words}'".encode())


@pytest.fixture
def undone(world: World) -> World:
    """A world with a restore taken back, and one that stands: an undone and an old database."""
    for number, back in ((1, True), (2, False)):
        _, plan = planned(restore_database, world.tools, **GIVEN)
        run(plan, world.tools, number)
        if back:
            undo(plan, world.tools, number)
    return world


def test_what_a_restore_and_its_undo_put_aside_is_dropped_after_a_day(undone: World) -> None:
    live = undone.oid(undone.staging.database)
    facts, plan = planned(drop_kept_databases, undone.tools, **GIVEN)
    assert facts.targets == ()
    assert sum("is kept for 0 min now" in said for said in facts.spared) == 2
    done = run(plan, undone.tools, RUN)
    assert done[-1].said.endswith("was there, and nothing beside it was past its day")
    age(undone, "__old_2")
    age(undone, "__undone_1")
    facts, plan = planned(drop_kept_databases, undone.tools, **GIVEN)
    assert {one.run for one in facts.targets} == {1, 2}

    run(plan, undone.tools, RUN, times=2)

    assert undone.relatives() == set()
    assert undone.oid(undone.staging.database) == live
    assert undone.ask(undone.staging.database, "select count(*) from usuarios") == 2500


def test_only_its_own_and_only_past_their_day(world: World) -> None:
    put_aside(world, "__old_3")
    put_aside(world, "__old_4", ago=timedelta(hours=23))
    put_aside(world, "__old_5", words="made by ana, keep")
    put_aside(world, "__old_6", words='{"drbot": 6, "written": 0, "comment": ""}')
    put_aside(
        world, "__old_8", words='{"drbot": 7, "written": 0, "comment": "", "at": "2020-01-01T00:00:00Z"}'
    )
    put_aside(world, "__dr_9")
    put_aside(world, "__old_9_copy")
    facts, plan = planned(drop_kept_databases, world.tools, **GIVEN)
    assert [one.run for one in facts.targets] == [3]
    assert sum("carries no word of drbot's" in said for said in facts.spared) == 3
    assert any("__old_4 is kept for 23 h" in said for said in facts.spared)
    run(plan, world.tools, RUN)
    assert world.relatives() == {"__old_4", "__old_5", "__old_6", "__old_8", "__dr_9", "__old_9_copy"}


def test_one_that_somebody_is_in_stays(world: World) -> None:
    name = put_aside(world, "__old_3")
    put_aside(world, "__old_4")
    with world.pg.connect(name, "belezza"):
        facts, plan = planned(drop_kept_databases, world.tools, **GIVEN)
        assert [one.run for one in facts.targets] == [4]
        assert any("__old_3 is in use (belezza)" in said for said in facts.spared)
    _, plan = planned(drop_kept_databases, world.tools, **GIVEN)
    with world.pg.connect(name, "belezza"):
        with pytest.raises(Refused, match="__old_3 is in use"):
            plan.before[0].do(Context(world.tools, RUN))
        with pytest.raises(NotVerified, match=r"somebody is in .*__old_3 now: it was not dropped"):
            next(step for step in plan.steps if "__old_3" in step.title).do(Context(world.tools, RUN))
    assert name in world.pg.names()


def test_one_that_came_back_to_life_meanwhile_is_never_dropped(world: World) -> None:
    name = put_aside(world, "__old_3")
    _, plan = planned(drop_kept_databases, world.tools, **GIVEN)
    with world.pg.connect() as session:
        session.execute(f'ALTER DATABASE "{world.staging.database}" RENAME TO "{name}_was"'.encode())
        session.execute(f'ALTER DATABASE "{name}" RENAME TO "{world.staging.database}"'.encode())
    with pytest.raises(Refused, match="is not the one that was shown any more"):
        plan.before[0].do(Context(world.tools, RUN))
    with pytest.raises(NotVerified, match=r"is another database now \(a way back\?\)"):
        plan.steps[0].do(Context(world.tools, RUN))
    assert world.staging.database in world.pg.names()


def test_other_words_on_it_mean_hands_off(world: World) -> None:
    name = put_aside(world, "__old_3")
    was, plan = planned(drop_kept_databases, world.tools, **GIVEN)
    with world.pg.connect() as session:
        session.execute(f"COMMENT ON DATABASE \"{name}\" IS 'keep this for the auditors'".encode())
    with pytest.raises(NotVerified, match="has changed: it was not dropped"):
        plan.steps[0].do(Context(world.tools, RUN))
    now, _ = planned(drop_kept_databases, world.tools, **GIVEN)
    assert now.targets == ()
    assert "is not there any more as it was shown" in str(drop_kept_databases.drift(was, now))
    assert drop_kept_databases.drift(was, was) is None


@pytest.mark.parametrize("older_than", ["24h", "90s", "23h", "1d", ""])
def test_never_before_the_way_back_is_over(older_than: str) -> None:
    with pytest.raises(Exception, match=r"older_than|is not an age"):
        drop_kept_databases.read_params({"environment": "staging", "older_than": older_than})


@pytest.mark.parametrize(
    ("name", "number"),
    [("a__old_7", 7), ("a__undone_12", 12), ("a", None), ("a__old_", None), ("a__dr_7", None),
     ("b__old_7", None), ("a__old_7\n", None), ("a__old_7__old_8", None)],
)  # fmt: skip
def test_which_names_are_meant(name: str, number: int | None) -> None:
    assert kept_run(name, "a") == number
