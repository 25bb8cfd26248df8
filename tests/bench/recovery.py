"""Backup and restore of more than a gigabyte: the plan's own script and drbot, in turns, medians."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
from tests.bench.cases import Line
from tests.bench.downtime import Gap, reconnecting
from tests.bench.inside import inside
from tests.bench.large import Large, large
from tests.bench.resident import forget_peak, resident_mb
from tests.real.postgres import embedded_programs, real_postgres
from tests.real.s3 import KEYS, seaweedfs

BACKUP_REACH, PLAIN_REACH, ARCHIVE_REACH = 0.30, 0.95, 0.75
ORCHESTRATION_REACH = 0.05
GAP_REACH_S, UNDO_REACH_S, MEMORY_REACH_MB = 0.5, 1.0, 150.0
URL_NAME = "DR_STAGING_DATABASE_URL"
PREFIX = "database-backups/production/"


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
    script_restore_s: float
    backup: Took
    restore: dict[str, Took]
    gaps: dict[str, Gap]
    undo_s: dict[str, float]
    as_run_s: float
    memory_mb: float


def recovery(directory: Path, rounds: int) -> Iterator[Line]:
    """Backup, restore, downtime and undo, in both formats."""
    with (
        real_postgres(embedded_programs(), settings={}) as server,
        seaweedfs() as s3,
        large(server, directory) as big,
    ):
        bucket = replace(s3.bucket(), prefix=PREFIX)
        measured = [_round(big, bucket, directory, number) for number in range(rounds)]
        size = f"{big.size_bytes / 1e9:.2f} GB"
    dumped = [one.backup.of("Dump") for one in measured]
    script = [one.script_backup_s for one in measured]
    yield _ratio(f"backup of {size}: dumped, hashed and uploaded", script, dumped, BACKUP_REACH)
    yield _ratio(
        "backup: read back, published and verified too", script, [one.backup.total_s for one in measured]
    )
    for kind, reach in (("archive", ARCHIVE_REACH), ("plain", PLAIN_REACH)):
        yield _ratio(
            f"load into a shadow, {kind}",
            [one.script_restore_s for one in measured],
            [one.restore[kind].of("Load") for one in measured],
            reach,
        )
        whole = statistics.median(one.restore[kind].total_s for one in measured)
        gap_s = max(one.gaps[kind].longest_s for one in measured)
        note = f"whole restore {whole:.1f} s with every row compared; longest gap {gap_s:.3f} s"
        yield Line(f"downtime of a restore, {kind}", {"note": note}, "≤ 0.5 s", gap_s <= GAP_REACH_S)
        undo_s = statistics.median(one.undo_s[kind] for one in measured)
        yield Line(f"undo, {kind}", {"note": f"{undo_s:.2f} s"}, "≤ 1 s", undo_s <= UNDO_REACH_S)
    yield _orchestration(
        [one.restore["archive"].total_s for one in measured], [one.as_run_s for one in measured]
    )
    memory_mb = max(one.memory_mb for one in measured)
    note = f"{memory_mb:.0f} MB above idle, backups and restores in one process"
    yield Line(
        "memory while backing up and restoring", {"note": note}, "≤ 150 MB", memory_mb <= MEMORY_REACH_MB
    )


def _ratio(what: str, script: Sequence[float], ours: Sequence[float], reach: float | None = None) -> Line:
    ratio = statistics.median(ours) / statistics.median(script)
    note = f"script {statistics.median(script):.1f} s, drbot {statistics.median(ours):.1f} s: {ratio:.2f}"
    if reach is None:
        return Line(what, {"note": note})
    return Line(what, {"note": note}, f"≤ {reach:.2f} of the script", ratio <= reach)


def _orchestration(bare: Sequence[float], as_run: Sequence[float]) -> Line:
    """Survey, plan, approval, journal, the durable engine and progress, over the same steps in a loop."""
    more = statistics.median(as_run) / statistics.median(bare) - 1
    note = f"bare {statistics.median(bare):.1f} s, as a run {statistics.median(as_run):.1f} s: {more:+.1%}"
    return Line("orchestration of a restore", {"note": note}, "≤ 5 % over bare", more <= ORCHESTRATION_REACH)


def _round(big: Large, bucket: Bucket, directory: Path, number: int) -> Round:
    script_backup_s, script_restore_s = big.script_backup_s(), big.script_restore_s()
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
    return Round(script_backup_s, script_restore_s, backup, restore, gaps, undo_s, as_run_s, memory_mb)


KINDS: tuple[BackupFormat, ...] = ("archive", "plain")


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
