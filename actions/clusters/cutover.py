"""Putting a recovered cluster in the place of the live one: stop, exchange two directories, start."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from actions.clusters.recovery import READY, VERIFIED, Recovery
from actions.failures import NotVerified, Refused, Transient
from actions.plan import Context, Evidence
from actions.restores.writers import require_stopped
from actions.tools.clusters.backrest import Backrest
from actions.tools.clusters.cluster import Cluster, alone
from actions.tools.clusters.files import exchange, move, read_control, read_mark, write_mark
from actions.tools.clusters.kept import put_aside
from actions.tools.clusters.live import checkpoint, read_live
from actions.tools.clusters.power import log_of, postmaster, start, started_options, stop, wait_gone
from actions.tools.clusters.settings import announce_timeline, carry_settings, usual_options
from actions.tools.postgres.content import empty_tables

STOP_S = 300.0
START_S = 300.0


@dataclass(frozen=True)
class CutOver:
    """The last steps of one planned restore; every public method is the `do` of one step or check."""

    recovery: Recovery
    writers: tuple[str, ...]

    def make_ready(self, context: Context) -> Evidence:
        """Step: stop the copy, and give it the settings with which the live cluster is run now."""
        recovery = self.recovery
        if recovery.is_past(context, READY):
            return Evidence("was already made ready")
        mark = recovery.require(context, VERIFIED)
        cluster, copy = recovery.cluster(context), recovery.copy(context)
        live = cluster.data_directory
        copy.settle()
        carried = carry_settings(cluster, live, copy.directory)
        announce_timeline(cluster, copy.directory, read_control(cluster, copy.directory))
        known = (live / "postmaster.opts").exists()
        options = started_options(live) if known else usual_options(cluster, copy.directory)
        log = self._log(cluster)
        ready = structs.replace(mark, state=READY, options=options, log=str(log))
        write_mark(cluster, copy.directory, ready)
        return Evidence(
            f"stopped the copy and gave it the live one's settings ({', '.join(carried) or 'none there'})",
            {"started with": " ".join(options)[:300], "log": str(log)},
        )

    def _log(self, cluster: Cluster) -> Path:
        running = postmaster(cluster.data_directory)
        own = log_of(running) if running else None
        return own or cluster.beside / f"{cluster.stanza}__server.log"

    def cut_over(self, context: Context) -> Evidence:
        """Step: stop the live server, exchange the directories, start. Old or new is there at any moment."""
        recovery = self.recovery
        cluster = recovery.cluster(context)
        with alone(cluster, cluster.beside):
            began = time.monotonic()
            was_done = recovery.swapped(context)
            if not was_done:
                began = self._exchange(context, cluster)
            self._settle(context, cluster)
            mark = read_mark(cluster.data_directory)
            if mark is None:
                raise NotVerified(f"{cluster.data_directory} lost its mark; a person must look at it")
            start(cluster, cluster.data_directory, mark.options, Path(mark.log), START_S)
            away_s = time.monotonic() - began
        kept = cluster.kept(context.run)
        beside = f"; the cluster from before is kept as {kept}" if kept.exists() else ""
        if was_done:
            return Evidence(f"was already cut over{beside}")
        return Evidence(
            f"the recovered cluster was in place; the server was away for {away_s:.1f} s{beside}",
            {"away for": f"{away_s:.1f} s", "kept": str(kept) if kept.exists() else "nothing was there"},
        )

    def _exchange(self, context: Context, cluster: Cluster) -> float:
        """Stop the live server and let the directories change places; when it was stopped."""
        self.recovery.require(context, READY)
        live, fresh = cluster.data_directory, self.recovery.copy(context).directory
        require_stopped(context, self.recovery.environment, self.writers)
        self._require_same(context, cluster)
        if postmaster(live) is not None:
            checkpoint(self.recovery.server(context), context.run)
        began = time.monotonic()
        stop(cluster, live, STOP_S)
        wait_gone(fresh, 10.0)
        if not live.exists():
            move(fresh, live)
            return began
        exchange(fresh, live)
        stop(cluster, fresh, STOP_S)  # whoever started it once more between the two is in the old one now
        return began

    def _require_same(self, context: Context, cluster: Cluster) -> None:
        """Raise NotVerified where the live directory is another cluster, Transient where nobody answers."""
        facts, live = self.recovery.facts.cluster, cluster.data_directory
        if not facts.timeline:
            if live.exists() and any(live.iterdir()):
                raise NotVerified(f"{live} was empty or gone and is not any more; it was not touched")
            return
        if postmaster(live) is not None:
            with self.recovery.server(context).admin(context.run) as session:
                timeline = read_live(session).timeline
        else:
            timeline = read_control(cluster, live).timeline
        identifier = read_control(cluster, live).system_identifier
        if (identifier, timeline) != (facts.system_identifier, facts.timeline):
            raise NotVerified(f"{live} holds another cluster than was shown; it was not touched")

    def _settle(self, context: Context, cluster: Cluster) -> None:
        """What was live before gets its name, where a kill left it under the copy's."""
        was, kept = self.recovery.copy(context).directory, cluster.kept(context.run)
        if was.exists() and not kept.exists():
            if any(was.iterdir()):
                move(was, kept)
            else:
                was.rmdir()
        if kept.exists():
            put_aside(cluster, kept, context.run)

    def check_live(self, context: Context) -> Evidence:
        """Check: the live server is the recovered one, answers, and its tables are filled."""
        recovery = self.recovery
        if not recovery.swapped(context):
            raise NotVerified(f"{recovery.facts.cluster.data_directory} is not the recovered cluster")
        server = recovery.server(context)
        with server.session(context.run) as session:
            live = read_live(session)
            hollow = empty_tables(session, server.smoke_tables)
        if live.in_recovery or live.timeline <= recovery.facts.cluster.timeline:
            raise NotVerified(
                f"{server.place} answers, but on timeline {live.timeline}: not the recovered one"
            )
        if hollow:
            raise NotVerified(f"{server.place} answers, but {', '.join(hollow)}")
        return Evidence(f"{server.place} answered on timeline {live.timeline}, its tables filled")

    def check_archiving(self, context: Context) -> Evidence:
        """Check: its WAL reaches the archive. A failure is told, and takes nothing back."""
        cluster = self.recovery.cluster(context)
        hint = "make a backup of the new timeline now (back-up-cluster)"
        try:
            Backrest(cluster).check()
        except (Refused, Transient) as error:
            said = f"the recovered cluster does NOT archive: {error}. Mend that first, then {hint}"
            return Evidence(said, light="red")
        return Evidence(f"its WAL reached the archive; {hint}", light="green")
