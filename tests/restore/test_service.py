"""After the swap the service is asked whether it is well: what that changes, and what it does not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg
import pytest

from actions.plan import Context, NotVerified
from actions.restores.facts import RestoreFacts
from actions.restores.restore import restore_database
from actions.restores.run import Restore
from actions.restores.service import check_service
from actions.tools.toolbox import FixedToolbox
from bot.plan.models import DrPlan
from bot.toolbox import PlanToolbox
from tests.actions.conftest import World
from tests.actions.running import planned, run, undo

GIVEN = {"environment": "staging"}


@dataclass
class Salon:
    """A service with one connection that it keeps; `asks` is what makes it well."""

    dsn: str
    asks: str
    session: psycopg.Connection | None = None

    def status(self) -> int:
        try:
            if self.session is None or self.session.closed:
                self.session = psycopg.connect(self.dsn, autocommit=True, connect_timeout=5)
            self.session.execute(self.asks.encode())
        except psycopg.OperationalError:
            self.session = None  # a pool: the next one who asks gets a new connection
            return 503
        except psycopg.Error:
            return 503
        return 200


@pytest.fixture
def salon(world: World) -> Iterator[tuple[Salon, FixedToolbox]]:
    made = Salon(world.pg.url(world.staging.database, "belezza"), "select count(*) from usuarios")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(made.status())
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    health = f"http://127.0.0.1:{server.server_port}/actuator/health"
    staging = replace(world.staging, health=health)
    try:
        yield made, replace(world.tools, servers={**world.tools.servers, "staging": staging})
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
        if made.session is not None:
            made.session.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actions.restores.service.WITHIN_S", 1.0)
    monkeypatch.setattr("actions.restores.service.EVERY_S", 0.2)


@pytest.mark.disaster(24)
def test_a_service_whose_pool_was_cut_is_well_on_the_restored_database(
    world: World, salon: tuple[Salon, FixedToolbox]
) -> None:
    _, tools = salon
    facts, plan = planned(restore_database, tools, **GIVEN)
    assert facts.service.healthy
    assert "answered 200" in dict(plan.facts)["service"]
    said = run(plan, tools, 84)[-1]
    assert "answered 200" in said.said
    assert said.light == ""
    assert world.ask(world.staging.database, "select count(*) from usuarios") == 2500


@pytest.mark.disaster(24)
@pytest.mark.usefixtures("impatient")
def test_a_service_that_does_not_go_with_it_has_the_swap_taken_back(
    world: World, salon: tuple[Salon, FixedToolbox]
) -> None:
    made, tools = salon
    with world.pg.connect(world.staging.database, "belezza") as session:
        session.execute("alter table usuarios add migrated int")
    made.asks = "select migrated from usuarios"
    _, plan = planned(restore_database, tools, **GIVEN)
    with pytest.raises(NotVerified, match="was well before the swap, and 1 s after it answered 503"):
        run(plan, tools, 85)
    undo(plan, tools, 85)
    assert made.status() in (200, 503)
    assert made.status() == 200
    assert world.relatives() == {"__undone_85"}


def test_a_service_that_was_not_well_before_is_amber(world: World, salon: tuple[Salon, FixedToolbox]) -> None:
    made, tools = salon
    made.asks = "select nothing"
    facts, plan = planned(restore_database, tools, **GIVEN)
    assert not facts.service.healthy
    said = run(plan, tools, 86)[-1]
    assert said.light == "amber"
    assert "answered 503" in said.said.partition("before the restore it")[2]
    assert world.ask(world.staging.database, "select count(*) from usuarios") == 2500


@pytest.mark.usefixtures("impatient")
def test_where_customers_are_served_a_person_decides(salon: tuple[Salon, FixedToolbox]) -> None:
    made, tools = salon
    facts, _ = planned(restore_database, tools, **GIVEN)
    made.asks = "select nothing"
    serving = replace(tools.servers["staging"], serves_customers=True)
    context = _context(replace(tools, servers={"staging": serving}))
    said = check_service(_restore(facts), context)
    assert said.light == "amber"
    assert "start it, then look" in said.said


def test_the_plan_names_it_and_without_one_nothing_is_asked(world: World) -> None:
    place = {
        "database": {"name": "x", "url_env": "URL"},
        "addresses": {"health": "http://127.0.0.1:9/health"},
    }
    plan = DrPlan.model_validate({"environments": {"staging": place}})
    assert PlanToolbox(plan, {"URL": world.staging.url}).postgres("staging").health.endswith(":9/health")
    facts, bare = planned(restore_database, world.tools, **GIVEN)
    assert facts.service.url == ""
    assert len(bare.after) == 1
    tools = replace(world.tools, servers={"staging": replace(world.staging, health="not a URL")})
    assert "cannot be asked" in planned(restore_database, tools, **GIVEN)[0].service.said


def _context(tools: FixedToolbox) -> Context:
    return Context(tools, 87)


def _restore(facts: RestoreFacts) -> Restore:
    return Restore(restore_database.read_params(GIVEN), facts)
