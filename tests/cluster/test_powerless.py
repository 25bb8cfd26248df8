"""The plan's queries run in a recovered copy without any power: whatever their tables have become."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from actions.clusters.rehearse import rehearse_to_time
from actions.plan import Context, NotVerified
from actions.tools.clusters.copy import Copy
from actions.tools.postgres.reading_role import OURS, reading
from actions.tools.postgres.server import Session
from tests.actions.running import planned, run, undo
from tests.real.backrest import RealCluster

RUN = 19
HARM = """
    create function public.harm({0}) returns {0} language plpgsql as $$
    begin
        begin
            execute 'copy (select current_user) to program ''cat > {1}''';
        exception when insufficient_privilege then raise 'harm was denied';
        end;
        return $1;
    end $$
"""


def quiet(_: str) -> None:
    """Progress is not printed."""


def rehearsed(world: RealCluster, **of_server: object) -> str:
    """How the rehearsal of the newest ended; nothing of it is left."""
    server = replace(world.postgres, **of_server)  # type: ignore[arg-type]
    tools = replace(world.tools, servers={"production": server})
    _, plan = planned(rehearse_to_time, tools, environment="production", at="")
    try:
        run(plan, tools, RUN, tell=quiet)
    except NotVerified as error:
        undo(plan, tools, RUN)
        assert world.beside() == set()
        return str(error)
    return ""


@pytest.fixture
def trace(world: RealCluster) -> Path:
    """Where harm leaves its trace, in a folder of the user that runs the server."""
    world.tell(HARM.format("int", world.root / "harm"), HARM.format("timestamptz", world.root / "harm"))
    world.tell(
        "create view public.faturas as"
        " select public.harm(id) as id, public.harm(criado_em) as criado_em from agendamentos"
    )
    return world.root / "harm"


def test_a_rule_over_a_view_runs_nothing_as_drbot(world: RealCluster, trace: Path) -> None:
    rule = {"each bill has a number": "select min(id) > 0 from faturas"}
    assert "“each bill has a number” could not be asked: harm was denied" in rehearsed(world, holds=rule)
    assert not trace.exists()


def test_a_column_of_times_in_a_view_runs_nothing_either(world: RealCluster, trace: Path) -> None:
    rehearsed(world, newest=("faturas.criado_em",))
    assert not trace.exists()


def test_harm_would_leave_its_trace_with_drbots_own_rights(world: RealCluster, trace: Path) -> None:
    world.tell("select min(id) from public.faturas")
    assert trace.read_text().strip() == world.owner


def test_rows_that_policies_hide_are_seen_and_no_role_is_left(world: RealCluster) -> None:
    world.tell("alter table agendamentos enable row level security")
    assert rehearsed(world) == ""
    _, plan = planned(rehearse_to_time, world.tools, environment="production", at="")
    context = Context(world.tools, RUN, quiet)
    for step in (*plan.before, *plan.steps[:-1]):
        step.do(context)
    copy = Copy(world.cluster, RUN).server(world.postgres)
    roles = "select rolname, rolsuper from pg_roles where rolname like 'dr_proof%'"

    def left(session: Session) -> list[tuple[object, ...]]:
        return [tuple(row) for row in session.execute(roles.encode()).fetchall()]

    with copy.session(RUN) as session:
        assert left(session) == []
        with reading(copy, RUN, 30.0):
            assert left(session) == [(f"dr_proof_{RUN}", False)]
        assert left(session) == []
        session.execute(f"create role dr_proof_{RUN}".encode())  # somebody else's
        with (
            pytest.raises(NotVerified, match=rf"has a role dr_proof_{RUN}"),
            reading(copy, RUN, 9),
        ):
            pass
        assert left(session) == [(f"dr_proof_{RUN}", False)]
        left_by_a_kill = f"comment on role dr_proof_{RUN} is '{OURS}'"
        session.execute(left_by_a_kill.encode())
        with reading(copy, RUN, 30.0) as inside:
            row = inside.execute("select count(*) from public.agendamentos").fetchone()
        assert row is not None
        assert int(str(row[0])) > 0
        assert left(session) == []
    undo(plan, world.tools, RUN)
