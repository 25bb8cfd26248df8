"""A process that runs a restore's steps and kills itself -9 behind the n-th statement that matches.

Started by test_kill.py with a JSON job on stdin; prints the index of each step before it begins.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections.abc import Callable
from typing import Any

import psycopg

from actions.plan import Context
from actions.restores.restore import restore_database
from actions.tools.aws.s3 import Bucket
from actions.tools.postgres.server import Postgres
from actions.tools.toolbox import FixedToolbox
from tests.real.s3 import BUCKET, KEYS


def die_behind(pattern: str, count: int) -> None:
    """From now on the process dies as soon as the server has done the `count`-th such statement."""
    seen = 0

    def watching(work: Callable[..., Any]) -> Callable[..., Any]:
        def watched(cursor: psycopg.Cursor[Any], query: Any, *rest: Any, **named: Any) -> Any:
            nonlocal seen
            done = work(cursor, query, *rest, **named)
            text = (
                query
                if isinstance(query, str)
                else query.decode()
                if isinstance(query, bytes)
                else query.as_string()
            )
            if re.search(pattern, text):
                seen += 1
                if seen == count:
                    os.kill(os.getpid(), signal.SIGKILL)
            return done

        return watched

    psycopg.Cursor.execute = watching(psycopg.Cursor.execute)  # type: ignore[method-assign]
    psycopg.Cursor.copy = watching(psycopg.Cursor.copy)  # type: ignore[method-assign]


def toolbox(job: dict[str, Any]) -> FixedToolbox:
    """The tools of the job, as the parent has them."""
    bucket = Bucket(
        BUCKET,
        job["prefix"],
        endpoint_url=job["endpoint_url"],
        access_key=KEYS["accessKey"],
        secret_key=KEYS["secretKey"],
    )
    return FixedToolbox(
        {"staging": Postgres(job["staging"], smoke_tables=("usuarios",))}, {"production": bucket}
    )


def main() -> None:
    job = json.load(sys.stdin)
    params, facts = restore_database.read_params(job["params"]), restore_database.read_facts(job["facts"])
    plan = restore_database.plan(params, facts)
    steps = plan.undo if job["undo"] else (*plan.before, *plan.steps, *plan.after)
    die_behind(job["pattern"], job["count"])
    for index, step in enumerate(steps):
        sys.stdout.write(f"{index}\n")
        sys.stdout.flush()
        step.do(Context(toolbox(job), job["run"]))


if __name__ == "__main__":
    main()
