"""The restore as a whole: what comes back, what stays, and the way back."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import replace

import psycopg
import pytest

from actions.plan import Context, Refused
from actions.restores.restore import restore_database
from tests.actions.conftest import World
from tests.actions.running import planned, run, undo
from tests.real.postgres import PASSWORD
from tests.real.processes import wait_for

ABOUT = """
    select (select array_agg(entry::text order by entry::text) from unnest(datacl) as entry), datconnlimit,
           shobj_description(oid, 'pg_database') from pg_database where datname = %s
"""


def test_the_newest_backup_replaces_staging_and_staging_is_kept(world: World) -> None:
    before = world.oid(world.staging.database)
    _, plan = planned(restore_database, world.tools, environment="staging")

    done = run(plan, world.tools, 7)

    name = world.staging.database
    assert world.ask(name, "select count(*) from usuarios") == 2500
    assert world.ask(name, "select tableowner from pg_tables where tablename = 'usuarios'") == "belezza"
    assert world.ask(name, "select faturamento('2000-01-01', '2100-01-01') > 0") is True
    assert world.ask(name, "select horas_ocupadas(1) > 0") is True
    assert world.relatives() == {"__old_7"}
    assert world.oid(f"{name}__old_7") == before
    assert world.ask("postgres", "select count(*) from pg_roles where rolname like 'dr_restore%'") == 0
    assert any("every row matched" in evidence.said for evidence in done)


def test_the_application_works_in_it_as_before(world: World) -> None:
    name = world.staging.database
    with world.pg.connect() as session:
        session.execute(f"alter database {name} set search_path to public, pg_catalog".encode())
        session.execute(f"alter database {name} set drbot.environment to 'staging'".encode())
        session.execute(f"alter role belezza in database {name} set work_mem to '9MB'".encode())
        session.execute(f"revoke connect on database {name} from public".encode())
        session.execute(f"grant connect on database {name} to belezza_leitura".encode())
        session.execute(f"alter database {name} connection limit 17".encode())
        session.execute(f"comment on database {name} is 'the staging of all'".encode())
        before = session.execute(ABOUT, [name]).fetchone()
    _, plan = planned(restore_database, world.tools, environment="staging")
    run(plan, world.tools, 8)

    with world.pg.connect(name, "belezza") as session:
        session.execute(
            "insert into usuarios (nome, email, criado_em) values ('a', 'a@exemplo.com.br', now())"
        )
        row = session.execute("select current_setting('search_path'), current_setting('work_mem')").fetchone()
    assert row == ("public, pg_catalog", "9MB")
    with world.pg.connect() as session:
        after = session.execute(ABOUT, [name]).fetchone()
    assert after is not None
    assert after == before
    assert after[1:] == (17, "the staging of all")


def test_every_step_may_run_twice(world: World) -> None:
    _, plan = planned(restore_database, world.tools, environment="staging")
    run(plan, world.tools, 9, times=2)
    assert world.ask(world.staging.database, "select count(*) from pagamentos") == 6000
    assert world.relatives() == {"__old_9"}
    undo(plan, world.tools, 9, times=2)
    assert world.ask(world.staging.database, "select count(*) from usuarios") == 2
    assert world.relatives() == {"__undone_9"}


@pytest.mark.disaster(44)
def test_undo_says_what_was_written_since_and_keeps_it(world: World) -> None:
    before = world.oid(world.staging.database)
    _, plan = planned(restore_database, world.tools, environment="staging")
    run(plan, world.tools, 10)
    with world.pg.connect(world.staging.database, "belezza") as session:
        session.execute("update usuarios set telefone = null where id <= 5")

    said = [evidence.said for evidence in undo(plan, world.tools, 10)]

    assert said[0].startswith("5 rows were written")
    assert world.oid(world.staging.database) == before
    assert world.ask(f"{world.staging.database}__undone_10", "select count(*) from usuarios") == 2500


def test_the_way_back_works_although_the_restored_one_cannot_be_asked(world: World) -> None:
    before = world.oid(world.staging.database)
    _, plan = planned(restore_database, world.tools, environment="staging")
    run(plan, world.tools, 13)
    with world.pg.connect() as session:
        session.execute(f"alter database {world.staging.database} allow_connections false".encode())
    said = [step.do(Context(world.tools, 13)).said for step in plan.undo]
    assert "could not be counted" in said[0]
    assert world.oid(world.staging.database) == before


@pytest.mark.disaster(23, 24)
def test_clients_that_come_again_all_the_time_do_not_stop_the_swap(world: World) -> None:
    _, plan = planned(restore_database, world.tools, environment="staging")
    name = world.staging.database
    stop, seen, missing = threading.Event(), set(), threading.Event()

    def hammer() -> None:
        while not stop.is_set():
            with contextlib.suppress(psycopg.OperationalError), world.pg.connect(name, "belezza") as session:
                while not stop.is_set():
                    row = session.execute("select count(*) from usuarios").fetchone()
                    seen.add(row[0] if row else None)

    def watch() -> None:
        with world.pg.connect() as session:
            while not stop.is_set():
                if session.execute("select from pg_database where datname = %s", [name]).fetchone() is None:
                    missing.set()

    clients = [threading.Thread(target=work) for work in (hammer, hammer, hammer, hammer, watch)]
    for client in clients:
        client.start()
    try:
        run(plan, world.tools, 11)
        wait_for("a client on the restored database", lambda: 2500 in seen)
    finally:
        stop.set()
        for client in clients:
            client.join(10)
    assert not missing.is_set(), "at no moment may there be no database of that name"
    assert seen == {2, 2500}


@pytest.mark.disaster(7)
def test_production_under_another_name_is_refused(world: World) -> None:
    tools = replace(world.tools, servers={"staging": world.production, "production": world.production})
    with pytest.raises(Refused, match="production's own database: the plan points staging at it"):
        restore_database.survey(tools, restore_database.read_params({"environment": "staging"}))


def test_a_role_without_a_right_is_refused_before_anything(world: World) -> None:
    _, plan = planned(restore_database, world.tools, environment="staging")
    few = replace(world.staging, url=world.pg.url(world.staging.database, "belezza"))
    with pytest.raises(Refused, match="lacks what a restore needs: CREATEDB, CREATEROLE, pg_signal_backend"):
        plan.before[0].do(Context(replace(world.tools, servers={"staging": few}), 14))
    assert world.relatives() == set()


def test_a_role_that_is_no_superuser_can_do_all_of_it(world: World) -> None:
    with world.pg.connect() as session:
        session.execute(f"create role drbot_few login createdb createrole password '{PASSWORD}'".encode())
        session.execute("grant belezza, pg_signal_backend to drbot_few")
        session.execute("create database closed")  # of somebody else, and nobody may look into it
        session.execute("revoke connect on database closed from public")
    try:
        few = replace(world.staging, url=world.pg.url(world.staging.database, "drbot_few"))
        tools = replace(world.tools, servers={"staging": few})
        _, plan = planned(restore_database, tools, environment="staging")
        run(plan, tools, 12, times=2)
        assert world.ask(world.staging.database, "select count(*) from usuarios") == 2500
        undo(plan, tools, 12)
        assert world.ask(world.staging.database, "select count(*) from usuarios") == 2
    finally:
        with world.pg.connect() as session:
            session.execute("drop database closed")
            session.execute("drop role drbot_few")
