"""Restoring where customers are served: from its own backup, and only while nobody writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from actions.plan import Context, NotVerified, Refused, Transient
from actions.restores.restore import restore_database
from actions.tools.containers.project import Project
from actions.tools.postgres.server import Postgres
from actions.tools.toolbox import FixedToolbox
from tests.actions.conftest import SMOKE, World, publish
from tests.actions.running import planned, run, undo
from tests.real.belezza.project import Belezza
from tests.real.docker import belezza_project
from tests.real.postgres import PASSWORD

GIVEN = {"environment": "production"}
RUN = 60


@pytest.fixture(scope="module")
def belezza() -> Iterator[Belezza]:
    with belezza_project(services=("api",), healthy_within_s=0) as made:
        yield made


@pytest.fixture
def stopped(belezza: Belezza) -> Iterator[Belezza]:
    """The team's services with the one that writes stopped."""
    _each(belezza, "stop")
    yield belezza
    _each(belezza, "start")


def _each(belezza: Belezza, what: str) -> None:
    for container in belezza.containers("api"):
        if what == "stop":
            container.stop(timeout=1)
        else:
            container.start()


def production(world: World, project: Project | None) -> FixedToolbox:
    """The world's staging database as one that customers are served from, with its services."""
    served = Postgres(
        world.staging.url, smoke_tables=SMOKE, programs=world.pg.programs, serves_customers=True
    )
    projects = {"production": project} if project else {}
    return FixedToolbox({"production": served}, {"production": world.bucket}, projects)


def project_of(belezza: Belezza, *writers: str) -> Project:
    return Project(belezza.name, belezza.engine, writers=writers)


def test_its_own_backup_comes_back_while_nobody_writes(world: World, stopped: Belezza) -> None:
    tools = production(world, project_of(stopped, "api"))
    facts, plan = planned(restore_database, tools, **GIVEN)
    done = run(plan, tools, RUN, times=2)
    name = world.staging.database
    assert world.ask(name, "select count(*) from usuarios") == 2500
    assert world.relatives() == {f"__old_{RUN}"}
    assert facts.writers == ("api",)
    assert plan.before[0].title == f"Check that nothing writes to {name}: api stopped"
    assert done[0].said == "no container of api was running"
    assert ("stopped", "api") in plan.facts
    assert any("api stay stopped" in warning for warning in plan.warnings)
    assert any("is not in the restored database" in warning for warning in plan.warnings)
    undo(plan, tools, RUN, times=2)
    assert world.ask(name, "select count(*) from usuarios") == 2


def test_a_service_that_writes_is_refused_at_the_survey(world: World, belezza: Belezza) -> None:
    with pytest.raises(
        Refused, match=rf"{belezza.name}_api_1 still writes .* stop it first \(stop-service\)"
    ):
        planned(restore_database, production(world, project_of(belezza, "api")), **GIVEN)


def test_one_that_is_paused_writes_as_soon_as_it_goes_on(world: World, belezza: Belezza) -> None:
    (api,) = belezza.containers("api")
    api.pause()
    try:
        with pytest.raises(Refused, match="still writes"):
            planned(restore_database, production(world, project_of(belezza, "api")), **GIVEN)
    finally:
        api.unpause()


def test_a_container_of_compose_run_writes_too(world: World, stopped: Belezza) -> None:
    (api,) = stopped.containers("api")
    alone = stopped.client.containers.run(
        str(api.attrs["Image"]),
        ["sleep", "60"],
        entrypoint="busybox",
        name=f"{stopped.name}_api_run_1",
        labels={**api.labels, "com.docker.compose.oneoff": "True"},
        detach=True,
    )
    try:
        with pytest.raises(Refused, match="api_run_1 still writes"):
            planned(restore_database, production(world, project_of(stopped, "api")), **GIVEN)
    finally:
        alone.remove(force=True)


def test_one_that_came_back_is_refused_by_the_guard(world: World, stopped: Belezza) -> None:
    tools = production(world, project_of(stopped, "api"))
    _, plan = planned(restore_database, tools, **GIVEN)
    _each(stopped, "start")
    with pytest.raises(Refused, match=r"still writes .* Nothing was changed"):
        run(plan, tools, RUN)
    assert world.relatives() == set()


def test_one_that_came_back_while_loading_stops_the_swap_and_all_is_taken_back(
    world: World, stopped: Belezza
) -> None:
    before = world.oid(world.staging.database)
    tools = production(world, project_of(stopped, "api"))
    _, plan = planned(restore_database, tools, **GIVEN)
    for step in (*plan.before, *plan.steps[:-1]):
        step.do(Context(tools, RUN))
    _each(stopped, "start")
    with pytest.raises(NotVerified, match=r"still writes .* The target was not touched"):
        plan.steps[-1].do(Context(tools, RUN))
    assert world.oid(world.staging.database) == before
    undo(plan, tools, RUN)
    assert world.relatives() == set()
    assert world.oid(world.staging.database) == before


def test_without_services_in_the_plan_it_says_what_to_add(world: World) -> None:
    with pytest.raises(Refused, match=r"add environments.production.services to the plan, with `writers`"):
        planned(restore_database, production(world, None), **GIVEN)


def test_without_writers_in_the_plan_it_says_what_to_add(world: World) -> None:
    with pytest.raises(Refused, match=r"does not say which services of production write .* `writers`"):
        planned(restore_database, production(world, Project("belezza")), **GIVEN)


def test_an_engine_that_does_not_answer_is_no_proof_that_nobody_writes(world: World) -> None:
    nowhere = Project("belezza", "tcp://127.0.0.1:9", writers=("api",))
    with pytest.raises(Transient, match="container engine does not answer"):
        planned(restore_database, production(world, nowhere), **GIVEN)


