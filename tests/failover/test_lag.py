"""How far a standby is behind, on two real servers: one follows the other, is cut off, stands alone."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest

from actions.failover.fail_over import fail_over_name
from actions.failover.targets import objections, see
from actions.tools.postgres.replay import lag_of
from bot.demo.ports import free_port
from tests.actions.running import planned
from tests.failover.test_move import HERE
from tests.real.places import FIRST, SECOND, TwoPlaces
from tests.real.postgres import PASSWORD, RealPostgres, embedded_programs, real_postgres
from tests.real.processes import plain_account, running, server_directory, wait_for

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Standby:
    leader: RealPostgres
    port: int

    @property
    def url(self) -> str:
        return f"postgresql://postgres:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def ask(self, statement: str) -> object:
        with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as session:
            row = session.execute(statement.encode()).fetchone()
        return row[0] if row else None

    def write(self) -> None:
        with self.leader.connect() as session:
            session.execute("create table if not exists written (at timestamptz default now())")
            session.execute("insert into written default values")

    def has_all(self) -> bool:
        with self.leader.connect() as session:
            row = session.execute("select pg_current_wal_lsn()::text").fetchone()
        assert row is not None
        return bool(self.ask(f"select pg_last_wal_replay_lsn() >= '{row[0]}'::pg_lsn"))


@pytest.fixture(scope="module")
def standby() -> Iterator[Standby]:
    owner = plain_account()
    with contextlib.ExitStack() as stack:
        leader = stack.enter_context(real_postgres(embedded_programs()))
        folder = stack.enter_context(server_directory(owner))
        data, port = folder / "data", free_port()
        source = f"postgresql://postgres:{PASSWORD}@127.0.0.1:{leader.port}/"
        subprocess.run(
            [leader.programs / "pg_basebackup", "-d", source, "-D", data, "-R", "-X", "stream", "-c", "fast"],
            check=True, capture_output=True, user=owner, timeout=60, cwd=folder,
        )  # fmt: skip
        argv = [str(leader.programs / "postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(port)]
        argv += ["-c", "unix_socket_directories=", "-c", "max_connections=60"]
        argv += ["-c", "max_prepared_transactions=4", "-c", "fsync=off"]
        stack.enter_context(running(argv, folder, owner, signal.SIGINT))
        made = Standby(leader, port)
        wait_for("the standby", lambda: _there(made))
        yield made


def _there(standby: Standby) -> bool:
    try:
        return bool(standby.ask("select pg_is_in_recovery()"))
    except psycopg.OperationalError:
        return False


def test_a_standby_that_has_all_is_level_however_idle(standby: Standby) -> None:
    standby.write()
    wait_for("the standby to have it", standby.has_all)
    level = lag_of(standby.url, standby.leader.url())
    assert (level.seconds, level.silent) == (0.0, False)
    assert level.said == "its data is level with the database that it follows"
    alone = lag_of(standby.url)
    assert alone.seconds is not None


def test_a_standby_that_is_held_up_is_stale_and_that_speaks_against_it(
    standby: Standby, places: TwoPlaces
) -> None:
    standby.write()
    wait_for("the standby to have it", standby.has_all)
    standby.ask("select pg_wal_replay_pause()::text")
    wait_for("the pause", lambda: standby.ask("select pg_get_wal_replay_pause_state()") == "paused")
    try:
        standby.write()
        lag = lag_of(standby.url, standby.leader.url())
        assert lag.seconds is not None
        assert "its last transaction is" in lag.said
        targets = {
            "primary": {"address": FIRST, "database_url_env": "DR_FIRST"},
            "secondary": {"address": SECOND, "database_url_env": "DR_SECOND"},
        }
        variables = {"DR_FIRST": standby.leader.url(), "DR_SECOND": standby.url}
        tools = places.tools(variables, targets=targets, stale_after="0.000001s")
        service = tools.service_name("api")
        found = objections(see(service, service.target("secondary")), service.stale_after_s)
        assert [one.kind for one in found] == ["stale"]
        assert "the plan allows 1e-06 s" in found[0].said
        _, plan = planned(fail_over_name, tools, **HERE)
        assert "secondary's data is stale" in plan.objections[0]
        assert any("what was written since is missing there" in one for one in plan.warnings)
    finally:
        standby.ask("select pg_wal_replay_resume()::text")
        wait_for("the standby to have it", standby.has_all)


def test_a_plain_copy_and_a_silent_database_and_none(standby: Standby) -> None:
    copy = lag_of(standby.leader.url())
    assert (copy.seconds, copy.silent) == (None, False)
    assert "follows no other" in copy.said
    gone = lag_of("postgresql://postgres@127.0.0.1:1/postgres", standby.leader.url())
    assert gone.silent
    none = lag_of("")
    assert (none.seconds, none.silent) == (None, False)


def test_a_target_without_its_database_is_objected_to(places: TwoPlaces) -> None:
    targets = {
        "primary": {"address": FIRST},
        "secondary": {"address": SECOND, "database_url_env": "DR_SECOND"},
    }
    tools = places.tools({"DR_SECOND": "postgresql://postgres@127.0.0.1:1/postgres"}, targets=targets)
    _, plan = planned(fail_over_name, tools, **HERE)
    assert len(plan.objections) == 1
    assert "secondary has no data to serve: its database did not answer" in plan.objections[0]
