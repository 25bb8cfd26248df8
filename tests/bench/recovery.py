"""Backup and restore of more than a gigabyte: the plan's own script and drbot, in turns, medians."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from tests.bench.cases import Line
from tests.bench.large import large
from tests.bench.rounds import one_round
from tests.real.postgres import embedded_programs, real_postgres
from tests.real.s3 import seaweedfs

BACKUP_REACH, PLAIN_REACH, ARCHIVE_REACH = 0.30, 0.95, 0.75
ORCHESTRATION_REACH = 0.05
GAP_REACH_S, UNDO_REACH_S, MEMORY_REACH_MB = 0.5, 1.0, 150.0
PREFIX = "database-backups/production/"


def recovery(directory: Path, rounds: int) -> Iterator[Line]:
    """Backup, restore, downtime and undo, in both formats."""
    with (
        real_postgres(embedded_programs(), settings={}) as server,
        seaweedfs() as s3,
        large(server, directory) as big,
    ):
        bucket = replace(s3.bucket(), prefix=PREFIX)
        measured = [one_round(big, bucket, directory, number) for number in range(rounds)]
        size = f"{big.size_bytes / 1e9:.2f} GB"
    dumped = [one.backup.of("Dump") for one in measured]
    script = [one.script_backup_s for one in measured]
    yield _ratio(f"backup of {size}: dumped, hashed and uploaded", script, dumped, BACKUP_REACH)
    with_upload = [one.script_backup_s + one.script_upload_s for one in measured]
    yield _ratio("the same, against the script with its own upload", with_upload, dumped)
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
