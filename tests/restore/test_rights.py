"""Who owns what and who may do what: a database that comes back to its environment has it as before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from actions.plan import Context, Evidence
from actions.restores.restore import restore_database
from actions.tools.dumps.copies import BackupFormat
from actions.tools.toolbox import FixedToolbox
from tests.actions.conftest import World
from tests.actions.running import planned, run, undo
from tests.real.postgres import RealPostgres
from tests.real.s3 import RealS3
from tests.restore.conftest import Made, made

GIVEN = {"environment": "staging", "from_environment": "staging"}
MADE = """
    create table audit (id int); create table "Odd ""t" (id serial); create view v as select 1 as x;
    create schema extra; create table extra.t (id int);
    create function f(text, "Odd ""t") returns int language sql as 'select 1';
    alter table audit owner to keeper; alter table "Odd ""t" owner to keeper;
    alter schema extra owner to keeper; alter function f owner to keeper;
    alter table extra.t owner to belezza; alter view v owner to belezza;
    grant select, insert on audit to belezza; grant select on audit to belezza_leitura with grant option;
    revoke delete on extra.t from belezza; revoke execute on function f from public;
    alter default privileges for role belezza in schema public grant select on tables to belezza_leitura;
    alter default privileges for role belezza revoke execute on functions from public;
    create publication news for table audit, extra.t with (publish = 'insert, delete');
    create publication everything for all tables;
"""


@pytest.fixture
def rich(world: World, pg: RealPostgres, s3: RealS3, request: pytest.FixtureRequest) -> Iterator[World]:
    """Staging with rights of its own, and its backup in its bucket."""
    kind: BackupFormat = getattr(request, "param", "archive")
    name = world.staging.database
    with pg.connect() as session:
        session.execute("create role keeper")
    with pg.connect(name) as session:
        session.execute(MADE)
    backup = made(pg, s3, kind, name)
    elsewhere = "7000000000000000001"  # else it would be refused as the very database of the backup
    manifest = replace(backup.manifest, environment="staging", system_identifier=elsewhere)
    Made(manifest, backup.data).into(world)
    try:
        yield world
    finally:
        with pg.connect() as session:
            for left in [name, *(name + one for one in world.relatives())]:
                session.execute(f'drop database "{left}" with (force)'.encode())
            session.execute("drop role keeper")
            session.execute(f"create database {name}".encode())


def tools_of(world: World) -> FixedToolbox:
    return FixedToolbox({"staging": world.staging}, {"staging": world.bucket})


def restored(world: World, number: int = 82) -> tuple[tuple[str, ...], list[Evidence]]:
    _, plan = planned(restore_database, tools_of(world), **GIVEN)
    return plan.warnings, run(plan, tools_of(world), number, times=2)


@pytest.mark.parametrize("rich", ["archive", "plain"], indirect=True)
def test_owners_rights_defaults_and_publications_are_as_before(rich: World) -> None:
    name = rich.staging.database
    asked = (
        "select string_agg(relname || relacl::text || pg_get_userbyid(relowner), ' ' order by relname)"
        " from pg_class where relnamespace in ('public'::regnamespace, 'extra'::regnamespace)",
        "select proacl::text || pg_get_userbyid(proowner) from pg_proc where proname = 'f'",
        "select pg_get_userbyid(nspowner) from pg_namespace where nspname = 'extra'",
        "select string_agg(defaclobjtype::text || defaclnamespace::regnamespace::text || defaclacl::text, ' '"
        " order by defaclobjtype) from pg_default_acl where defaclnamespace <> 0",
        "select string_agg(defaclacl::text, ' ') from pg_default_acl where defaclnamespace = 0",
        "select string_agg(pubname || pubinsert || pubupdate || pubdelete || puballtables, ' '"
        " order by pubname) from pg_publication",
        "select count(*) from pg_publication_rel",
        "select has_table_privilege('belezza', 'audit', 'DELETE')"
        " or has_table_privilege('belezza', 'extra.t', 'DELETE')",
    )
    before = [rich.ask(name, query) for query in asked]
    warnings, said = restored(rich)
    assert [rich.ask(name, query) for query in asked] == before
    assert before[-1] is False
    assert not any("not brought back" in one for one in warnings)
    assert not any("look at its rights" in one.said or one.light for one in said)


def test_nothing_of_a_dump_is_given_to_a_superuser_and_that_is_told(rich: World) -> None:
    name = rich.staging.database
    with rich.pg.connect(name) as session:
        session.execute("alter table audit owner to postgres")
    warnings, said = restored(rich)
    assert any(
        "the owner of 1 object (table public.audit (postgres)): nothing of a dump" in one for one in warnings
    )
    handed = next(one for one in said if "not brought back" in one.said)
    assert handed.light == "amber"
    assert "table public.audit belonged to postgres" in handed.said
    assert said[-1].light == "amber"
    assert (
        "but look at its rights: table public.audit belongs to belezza, before to postgres" in said[-1].said
    )
    assert rich.ask(name, "select has_table_privilege('belezza', 'audit', 'DELETE')") is False


def test_what_was_granted_since_the_backup_is_told(rich: World) -> None:
    with rich.pg.connect(rich.staging.database) as session:
        session.execute("grant update on audit to belezza_leitura")
    _, said = restored(rich)
    assert said[-1].light == "amber"
    assert "table public.audit has the rights" in said[-1].said


def test_a_copy_of_another_environment_publishes_nothing_and_says_so(rich: World) -> None:
    _, plan = planned(
        restore_database, rich.tools, environment="staging", backup=rich.manifest.key.rsplit("/", 1)[-1]
    )
    assert any("not brought back: 2 publications (everything, news)" in one for one in plan.warnings)
    run(plan, rich.tools, 83)
    name = rich.staging.database
    assert rich.ask(name, "select count(*) from pg_publication") == 0
    assert rich.ask(name, "select count(*) from pg_default_acl") == 2, "its own rights of things to come"
    undo(plan, rich.tools, 83)
    assert rich.ask(name, "select count(*) from pg_publication") == 2


@pytest.mark.parametrize("kind", ["archive", "plain"])
def test_what_is_left_out_is_told_by_kind(
    world: World, pg: RealPostgres, s3: RealS3, kind: BackupFormat
) -> None:
    with pg.copy_of("salon", "watched") as name:
        with pg.connect(name) as session:
            session.execute(
                "create function watch() returns event_trigger language plpgsql as 'begin end';"
                "create event trigger watch on ddl_command_end execute function watch();"
                "create publication news for table usuarios, saloes;"
                "alter default privileges for role belezza grant select on tables to belezza_leitura"
            )
        made(pg, s3, kind, name).into(world)
    _, plan = planned(restore_database, world.tools, environment="staging")
    context = Context(world.tools, 88)
    loaded = plan.steps[0].do(context)
    plan.undo[2].do(context)
    assert loaded.said.endswith("; left out: 1 default rights, 1 event triggers, 1 publications")
    assert loaded.light == "amber", "nobody brings the event trigger back"
