"""How long a recovery to a point in time takes, of a cluster of more than a gigabyte on the disk."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from actions.clusters.facts import RehearseToTimeParams
from actions.clusters.moment import said
from actions.clusters.recovery import Recovery
from actions.clusters.survey import survey
from actions.plan import Context
from actions.tools.clusters.copy import Copy
from actions.tools.clusters.files import MARK
from tests.bench.cases import Line
from tests.bench.large import VISITS, Large, large
from tests.real.archived import new_cluster
from tests.real.backrest import RealCluster
from tests.real.postgres import SALON, RealPostgres

RUN = 1
REACH = 0.35


@dataclass(frozen=True)
class PointInTime:
    """A cluster with `production` in it, a full backup, and WAL behind it up to `at`."""

    made: RealCluster
    at: datetime
    size_bytes: int

    def full_s(self) -> float:
        """Restore into an empty directory, replay, promote: what comes before the proof and the cut-over."""
        Copy(self.made.cluster, RUN).remove()
        return self._recovered_s()

    def delta_s(self) -> float:
        """The same over the directory of the recovery before, which has gone on since."""
        copy = Copy(self.made.cluster, RUN)
        copy.end()
        (copy.directory / MARK).unlink()
        return self._recovered_s()

    def _recovered_s(self) -> float:
        params = RehearseToTimeParams("production", said(self.at))
        recovery = Recovery("production", survey(self.made.tools, params.environment, params.at))
        context = Context(self.made.tools, RUN)
        self.made.archive_all()  # else the archiver still works on what was written before
        began = time.monotonic()
        recovery.restore(context)
        recovery.replay(context)
        return time.monotonic() - began

    def remove(self) -> None:
        Copy(self.made.cluster, RUN).remove()


@contextlib.contextmanager
def large_cluster(
    directory: Path, visits: int = VISITS, on_disk: bool = True
) -> Iterator[tuple[PointInTime, Large]]:
    """The cluster and, on the same server, what the plan's own script would do to its database."""
    with new_cluster(segment_mb=16, on_disk=on_disk) as made:
        server = RealPostgres(made.port, made.programs, 15)
        with server.connect() as session:
            session.execute("CREATE ROLE belezza LOGIN PASSWORD 'local-password'")
            session.execute("CREATE ROLE belezza_leitura NOLOGIN")
            session.execute("CREATE DATABASE salon OWNER belezza TEMPLATE template0")
        with server.connect("salon", "belezza") as session:
            session.execute(SALON.read_bytes())
        with large(server, directory, visits) as grown:
            made.archiver("--type=full", "backup")
            time.sleep(1.2)  # backups are told to the second
            with server.connect("production", "belezza") as session:
                session.execute(
                    "CREATE TABLE later AS SELECT n, repeat('x', 200) FROM generate_series(1, 200000) n"
                )
            at = made.moment()
            with server.connect("production", "belezza") as session:
                session.execute("DROP TABLE later")
            made.archive_all()
            yield PointInTime(made, at, grown.size_bytes), grown


def to_a_time(directory: Path, rounds: int) -> Iterator[Line]:
    """Recovered into an empty directory, and over that of an earlier recovery, beside the plan's script."""
    with large_cluster(directory) as (recovery, script):
        script.script_backup_s()
        measured = [(script.script_restore_s(), recovery.full_s(), recovery.delta_s()) for _ in range(rounds)]
        recovery.remove()
    plain, full, delta = (statistics.median(column) for column in zip(*measured, strict=True))
    size = f"{recovery.size_bytes / 1e9:.2f} GB"
    for what, took_s in (("into an empty directory", full), ("over an earlier one", delta)):
        ratio = took_s / plain
        note = f"{size}: script {plain:.1f} s, recovered and promoted {took_s:.1f} s: {ratio:.2f}"
        yield Line(
            f"to a point in time, {what}", {"note": note}, f"≤ {REACH:.2f} of the script", ratio <= REACH
        )
