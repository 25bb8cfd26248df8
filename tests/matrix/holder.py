"""A client that holds a connection, notices when it is ended, and comes again: so ending twice shows."""

from __future__ import annotations

import contextlib
import os
import select
import threading
from dataclasses import dataclass, field

import psycopg

from tests.real.processes import wait_for

SLEEP = "select pg_sleep(600)"


@dataclass
class Holder:
    """One client: in a long query, or `idle` in a transaction. `ended` counts how often that was ended."""

    url: str
    idle: bool = False
    ended: int = 0
    _leaving: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def begin(self) -> None:
        self._leaving.clear()
        self._thread = threading.Thread(target=self._hold, daemon=True)
        self._thread.start()

    def leave(self) -> None:
        """Go by itself: that is not counted. Safe to call twice."""
        self._leaving.set()
        with contextlib.suppress(psycopg.Error), psycopg.connect(self.url, autocommit=True) as session:
            session.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = %s",
                [self.name],
            )
        if self._thread:
            self._thread.join(10)

    def again(self) -> None:
        """Go by itself, and be at it again with another session."""
        self.leave()
        self.begin()
        wait_for("the next session", lambda: bool(self.ages()))

    @property
    def name(self) -> str:
        return f"holder-{os.getpid()}-{id(self):x}"

    def ages(self) -> list[float]:
        """How long it has been at it (s): one number, or none where it is not there."""
        states = "idle in transaction%" if self.idle else "active"
        with psycopg.connect(self.url, autocommit=True) as session:
            rows = session.execute(
                "select extract(epoch from clock_timestamp() - state_change)::float8 from pg_stat_activity"
                " where application_name = %s and state like %s",
                [self.name, states],
            ).fetchall()
        return [float(row[0]) for row in rows]

    def aged(self, age_s: float) -> None:
        """Wait until it has been at it for so long."""
        wait_for("an old session", lambda: any(age > age_s for age in self.ages()))

    def _hold(self) -> None:
        while not self._leaving.is_set():
            with contextlib.suppress(psycopg.OperationalError), self._connected() as session:
                self._at_it(session)

    def _connected(self) -> psycopg.Connection:
        return psycopg.connect(self.url, autocommit=True, application_name=self.name)

    def _at_it(self, session: psycopg.Connection) -> None:
        """Until the connection ends; a cancelled query is begun again in the same one."""
        while not self._leaving.is_set():
            try:
                if self.idle:
                    session.execute("begin; select 1")
                    select.select([session.fileno()], [], [], 600)  # readable: the server closes it
                session.execute("select 1" if self.idle else SLEEP)
            except psycopg.Error:
                self.ended += not self._leaving.is_set()
                if session.broken or session.closed:
                    raise
