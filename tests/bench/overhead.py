"""What guards, approval and durability cost: an action's bare steps, and the whole of a run, in turns."""

from __future__ import annotations

import contextlib
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from actions.long_queries import end_long_queries
from actions.plan import Context
from bot.domain.run import RunState
from bot.engine import Engine, system_url
from bot.plan.models import DrPlan
from bot.runs import Runs
from bot.store.sqlite import SqliteStore
from bot.toolbox import PlanToolbox
from tests.bench.cases import Line
from tests.matrix.mortal import PEOPLE, RISKS
from tests.real.postgres import RealPostgres, embedded_programs, real_postgres
from tests.real.processes import wait_for

ROUNDS = 7
REACH_S = 1.5
GIVEN = {"environment": "staging", "older_than": "1s"}
URL_NAME = "DR_STAGING_DATABASE_URL"
ENVIRONMENTS = {"staging": {"database": {"name": "salon", "url_env": URL_NAME, "user": "belezza"}}}
OLD = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND clock_timestamp() - query_start > interval '1.1 s'"


def overhead(directory: Path) -> Sequence[Line]:
    """End one long query, bare and as a run on SQLite; medians of seven."""
    bare_s: list[float] = []
    run_s: list[float] = []
    with real_postgres(embedded_programs()) as server, bench(server, directory / "overhead") as bot:
        for number in range(ROUNDS):
            with long_query(server):
                bare_s.append(bot.bare(number))
            with long_query(server):
                run_s.append(bot.run())
    bare, whole = statistics.median(bare_s), statistics.median(run_s)
    note = f"bare {bare:.3f} s, as a run {whole:.3f} s (worst {max(run_s):.3f} s): {whole - bare:+.3f} s"
    return [Line("guards and durability", {"note": note}, "≤ 1.5 s over bare", whole - bare <= REACH_S)]


@dataclass(frozen=True)
class _Bot:
    plan: DrPlan
    toolbox: PlanToolbox
    runs: Runs

    def bare(self, number: int) -> float:
        """Only the steps, as a script would do them; the sessions to end are known before."""
        params = end_long_queries.read_params(GIVEN)
        plan = end_long_queries.plan(params, end_long_queries.survey(self.toolbox, params))
        began = time.monotonic()
        for step in plan.steps:
            step.do(Context(self.toolbox, number))
        return time.monotonic() - began

    def run(self) -> float:
        """From the asking to the verified end: survey, plan, approval, guards, steps, checks, journal."""
        ana, rui = self.plan.person("ana"), self.plan.person("rui")
        if ana is None or rui is None:
            raise LookupError("the plan of the bench lost its people")
        began = time.monotonic()
        asked = self.runs.propose(ana, end_long_queries.name, GIVEN)
        self.runs.approve(rui, asked.id)
        ended = self.runs.wait(asked.id, 60)
        took_s = time.monotonic() - began
        if ended.state is not RunState.VERIFIED:
            raise RuntimeError(f"{ended.ref} ended {ended.state.value}: {ended.outcome}")
        return took_s


@contextlib.contextmanager
def bench(server: RealPostgres, directory: Path) -> Iterator[_Bot]:
    """The inside of the bot with its engine, over a fresh SQLite."""
    directory.mkdir()
    limits = {"per_hour": {"high": 100}, "per_target_hour": 100}  # it measures the same run again and again
    sections = {"people": PEOPLE, "risks": RISKS, "environments": ENVIRONMENTS, "limits": limits}
    plan = DrPlan.model_validate(sections)
    toolbox = PlanToolbox(plan, {URL_NAME: server.url("salon")})
    actions = {end_long_queries.name: end_long_queries}
    store = SqliteStore(directory / "drbot.db")
    runs = Runs(store, plan, toolbox, actions)
    engine = Engine(store, runs, toolbox, actions, system_url(f"sqlite:///{directory}/drbot.db"))
    try:
        engine.start(standby=True)
        yield _Bot(plan, toolbox, runs)
    finally:
        engine.stop()
        store.close()


@contextlib.contextmanager
def long_query(server: RealPostgres) -> Iterator[None]:
    """A query that has run for more than a second, and whose session is gone afterwards."""
    with contextlib.closing(psycopg.connect(server.url("salon", "belezza"), autocommit=True)) as hog:

        def sleep() -> None:
            with contextlib.suppress(psycopg.Error):
                hog.execute("SELECT pg_sleep(60)")

        sleeping = threading.Thread(target=sleep)
        sleeping.start()
        pid = hog.info.backend_pid
        with server.connect() as session:
            wait_for("an old query", lambda: session.execute(OLD, [pid]).fetchone() is not None)
        try:
            yield
        finally:
            with server.connect() as session:
                session.execute("SELECT pg_terminate_backend(%s)", [pid])
            sleeping.join()
