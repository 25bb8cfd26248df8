"""What guards, approval and durability cost: an action's bare steps, and the whole of a run, in turns."""

from __future__ import annotations

import contextlib
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg

from actions.database.long_queries import end_long_queries
from actions.plan import Context
from actions.tools.toolbox import Toolbox
from tests.bench.cases import Line
from tests.bench.inside import inside
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
    actions = {end_long_queries.name: end_long_queries}
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(real_postgres(embedded_programs()))
        variables = {URL_NAME: server.url("salon")}
        bot = stack.enter_context(inside(directory / "overhead", ENVIRONMENTS, variables, actions))
        for number in range(ROUNDS):
            with long_query(server):
                bare_s.append(_bare_s(bot.toolbox, number))
            with long_query(server):
                run_s.append(bot.run_s(end_long_queries, GIVEN))
    bare, whole = statistics.median(bare_s), statistics.median(run_s)
    note = f"bare {bare:.3f} s, as a run {whole:.3f} s (worst {max(run_s):.3f} s): {whole - bare:+.3f} s"
    return [Line("guards and durability", {"note": note}, "≤ 1.5 s over bare", whole - bare <= REACH_S)]


def _bare_s(toolbox: Toolbox, number: int) -> float:
    """Only the steps, as a script would do them; the sessions to end are known before."""
    params = end_long_queries.read_params(GIVEN)
    plan = end_long_queries.plan(params, end_long_queries.survey(toolbox, params))
    began = time.monotonic()
    for step in plan.steps:
        step.do(Context(toolbox, number))
    return time.monotonic() - began


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
