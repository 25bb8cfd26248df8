"""The way back of a restore to a point in time: the kept directory returns, the recovered one is kept."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from actions.clusters.cutover import START_S, STOP_S
from actions.clusters.recovery import READY, Recovery
from actions.failures import NotVerified, Refused, Transient
from actions.plan import Context, Evidence
from actions.tools.clusters.cluster import Cluster, alone
from actions.tools.clusters.files import exchange, move, read_control, read_mark
from actions.tools.clusters.kept import brought_back, put_aside
from actions.tools.clusters.live import checkpoint, read_live
from actions.tools.clusters.power import postmaster, start, started_options, stop
from actions.tools.postgres.swap import rows_written


@dataclass(frozen=True)
class WayBack:
    """Every public method is the `do` of one step; without a cut-over there is nothing to take back."""

    recovery: Recovery

    def say_written(self, context: Context) -> Evidence:
        """What the way back takes out of sight: rows written into the recovered cluster since."""
        if not self.recovery.swapped(context):
            self._refuse_later(context)
            return Evidence("nothing was in the live cluster's place, so nothing was written into it")
        where = self.recovery.cluster(context).undone(context.run)
        try:
            with self.recovery.server(context).session(context.run) as session:
                written = rows_written(session)
        except (Refused, Transient) as error:  # the way back must not hang on what is being taken back
            return Evidence(f"what was written since the cut-over could not be counted: {error}")
        kept = f"; they stay in {where}" if written else ""
        return Evidence(f"{written:,} rows were written since the cut-over{kept}", {"rows": str(written)})

    def swap_back(self, context: Context) -> Evidence:
        """The directory from before in its place again, and its server started if it ran."""
        recovery = self.recovery
        cluster = recovery.cluster(context)
        with alone(cluster, cluster.beside):
            began = time.monotonic()
            was_swapped = recovery.swapped(context)
            if was_swapped:
                checkpoint(recovery.server(context), context.run)
                began = time.monotonic()
                self._exchange(context, cluster)
            else:
                self._refuse_later(context)
            self._settle(context, cluster)
            self._start(cluster, context)
            away_s = time.monotonic() - began
        if not was_swapped:
            return Evidence("the cluster from before was in its place")
        undone = cluster.undone(context.run)
        return Evidence(
            f"the cluster from before was back after {away_s:.1f} s; the recovered one is kept as {undone}",
            {"away for": f"{away_s:.1f} s", "kept": str(undone)},
        )

    def _before(self, context: Context, cluster: Cluster) -> Path | None:
        """Where the directory from before lies; None where there was none."""
        kept, fresh = cluster.kept(context.run), self.recovery.copy(context).directory
        return next((one for one in (kept, fresh) if (one / "PG_VERSION").exists()), None)

    def _exchange(self, context: Context, cluster: Cluster) -> None:
        live, before = cluster.data_directory, self._before(context, cluster)
        if before is None and self.recovery.facts.cluster.timeline:
            raise NotVerified(
                f"{cluster.kept(context.run)} is not there any more, so it cannot come back: the recovered"
                " cluster stays in place"
            )
        stop(cluster, live, STOP_S)
        if before is None:
            move(live, cluster.undone(context.run))
        else:
            exchange(before, live)

    def _settle(self, context: Context, cluster: Cluster) -> None:
        """The recovered directory gets its name, wherever an exchange (and a kill) has left it."""
        kept = cluster.kept(context.run)
        if self.recovery.mine(read_mark(kept), context):
            move(kept, cluster.undone(context.run))
        if cluster.undone(context.run).exists():
            put_aside(cluster, cluster.undone(context.run), context.run)
        brought_back(cluster.data_directory)

    def _start(self, cluster: Cluster, context: Context) -> None:
        live = cluster.data_directory
        if not self.recovery.facts.cluster.running or postmaster(live) is not None:
            return
        log = self._log(cluster, context)
        start(cluster, live, started_options(live), log, START_S)

    def _log(self, cluster: Cluster, context: Context) -> Path:
        places = (cluster.undone(context.run), self.recovery.copy(context).directory)
        marks = [mark for place in places if (mark := read_mark(place)) is not None and mark.log]
        return Path(marks[0].log) if marks else cluster.beside / f"{cluster.stanza}__server.log"

    def _refuse_later(self, context: Context) -> None:
        """Raise Refused where a later recovery stands in the live place, over this run's."""
        cluster = self.recovery.cluster(context)
        mark = read_mark(cluster.data_directory)
        later = mark is not None and mark.state == READY and mark.run > context.run
        if later and mark is not None and cluster.kept(context.run).exists():
            raise Refused(
                f"the cluster was recovered again by run {mark.run}: take that back first, the newest before"
                " the older. Nothing was changed."
            )

    def drop_leftovers(self, context: Context) -> Evidence:
        """The run's copy, if any of it is left."""
        return self.recovery.remove(context)

    def check_back(self, context: Context) -> Evidence:
        """The cluster from before is in its place, and answers if it did."""
        cluster, was = self.recovery.cluster(context), self.recovery.facts.cluster
        live = cluster.data_directory
        if not was.timeline:
            return Evidence(f"{live} was as empty as before")
        now = read_control(cluster, live)
        if self.recovery.swapped(context) or now.system_identifier != was.system_identifier:
            raise NotVerified(f"{live} does not hold the cluster from before")
        if not was.running:
            return Evidence(f"{live} holds the cluster from before, which did not run")
        if postmaster(live) is None:
            raise NotVerified(f"{live} holds the cluster from before, but its server does not run")
        try:
            with self.recovery.server(context).admin(context.run) as session:
                timeline = read_live(session).timeline
        except Transient as error:
            if cluster.undone(context.run).exists():
                raise
            return Evidence(
                f"{live} holds the cluster from before, never replaced; it could not be asked: {error}"
            )
        if timeline != was.timeline:
            raise NotVerified(f"{was.place} answers on timeline {timeline}, it was on {was.timeline} before")
        return Evidence(f"{was.place} answered; it is the cluster from before")
