"""One round: what the plan's own script does to a database of more than a gigabyte, then what drbot does."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from actions.backups.make import dump_database
from actions.plan import AnyAction, Context, Plan, Step
from actions.registry import all_actions
from actions.tools.aws.s3 import Bucket
from actions.tools.dumps.copies import BackupFormat, Keeping
from actions.tools.postgres.server import Postgres
from actions.tools.toolbox import FixedToolbox, Toolbox
from tests.actions.running import planned
from tests.bench.downtime import Gap, reconnecting
from tests.bench.inside import inside
from tests.bench.large import Large
from tests.bench.resident import forget_peak, resident_mb
from tests.real.s3 import KEYS

URL_NAME = "DR_STAGING_DATABASE_URL"
KINDS: tuple[BackupFormat, ...] = ("archive", "plain")


@dataclass(frozen=True)
class Took:
    """Seconds by step title, and the sum."""

    steps: Mapping[str, float]

    @property
    def total_s(self) -> float:
        return sum(self.steps.values())

    def of(self, word: str) -> float:
        """The steps whose titles hold the word."""
        return sum(seconds for title, seconds in self.steps.items() if word in title)


@dataclass(frozen=True)
class Round:
    """One round: the script, then drbot, on the same database."""

    script_backup_s: float
    script_upload_s: float
    script_restore_s: float
    backup: Took
    restore: dict[str, Took]
    gaps: dict[str, Gap]
    undo_s: dict[str, float]
    as_run_s: float
    memory_mb: float


def one_round(big: Large, bucket: Bucket, directory: Path, number: int) -> Round:
    """The script and drbot once each, on the same database."""
    script_backup_s, script_restore_s = big.script_backup_s(), big.script_restore_s()
    script_upload_s = _timed(
        bucket.client.upload_file, (str(big.gzipped()), bucket.name, "script.sql.gz")
    )  # as `aws s3 cp` does it
    restore: dict[str, Took] = {}
    gaps: dict[str, Gap] = {}
    undo_s: dict[str, float] = {}
    tools = _tools(big, bucket)
    idle_mb = resident_mb(peak=False)
    forget_peak()
    big.settle()
    backup = _lived(_plan("back-up-database", tools, environment="production"), tools, 1_000 + 10 * number)
    for offset, kind in enumerate(KINDS):
        run = 1_001 + 10 * number + offset
        if kind == "plain":  # made as the plan's script makes it; a newer name makes it the latest
            as_run_s = _as_run_s(big, bucket, directory / f"run {number}")
            dump_database(tools.postgres("production"), bucket, "production", datetime.now(UTC))
        plan = _plan("restore-database", tools, environment="staging", backup="latest")
        big.settle()
        restore[kind], gaps[kind] = _restored(plan, tools, run, big.server.url("staging", "belezza"))
        undo_s[kind] = _timed(lambda: _undone(plan, tools, run), ())  # noqa: B023 - called at once
        big.drop_kept("staging")
    memory_mb = resident_mb(peak=True) - idle_mb
    return Round(
        script_backup_s, script_upload_s, script_restore_s, backup, restore, gaps, undo_s, as_run_s, memory_mb
    )  # fmt: skip


def _tools(big: Large, bucket: Bucket) -> Toolbox:
    programs = big.server.programs
    return FixedToolbox(
        servers={
            "production": Postgres(big.server.url("production"), programs=programs, serves_customers=True),
            "staging": Postgres(big.server.url("staging"), programs=programs),
        },
        buckets={"production": bucket},
        kept={"production": Keeping(30 * 86400.0)},
    )


def _as_run_s(big: Large, bucket: Bucket, directory: Path) -> float:
    """The same archive restored by the engine, from the asking to the verified end."""
    place = {"bucket": bucket.name, "prefix": bucket.prefix, "name": bucket.stem}
    database = {"name": "staging", "url_env": URL_NAME, "user": "belezza"}
    environments = {"production": {"backups": place}, "staging": {"database": database}}
    variables = {
        URL_NAME: big.server.url("staging"),
        "AWS_ENDPOINT_URL": bucket.endpoint_url or "",
        "AWS_ACCESS_KEY_ID": KEYS["accessKey"],
        "AWS_SECRET_ACCESS_KEY": KEYS["secretKey"],
    }
    action = all_actions()["restore-database"]
    big.settle()
    with inside(directory, environments, variables, {action.name: action}) as bot:
        took_s = bot.run_s(action, {"environment": "staging", "backup": "latest"}, within_s=1_800)
    big.drop_kept("staging")
    return took_s


def _plan(name: str, tools: Toolbox, **given: str) -> Plan:
    action: AnyAction = all_actions()[name]
    return planned(action, tools, **given)[1]


def _lived(plan: Plan, tools: Toolbox, run: int) -> Took:
    """Guards, steps and checks, one after the other, as the engine does them."""
    return _done((*plan.before, *plan.steps, *plan.after), tools, run)


def _restored(plan: Plan, tools: Toolbox, run: int, url: str) -> tuple[Took, Gap]:
    """The same; a client of the target asks on new connections from before the swap to the end.

    Not while the shadow is loaded: connecting without a pause takes most of a processor.
    """
    (swap,) = (at for at, step in enumerate(plan.steps) if step.title.startswith("Swap"))
    loaded = _done((*plan.before, *plan.steps[:swap]), tools, run)
    with reconnecting(url) as gap:
        swapped = _done((*plan.steps[swap:], *plan.after), tools, run)
    return Took({**loaded.steps, **swapped.steps}), gap


def _done(steps: Sequence[Step], tools: Toolbox, run: int) -> Took:
    return Took({step.title: _timed(step.do, (Context(tools, run),)) for step in steps})


def _undone(plan: Plan, tools: Toolbox, run: int) -> None:
    for step in plan.undo:
        _do(step, tools, run)


def _do(step: Step, tools: Toolbox, run: int) -> None:
    step.do(Context(tools, run))


def _timed(work: Callable[..., object], given: tuple[object, ...]) -> float:
    began = time.monotonic()
    work(*given)
    return time.monotonic() - began
