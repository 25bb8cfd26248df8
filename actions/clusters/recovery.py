"""The steps that bring a cluster back beside the live one. Each looks first at what is already true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from msgspec import structs

from actions.amounts import size_text
from actions.clusters.facts import RecoveryFacts
from actions.clusters.proof import proven
from actions.clusters.survey import see, sound_stanza
from actions.failures import NotVerified, Refused
from actions.plan import Context, Evidence
from actions.tools.clusters.backrest import Backrest, Target
from actions.tools.clusters.cluster import Cluster, alone
from actions.tools.clusters.copy import Copy
from actions.tools.clusters.files import (
    Control,
    Mark,
    boot_id,
    make_directory,
    read_control,
    read_mark,
    remove,
    write_mark,
)
from actions.tools.clusters.live import flush_wal
from actions.tools.clusters.power import postmaster
from actions.tools.postgres.server import Postgres

RESTORE_TIMEOUT_S = 6 * 3600.0
REPLAY_TIMEOUT_S = 6 * 3600.0
PROOF_TIMEOUT_S = 2 * 3600.0
RESTORED, RECOVERED, VERIFIED, READY = "restored", "recovered", "verified", "ready"
_REACHED = (RESTORED, RECOVERED, VERIFIED, READY)
_OF_PGBACKREST = ("PG_VERSION", "backup.manifest")


@dataclass(frozen=True)
class Recovery:
    """One planned recovery; every public method is the `do` of one guard or step."""

    environment: str
    facts: RecoveryFacts

    def cluster(self, context: Context) -> Cluster:
        return context.tools.cluster(self.environment)

    def server(self, context: Context) -> Postgres:
        return context.tools.postgres(self.environment)

    def copy(self, context: Context) -> Copy:
        return Copy(self.cluster(context), context.run)

    def mine(self, mark: Mark | None, context: Context) -> bool:
        """Whether it is the mark of this very recovery."""
        wanted = (context.run, self.facts.backup.label, self.facts.at)
        return mark is not None and (mark.run, mark.label, mark.at) == wanted

    def swapped(self, context: Context) -> bool:
        """Whether this recovery's cluster is in the place of the live one."""
        mark = read_mark(self.cluster(context).data_directory)
        return mark is not None and mark.state == READY and self.mine(mark, context)

    def reached(self, context: Context) -> Mark | None:
        """How far the copy is; None where there is none that could be gone on with."""
        mark = read_mark(self.copy(context).directory)
        if mark is None or not self.mine(mark, context):
            return None
        return mark if mark.state == READY or mark.boot == boot_id() else None

    def require(self, context: Context, state: str) -> Mark:
        """The copy's mark. Raises NotVerified where it has not reached this state."""
        mark = self.reached(context)
        if mark is None or _REACHED.index(mark.state) < _REACHED.index(state):
            raise NotVerified(f"the recovered cluster was not {state}; the live cluster was not touched")
        return mark

    def is_past(self, context: Context, state: str) -> bool:
        """Whether the copy has reached this state, or was cut over already."""
        mark = self.reached(context)
        reached = mark is not None and _REACHED.index(mark.state) >= _REACHED.index(state)
        return reached or self.swapped(context)

    def live_control(self, context: Context) -> Control | None:
        """The live cluster's control file; None where it is lost."""
        cluster = self.cluster(context)
        return read_control(cluster, cluster.data_directory) if self.facts.cluster.timeline else None

    def check_cluster(self, context: Context) -> Evidence:
        """Guard: it is still the cluster that was shown, and nobody uses this run's names."""
        cluster, was = self.cluster(context), self.facts.cluster
        now = see(context.tools, self.environment).facts
        if (now.system_identifier, now.timeline) != (was.system_identifier, was.timeline):
            raise Refused(f"{was.data_directory} holds another cluster than was shown: nothing was changed")
        for name in (cluster.kept(context.run), cluster.undone(context.run)):
            if name.exists():
                raise Refused(
                    f"{name} is there already, of a recovery that this bot does not remember. Ask again: the"
                    " next run has a number of its own. Nothing was changed."
                )
        runs = "and runs" if now.running else "and does not run"
        return Evidence(
            f"{was.data_directory} was still the cluster shown, {runs}",
            {"system identifier": was.system_identifier, "timeline": str(was.timeline)},
        )

    def check_archive(self, context: Context) -> Evidence:
        """Guard: the stanza is sound, of this cluster, and the backup is still in it."""
        stanza = sound_stanza(self.cluster(context), self.facts.cluster)
        backup = self.facts.backup
        if not any(one.label == backup.label and one.repo == backup.repo for one in stanza.sets):
            raise Refused(
                f"the backup {backup.label} is not in the stanza any more (expired?): ask again, for another"
                " one to be chosen. Nothing was changed."
            )
        return Evidence(f"{backup.label} was in the stanza {stanza.name}", {"last WAL": stanza.last_wal})

    def flush(self, context: Context) -> Evidence:
        """Step: what the live server has not archived yet, into the archive."""
        if self.is_past(context, RECOVERED):
            return Evidence("was already recovered")
        if postmaster(self.cluster(context).data_directory) is None:
            raise NotVerified("the live server does not run any more, so its newest WAL cannot be archived")
        newest = flush_wal(self.server(context), context.run, context.progress)
        return Evidence("everything committed by now was in the archive", {"last WAL": newest})

    def restore(self, context: Context) -> Evidence:
        """Step: the backup into a directory beside; what an earlier try has left there is used again."""
        if self.is_past(context, RESTORED):
            return Evidence("was already restored")
        cluster, copy, backup = self.cluster(context), self.copy(context), self.facts.backup
        make_directory(cluster, copy.directory)
        copy.end()
        if any(copy.directory.iterdir()) and not any(
            (copy.directory / own).exists() for own in _OF_PGBACKREST
        ):
            remove(copy.directory)
            make_directory(cluster, copy.directory)
        at = datetime.fromisoformat(self.facts.at) if self.facts.at else None
        target = Target(backup.label, backup.repo, at, self.facts.cluster.timeline)
        try:
            with alone(cluster, copy.directory) as held:
                Backrest(cluster).restore(target, copy.directory, held, context.progress, RESTORE_TIMEOUT_S)
                write_mark(
                    cluster,
                    copy.directory,
                    Mark(context.run, backup.label, self.facts.at, RESTORED, boot_id()),
                )
        except Refused as error:  # not before the first change any more: the copy has to be removed
            raise NotVerified(f"{error}; the live cluster was not touched") from error
        return Evidence(
            f"restored {backup.label} ({size_text(backup.size_bytes)}) into {copy.directory}",
            {"backup": backup.label, "directory": str(copy.directory)},
        )

    def replay(self, context: Context) -> Evidence:
        """Step: the archive up to the moment, then a server of its own, that nobody else can reach."""
        if self.is_past(context, RECOVERED):
            return Evidence("was already recovered")
        mark = self.require(context, RESTORED)
        cluster, copy = self.cluster(context), self.copy(context)
        copy.begin(self.live_control(context))
        done = copy.wait_recovered(self.server(context), context.progress, REPLAY_TIMEOUT_S)
        last = done.last_transaction
        write_mark(cluster, copy.directory, structs.replace(mark, state=RECOVERED, last_transaction=last))
        return Evidence(
            f"replayed the archive up to {self.facts.at or 'its end'} in {done.took_s:.1f} s",
            {"last transaction": last or "none", "replay": f"{done.took_s:.1f} s"},
        )

    def verify(self, context: Context) -> Evidence:
        """Step: the copy is what it should be."""
        if self.is_past(context, VERIFIED):
            return Evidence("was already verified")
        mark = self.require(context, RECOVERED)
        evidence = self.prove(context, mark)
        directory = self.copy(context).directory
        write_mark(self.cluster(context), directory, structs.replace(mark, state=VERIFIED))
        return evidence

    def prove(self, context: Context, mark: Mark) -> Evidence:
        """Ask the copy; started again where a crash has ended it."""
        copy = self.copy(context)
        copy.begin(self.live_control(context))
        copy.wait_recovered(self.server(context), context.progress, REPLAY_TIMEOUT_S)
        said, values = proven(copy.server(self.server(context)), self.facts, mark, context)
        return Evidence(said, values)

    def remove(self, context: Context) -> Evidence:
        """Stop the copy and remove everything of it. What was cut over is no copy any more, and stays."""
        if self.swapped(context):
            raise NotVerified("the recovered cluster is the live one: it was not removed")
        was = self.copy(context).remove()
        return Evidence("stopped and removed the recovered copy" if was else "no copy was left")