@pytest.mark.disaster(6)
def test_backups_of_another_environment_never_come_to_customers(world: World, stopped: Belezza) -> None:
    tools = production(world, project_of(stopped, "api"))
    tools = replace(tools, buckets={"production": world.bucket, "staging": world.bucket})
    with pytest.raises(Refused, match="from its own backups only, not from those of staging"):
        planned(restore_database, tools, **GIVEN, from_environment="staging")


def test_the_very_database_that_was_backed_up_is_the_usual_case(world: World, stopped: Belezza) -> None:
    with world.pg.copy_of("salon", "belezza_live") as live:
        manifest = replace(world.manifest, database=live)
        publish(world.bucket, manifest, world.bucket.read(world.manifest.key))
        served = Postgres(
            world.pg.url(live), smoke_tables=SMOKE, programs=world.pg.programs, serves_customers=True
        )
        tools = replace(production(world, project_of(stopped, "api")), servers={"production": served})
        with world.pg.connect(live, "belezza") as session:
            session.execute("delete from pagamentos")
        _, plan = planned(restore_database, tools, **GIVEN)
        run(plan, tools, RUN)
        assert world.ask(live, "select count(*) from pagamentos") == 6000
        assert world.ask(f"{live}__old_{RUN}", "select count(*) from pagamentos") == 0


def test_an_empty_target_of_a_new_server_is_filled(world: World, stopped: Belezza) -> None:
    with world.pg.copy_of("template0", "belezza_new") as fresh:
        served = Postgres(
            world.pg.url(fresh), smoke_tables=SMOKE, programs=world.pg.programs, serves_customers=True
        )
        manifest = replace(world.manifest, system_identifier="7000000000000000001")
        publish(world.bucket, manifest, world.bucket.read(world.manifest.key))
        tools = replace(production(world, project_of(stopped, "api")), servers={"production": served})
        _, plan = planned(restore_database, tools, **GIVEN)
        assert any("looks empty" in warning for warning in plan.warnings)
        assert any("made on another server" in warning for warning in plan.warnings)
        run(plan, tools, RUN)
        assert world.ask(fresh, "select count(*) from usuarios") == 2500
        assert world.ask(fresh, "select tableowner from pg_tables where tablename = 'usuarios'") == "belezza"
        assert world.ask(f"{fresh}__old_{RUN}", "select count(*) from pg_stat_user_tables") == 0


def test_a_target_whose_owner_is_the_superuser_of_an_image_is_filled(world: World, stopped: Belezza) -> None:
    """As the PostgreSQL image makes it: POSTGRES_USER is the superuser, the owner, and the bot's login."""
    with world.pg.copy_of("template0", "belezza_image") as fresh:
        owner = f"{fresh}_owner"
        with world.pg.connect() as session:
            session.execute(f"create role {owner} login superuser password '{PASSWORD}'".encode())
            session.execute(f"alter database {fresh} owner to {owner}".encode())
        try:
            served = Postgres(world.pg.url(fresh, owner), smoke_tables=SMOKE, serves_customers=True)
            tools = replace(production(world, project_of(stopped, "api")), servers={"production": served})
            _, plan = planned(restore_database, tools, **GIVEN)
            run(plan, tools, RUN, times=2)
            assert world.ask(fresh, "select count(*) from usuarios") == 2500
            asked = "select tableowner from pg_tables where tablename = 'usuarios'"
            assert world.ask(fresh, asked) == owner
        finally:
            with world.pg.connect() as session:
                for name in (fresh, f"{fresh}__old_{RUN}"):
                    session.execute(f"alter database {name} owner to belezza".encode())
            for name in (fresh, f"{fresh}__old_{RUN}"):
                with world.pg.connect(name) as session:
                    session.execute(f"reassign owned by {owner} to belezza".encode())
                    session.execute(f"drop owned by {owner}".encode())
            with world.pg.connect() as session:
                session.execute(f"drop role {owner}".encode())


def test_a_missing_target_says_how_to_make_it(world: World, stopped: Belezza) -> None:
    served = Postgres(world.pg.url("belezza_missing"), smoke_tables=SMOKE, serves_customers=True)
    tools = replace(production(world, project_of(stopped, "api")), servers={"production": served})
    with pytest.raises(Refused, match='create it first, empty: CREATE DATABASE "belezza_missing" OWNER'):
        planned(restore_database, tools, **GIVEN)


def test_clients_without_any_container_speak_of_the_wrong_engine(world: World, belezza: Belezza) -> None:
    tools = production(world, Project("belezza-elsewhere", belezza.engine, writers=("api",)))
    with (
        world.pg.connect(world.staging.database, "belezza"),
        pytest.raises(Refused, match="no container of the project belezza-elsewhere is on this engine, but"),
    ):
        planned(restore_database, tools, **GIVEN)
    _, plan = planned(restore_database, tools, **GIVEN)
    assert any("so none of them writes" in warning for warning in plan.warnings)


def test_other_writers_than_were_shown_are_drift(world: World, stopped: Belezza) -> None:
    tools = production(world, project_of(stopped, "api"))
    before, _ = planned(restore_database, tools, **GIVEN)
    now = replace(before, writers=("api", "worker"))
    assert "other services that write" in str(restore_database.drift(before, now))
    assert restore_database.drift(before, before) is None


def test_the_word_to_type_is_the_environment() -> None:
    assert restore_database.confirm_word is not None
    assert restore_database.confirm_word(restore_database.read_params(GIVEN)) == "production"
