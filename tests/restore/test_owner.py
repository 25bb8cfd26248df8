"""A target that belongs to a superuser: after the hand-over the dump's functions would act as one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.restores.restore import restore_database
from actions.tools.toolbox import FixedToolbox
from tests.actions.conftest import World, publish
from tests.actions.running import planned

GIVEN = {"environment": "staging"}


@pytest.fixture
def powerful(world: World) -> World:
    with world.pg.connect() as session:
        session.execute(f"alter database {world.staging.database} owner to postgres".encode())
    return world


@pytest.mark.disaster(10)
def test_functions_from_elsewhere_for_a_superuser_are_an_objection(powerful: World) -> None:
    _, plan = planned(restore_database, powerful.tools, **GIVEN)
    (said,) = plan.objections
    assert "belongs to postgres, a superuser: after the hand-over the functions of the backup may act" in said
    assert f'ALTER DATABASE "{powerful.staging.database}" OWNER TO a role' in said


@pytest.mark.disaster(10)
def test_so_is_what_nobody_says_how_much_code_it_holds(powerful: World) -> None:
    data = powerful.bucket.read(powerful.manifest.key)
    publish(powerful.bucket, replace(powerful.manifest, inventory={}), data)
    assert any(
        "a superuser" in said for said in planned(restore_database, powerful.tools, **GIVEN)[1].objections
    )


def test_its_own_functions_are_a_warning(powerful: World) -> None:
    tools = FixedToolbox({"staging": powerful.staging}, {"staging": powerful.bucket})
    data = powerful.bucket.read(powerful.manifest.key)
    publish(powerful.bucket, replace(powerful.manifest, environment="staging"), data)
    _, plan = planned(restore_database, tools, environment="staging", from_environment="staging")
    assert plan.objections == ()
    assert any("as what is there now does" in warning for warning in plan.warnings)


def test_without_code_there_is_nothing_to_say(powerful: World) -> None:
    data = powerful.bucket.read(powerful.manifest.key)
    publish(powerful.bucket, replace(powerful.manifest, inventory={"indexes": 11}), data)
    _, plan = planned(restore_database, powerful.tools, **GIVEN)
    assert plan.objections == ()
    assert not any("superuser" in warning for warning in plan.warnings)


def test_a_member_of_a_powerful_role_is_named(world: World) -> None:
    with world.pg.connect() as session:
        session.execute("create role runs_programs in role pg_execute_server_program")
        session.execute(f"alter database {world.staging.database} owner to runs_programs".encode())
    try:
        (said,) = planned(restore_database, world.tools, **GIVEN)[1].objections
        assert "belongs to runs_programs, a member of pg_execute_server_program" in said
    finally:
        with world.pg.connect() as session:
            session.execute(f"alter database {world.staging.database} owner to belezza".encode())
            session.execute("drop role runs_programs")
