"""Vacuum hints: dead rows, bloat, age and what holds vacuum back, on a real database made dirty."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from actions.database.vacuum import (
    age_said,
    bloat_said,
    dead_said,
    holdback_said,
    is_bloated,
    look_at_vacuum,
)
from actions.plan import Evidence, Refused
from actions.tools.postgres.vacuum import Holdback, TableCare, read_holdbacks
from tests.actions.conftest import World
from tests.actions.crowd import Crowd
from tests.actions.running import planned, run
from tests.real.postgres import PASSWORD

TABLE = TableCare("public.t", 10, 90, 1000, 0, 60.0, 60.0, True, 50, 100, 200_000_000)


def look(world: World) -> tuple[Evidence, Evidence, Evidence, Evidence]:
    _, plan = planned(look_at_vacuum, world.tools, environment="staging")
    bloat, age, held, dead = run(plan, world.tools, 3)
    return dead, bloat, age, held


@pytest.fixture
def dirty(world: World) -> Iterator[psycopg.Connection]:
    """Staging with two tables of which most rows were deleted, neither vacuumed since."""
    with world.pg.connect(world.staging.database, "belezza") as session:
        session.execute(
            "create table visitas (id int, nota text) with (autovacuum_enabled = off);"
            ' create table "Odd Name" (id int);'
            " insert into visitas select n, repeat('x', 400) from generate_series(1, 60000) n;"
            ' insert into "Odd Name" select n from generate_series(1, 500) n'
        )
        session.execute(
            "select pg_stat_force_next_flush()"
        )  # else ANALYZE's counts are added to, not replaced
        session.execute("analyze")
        session.execute("delete from visitas where id % 10 > 0")
        session.execute('delete from "Odd Name" where id > 100')
        session.execute("select pg_stat_force_next_flush()")
        session.execute("select 1")
        yield session


def test_dead_rows_with_the_command_that_would_help(world: World, dirty: psycopg.Connection) -> None:
    dead, _, age, _ = look(world)
    assert "public.visitas holds the most dead rows (54,000); 2 tables are due" in dead.said
    assert "54,000 dead of 60,000 rows (90 %), vacuumed never" in dead.values["public.visitas"]
    assert "autovacuum is off for it: ALTER TABLE public.visitas RESET" in dead.values["public.visitas"]
    assert dead.values['public."Odd Name"'].endswith('VACUUM (ANALYZE) public."Odd Name"')
    assert age.said.startswith("no table is near a forced vacuum")


def test_the_commands_help(world: World, dirty: psycopg.Connection) -> None:
    dirty.execute("vacuum (analyze)")
    dead, bloat, _, _ = look(world)
    assert dead.said == "no table holds dead rows"
    assert "public.visitas the most (an estimate)" in bloat.said
    assert "VACUUM (FULL) public.visitas in a quiet hour" in bloat.values["public.visitas"]
    dirty.execute("vacuum (full, analyze) visitas")
    assert look(world)[1].said == "no table looks bloated (an estimate)"


def test_what_holds_vacuum_back_is_named(world: World, crowd: Crowd) -> None:
    slot = f"keeps_{world.staging.database[-8:]}"
    with world.pg.connect(world.staging.database, "postgres") as session:
        session.execute("select pg_create_logical_replication_slot(%s, 'pgoutput')", [slot])
        crowd.join("idler", idle=True)
        crowd.session("idler").execute("insert into usuarios values (9)")
        session.execute("create table prepared_one (id int)")
        session.execute("begin")
        session.execute("insert into prepared_one values (1)")
        session.execute("prepare transaction 'it''s half'")
        try:
            found = {one.kind: one for one in read_holdbacks(session, 0.0)}
            shown = look(world)[3]
        finally:
            session.execute("rollback prepared 'it''s half'")
            session.execute("select pg_drop_replication_slot(%s)", [slot])
    assert found["session"].name == str(crowd.pid("idler"))
    assert "end-idle-in-transaction environment=staging" in holdback_said(found["session"], "staging")
    assert shown.values[f"slot {slot}"].endswith(f"SELECT pg_drop_replication_slot('{slot}')")
    assert shown.values["prepared it's half"].endswith("ROLLBACK PREPARED 'it''s half'")
    assert "session" not in shown.said, "one that is a moment old is no finding"


def test_a_login_that_is_refused_is_said(world: World) -> None:
    wrong = replace(world.staging, url=world.staging.url.replace(PASSWORD, "another-password"))
    tools = replace(world.tools, servers={"staging": wrong})
    _, plan = planned(look_at_vacuum, tools, environment="staging")
    with pytest.raises(Refused, match="password authentication failed"):
        run(plan, tools, 3)


def test_a_table_that_is_fine_gets_no_command() -> None:
    assert "VACUUM" not in dead_said(TABLE)
    assert "VACUUM" not in age_said(TABLE)
    assert not is_bloated(replace(TABLE, size_bytes=10**9, bloat_bytes=10**8))
    assert not is_bloated(replace(TABLE, bloat_bytes=None))


def test_what_is_due_gets_its_command() -> None:
    assert dead_said(replace(TABLE, dead=51)).endswith("VACUUM (ANALYZE) public.t")
    assert age_said(replace(TABLE, age=190_000_000)).endswith(
        "95 % of autovacuum_freeze_max_age: VACUUM (FREEZE) public.t"
    )
    bloated = replace(TABLE, size_bytes=10**9, bloat_bytes=6 * 10**8)
    assert is_bloated(bloated)
    assert bloat_said(bloated).startswith("about 600 MB of 1 GB could be free")


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (Holdback("session", "12", "belezza", "active", True, 5, 600.0), "end-long-queries environment=x"),
        (Holdback("slot", "s", "salon", "pgoutput", True, 5, 0.0), "let its consumer catch up"),
        (Holdback("standby", "b", "copia", "streaming", True, 5, 0.0), "hot_standby_feedback = off"),
    ],
)
def test_each_kind_has_what_would_help(one: Holdback, said: str) -> None:
    assert said in holdback_said(one, "x")
