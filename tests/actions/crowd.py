"""Sessions that a test fills a database with: some at work, some idle in a transaction."""

from __future__ import annotations

import contextlib
import threading

import psycopg

from tests.real.postgres import RealPostgres
from tests.real.processes import wait_for

SLEEP = "select pg_sleep(120), 'segredo de teste', 4242"


class Crowd:
    """Sessions of a test by name: some sleep in a query, some idle in a transaction."""

    def __init__(self, pg: RealPostgres, database: str) -> None:
        self._pg = pg
        self._database = database
        self._sessions: dict[str, psycopg.Connection] = {}
        self._workers: list[threading.Thread] = []

    def join(
        self,
        name: str,
        user: str = "belezza",
        application: str = "api",
        query: str = SLEEP,
        idle: bool = False,
    ) -> None:
        session = psycopg.connect(
            self._pg.url(self._database, user),
            autocommit=True,
            application_name=application,
        )
        self._sessions[name] = session
        if idle:
            session.execute("begin")
            session.execute("select count(*) from usuarios")
            return

        def work() -> None:
            with contextlib.suppress(psycopg.Error):
                session.execute(query.encode())

        worker = threading.Thread(target=work, daemon=True)
        worker.start()
        self._workers.append(worker)

    def session(self, name: str) -> psycopg.Connection:
        return self._sessions[name]

    def pid(self, name: str) -> int:
        return self._sessions[name].info.backend_pid

    def doing(self, name: str) -> str | None:
        """The state of its connection on the server, None once that is gone."""
        with self._pg.connect() as session:
            row = session.execute(
                "select state from pg_stat_activity where pid = %s", [self.pid(name)]
            ).fetchone()
        return None if row is None else str(row[0])

    def settled(self, age_s: float) -> None:
        """Wait until all are at it for so long."""
        with self._pg.connect() as session:
            pids = [held.info.backend_pid for held in self._sessions.values()]
            wait_for(
                "old sessions",
                lambda: (
                    session.execute(
                        "select count(*) from pg_stat_activity where pid = any(%s) and state <> 'idle'"
                        " and clock_timestamp() - state_change > make_interval(secs => %s)",
                        [pids, age_s],
                    ).fetchone()
                    == (len(pids),)
                ),
            )

    def leave(self) -> None:
        with self._pg.connect() as session:
            for held in self._sessions.values():
                with contextlib.suppress(psycopg.Error):
                    session.execute("select pg_terminate_backend(%s)", [held.info.backend_pid])
        for worker in self._workers:
            worker.join(10)
        for held in self._sessions.values():
            held.close()
