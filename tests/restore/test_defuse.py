"""A copy of production sends nothing and runs nothing in its name; and what the plan asks of a copy holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.plan import Context, NotVerified
from actions.restores.restore import restore_database
from actions.tools.toolbox import FixedToolbox
from tests.actions.conftest import World, publish
from tests.actions.running import planned, run

RUN = 71
MASK = "UPDATE usuarios SET email = 'u' || id || '@exemplo.invalid'"
CLOSE = "DELETE FROM pagamentos WHERE id % 2 = 0"


def tools_of(world: World, defuse: tuple[str, ...] = (), holds: dict[str, str] | None = None) -> FixedToolbox:
    """The world's tools where production names how copies are made harmless, staging what must hold."""
    return replace(
        world.tools,
        servers={
            "production": replace(world.production, defuse=defuse, newest=("usuarios.criado_em",)),
            "staging": replace(world.staging, holds=holds or {}),
        },
    )


@pytest.mark.disaster(39)
def test_the_originals_statements_run_before_anybody_can_connect(world: World) -> None:
    tools = tools_of(world, (MASK, CLOSE))
    facts, plan = planned(restore_database, tools, environment="staging")
    at = next(number for number, step in enumerate(plan.steps) if "harmless" in step.title)

    for step in (*plan.before, *plan.steps[: at + 1]):
        step.do(Context(tools, RUN))
    name = world.staging.database
    asked = f"select has_database_privilege('belezza', '{name}__dr_{RUN}', 'CONNECT')"
    assert world.ask("postgres", asked) is False, "harmless before anybody can connect"
    assert world.ask(f"{name}__dr_{RUN}", "select count(*) from usuarios where email !~ 'invalid'") == 0

    done = run(plan, tools, RUN, times=2)
    assert world.ask(name, "select count(*) from usuarios where email !~ 'invalid'") == 0
    assert world.ask(name, "select count(*) from pagamentos") == 3000
    assert any(one.said == f"{name}__dr_{RUN} was already made harmless" for one in done)
    assert facts.asked.defuse == (MASK, CLOSE)
    assert dict(plan.facts)["made harmless by"] == "2 statements, before anybody can connect"


@pytest.mark.disaster(39)
def test_it_says_how_many_statements_and_rows(world: World) -> None:
    tools = tools_of(world, (MASK,))
    _, plan = planned(restore_database, tools, environment="staging")
    said = [one.said for one in run(plan, tools, RUN)]
    assert (
        "1 statement made the copy of production harmless (2,500 rows) before anybody could connect" in said
    )


@pytest.mark.disaster(39)
@pytest.mark.parametrize(
    "wrong", ["UPDATE nobody SET x = 1", "ALTER SYSTEM SET log_statement = 'all'", "DELETE FROM usuarios"]
)
def test_where_one_fails_nothing_is_swapped(world: World, wrong: str) -> None:
    before = world.oid(world.staging.database)
    tools = tools_of(world, (MASK, wrong))
    _, plan = planned(restore_database, tools, environment="staging")
    with pytest.raises(NotVerified, match=r"statement 2 of 2 .* failed: .* was not touched"):
        run(plan, tools, RUN)
    assert world.oid(world.staging.database) == before
    assert world.relatives() == set()


def test_the_targets_own_statements_are_for_copies_of_the_target(world: World) -> None:
    tools = tools_of(world)
    tools = replace(tools, servers={**tools.servers, "staging": replace(world.staging, defuse=(MASK,))})
    facts, plan = planned(restore_database, tools, environment="staging")
    assert facts.asked.defuse == ()
    assert dict(plan.facts)["made harmless by"] == "nothing: the plan names no defuse for production"
    (warning,) = [one for one in plan.warnings if "harmless" in one]
    assert "so staging will hold the real rows of production" in warning


def test_a_database_that_comes_back_to_itself_is_not_made_harmless(world: World) -> None:
    server = replace(world.staging, defuse=(MASK,))
    tools = FixedToolbox({"staging": server}, {"staging": world.bucket})
    publish(
        world.bucket, replace(world.manifest, environment="staging"), world.bucket.read(world.manifest.key)
    )
    given = {"environment": "staging", "from_environment": "staging"}
    facts, plan = planned(restore_database, tools, **given)
    assert facts.asked.defuse == ()
    assert dict(plan.facts)["made harmless by"] == "nothing: it comes back to where it is from"
    assert not any("harmless" in warning for warning in plan.warnings)
    assert not any("harmless" in step.title for step in plan.steps)


def test_what_must_hold_is_asked_read_only_as_the_powerless_role(world: World) -> None:
    holds = {
        "every payment has its visit": "SELECT NOT EXISTS (SELECT FROM pagamentos p LEFT JOIN agendamentos a"
        " ON a.id = p.agendamento_id WHERE a.id IS NULL)"
    }
    tools = tools_of(world, holds=holds)
    _, plan = planned(restore_database, tools, environment="staging")
    done = run(plan, tools, RUN)
    assert any("1 queries of the plan held" in one.said for one in done)
    assert dict(plan.facts)["must hold"] == "every payment has its visit"
    newest = next(one.values["newest row"] for one in done if "newest row" in one.values)
    assert newest == world.ask(
        "salon",
        "select to_char(max(criado_em) at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') from usuarios",
    )


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("SELECT count(*) = 0 FROM usuarios", "“it holds” does not hold"),
        ("SELECT 1", "“it holds” does not hold"),
        ("SELECT true FROM nowhere", "“it holds” could not be asked: relation"),
        ("DELETE FROM usuarios RETURNING true", "could not be asked: cannot execute DELETE in a read-only"),
        ("SELECT pg_read_file('/etc/passwd') IS NOT NULL", "could not be asked: permission denied"),
        ("SELECT true; DROP TABLE usuarios", "could not be asked: cannot insert multiple commands"),
    ],
)
def test_a_query_that_does_not_hold_stops_it(world: World, query: str, says: str) -> None:
    before = world.oid(world.staging.database)
    tools = tools_of(world, holds={"it holds": query})
    _, plan = planned(restore_database, tools, environment="staging")
    with pytest.raises(NotVerified, match=says):
        run(plan, tools, RUN)
    assert world.oid(world.staging.database) == before
    assert world.relatives() == set()


def test_other_words_of_the_plan_are_drift(world: World) -> None:
    before, _ = planned(restore_database, tools_of(world, (MASK,)), environment="staging")
    now, _ = planned(restore_database, tools_of(world), environment="staging")
    assert "the plan asks other things" in str(restore_database.drift(before, now))
