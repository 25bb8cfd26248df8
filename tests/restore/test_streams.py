"""The ways to S3 and to the server break under a restore: it goes on, or leaves nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.plan import Context, Transient
from actions.restores.restore import restore_database
from actions.tools.postgres.server import url_of
from tests.actions.conftest import World
from tests.actions.running import planned, run
from tests.real.postgres import PASSWORD
from tests.real.proxy import proxy
from tests.restore.conftest import Made

RUN = 74
GIVEN = {"environment": "staging"}


@pytest.mark.disaster(17)
@pytest.mark.parametrize("kind", ["plain", "archive"])
def test_a_connection_lost_midway_leaves_nothing_and_the_next_try_ends_it(
    world: World, archive: Made, kind: str
) -> None:
    if kind == "archive":
        archive.into(world)
    before = world.oid(world.staging.database)
    with proxy(("127.0.0.1", world.pg.port)) as way:
        url = url_of("127.0.0.1", way.port, "postgres", PASSWORD, world.staging.database)
        tools = replace(world.tools, servers={"staging": replace(world.staging, url=url)})
        _, plan = planned(restore_database, tools, **GIVEN)
        for step in plan.before:
            step.do(Context(tools, RUN))
        way.at(30, way.refuse)
        with pytest.raises(Transient):
            plan.steps[0].do(Context(tools, RUN))
        way.passing()
        assert world.oid(world.staging.database) == before
        run(plan, tools, RUN)
    assert world.ask(world.staging.database, "select count(*) from usuarios") == 2500
    assert world.relatives() == {f"__old_{RUN}"}


@pytest.mark.disaster(50, 28)
@pytest.mark.parametrize("kind", ["plain", "archive"])
def test_a_stream_that_is_cut_goes_on_at_the_byte_where_it_was_cut(
    world: World, archive: Made, kind: str
) -> None:
    if kind == "archive":
        archive.into(world)
    host, port = str(world.bucket.endpoint_url).removeprefix("http://").split(":")
    with proxy((host, int(port))) as way:
        tools = replace(world.tools, buckets={"production": replace(world.bucket, endpoint_url=f"{way.url}")})
        _, plan = planned(restore_database, tools, **GIVEN)
        for step in plan.before:
            step.do(Context(tools, RUN))
        said: list[str] = []
        way.cut(150_000)
        way.at(9, way.passing)
        plan.steps[0].do(Context(tools, RUN, said.append))
        way.passing()
        run(plan, tools, RUN)
    assert world.ask(world.staging.database, "select count(*) from usuarios") == 2500


@pytest.mark.disaster(49)
def test_s3_that_answers_503_is_tried_again_then_told(world: World) -> None:
    host, port = str(world.bucket.endpoint_url).removeprefix("http://").split(":")
    with proxy((host, int(port))) as way:
        tools = replace(world.tools, buckets={"production": replace(world.bucket, endpoint_url=way.url)})
        _, plan = planned(restore_database, tools, **GIVEN)
        busy = b"<Error><Code>SlowDown</Code><Message>please reduce</Message></Error>"
        with (
            way.answer(503, busy, "application/xml"),
            pytest.raises(Transient, match="did not answer as hoped"),
        ):
            plan.before[1].do(Context(tools, RUN))
        run(plan, tools, RUN)
    assert world.ask(world.staging.database, "select count(*) from usuarios") == 2500
