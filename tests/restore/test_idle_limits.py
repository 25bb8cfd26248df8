"""A server that ends idle sessions ends none of ours: they hold a lock or a snapshot while others work."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from actions.failures import Transient
from actions.tools.postgres.server import Postgres
from actions.tools.postgres.snapshot import shared_snapshot
from tests.real.postgres import RealPostgres
from tests.real.s3 import RealS3
from tests.restore.rounds import round_of

LIMIT_MS = 500
"""Longer than it takes to say the first word in a session, on a busy machine too."""
LIMITS = ("idle_in_transaction_session_timeout", "idle_session_timeout")


@pytest.fixture
def impatient(pg: RealPostgres) -> Iterator[RealPostgres]:
    """A server whose roles are all ended after half a second of doing nothing."""
    with pg.connect() as session:
        for limit in LIMITS:
            session.execute(f"alter system set {limit} = '{LIMIT_MS}ms'".encode())
        session.execute("select pg_reload_conf()")
    try:
        yield pg
    finally:
        with pg.connect() as session:
            for limit in LIMITS:
                session.execute(f"alter system reset {limit}".encode())
            session.execute("select pg_reload_conf()")


def idle_ms(pg: RealPostgres, pid: int) -> float:
    """How long a session has been doing nothing; -1 where it is gone."""
    with pg.connect() as session:
        row = session.execute(
            "select extract(epoch from clock_timestamp() - state_change) * 1000 from pg_stat_activity"
            " where pid = %s and state like 'idle%%'",
            [pid],
        ).fetchone()
        return float(row[0]) if row else -1.0


def idled(pg: RealPostgres, pid: int) -> bool:
    """Wait until it has idled for three times the limit; False where the server has ended it."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if (idle := idle_ms(pg, pid)) < 0 or idle > 3 * LIMIT_MS:
            return idle > 0
        time.sleep(0.02)
    return False


def test_the_snapshot_of_a_backup_stays_however_long_the_dump_takes(impatient: RealPostgres) -> None:
    server = Postgres(impatient.url("salon"))
    with shared_snapshot(server, 7, 60.0) as snapshot:
        assert idled(impatient, snapshot.session.info.backend_pid)
        assert snapshot.session.execute("select count(*) from public.usuarios").fetchone()


def test_the_session_that_holds_a_lock_stays_however_long_a_load_takes(impatient: RealPostgres) -> None:
    with Postgres(impatient.url("salon")).admin(7) as session:
        session.execute("select pg_advisory_lock(1)")
        assert idled(impatient, session.info.backend_pid)
        assert session.execute("select 1").fetchone() == (1,)


@pytest.mark.parametrize("kind", ["archive", "plain"])
def test_a_whole_restore_on_such_a_server(impatient: RealPostgres, s3: RealS3, kind: str) -> None:
    made = ("create table t (id int, v text)",
            "insert into t select g, md5(g::text) from generate_series(1, 300000) g",
            "create index one on t (v)", "create index two on t (id, v)")  # fmt: skip
    with round_of(impatient, s3, *made) as one:
        one.backed_up("archive" if kind == "archive" else "plain")
        assert any("every row matched" in done.said for done in one.restored())


def test_a_session_that_was_ended_for_idling_is_told_as_what_may_be_tried_again(pg: RealPostgres) -> None:
    def idle_too_long() -> None:
        with Postgres(pg.url("salon")).session(7) as session:
            session.execute(f"set idle_in_transaction_session_timeout = '{LIMIT_MS}ms'".encode())
            session.execute("begin")
            assert not idled(pg, session.info.backend_pid)
            session.execute("select 1")

    with pytest.raises(Transient, match="idle-in-transaction timeout"):
        idle_too_long()
