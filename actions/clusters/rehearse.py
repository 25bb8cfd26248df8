"""Rehearse a recovery to a point in time: beside the live cluster, measured, and removed again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from actions.clusters.facts import RecoveryFacts, RehearseToTimeParams, drift
from actions.clusters.recovery import PROOF_TIMEOUT_S, REPLAY_TIMEOUT_S, RESTORE_TIMEOUT_S, VERIFIED, Recovery
from actions.clusters.restore import forecast_s, shown
from actions.clusters.survey import survey
from actions.failures import NotVerified
from actions.plan import Action, Context, Ending, Evidence, Fault, Plan, Risk, Step
from actions.tools.clusters.backrest import Backrest
from actions.tools.clusters.backrest_info import timeline_of
from actions.tools.clusters.rehearsal import Rehearsed, forget_rehearsed, note_rehearsed, read_rehearsed
from actions.tools.toolbox import Toolbox

LEFT = "the copy was removed, the live cluster was never touched"
ENDINGS = (
    Ending(Fault.GONE, "before", "failed", "asked three times; nothing was begun"),
    Ending(Fault.TIMEOUT, "before", "failed", "given up after 5 s, three times; nothing was begun"),
    Ending(Fault.DENIED, "before", "refused", "says who may not do what; nothing was begun"),
    Ending(Fault.VANISHED, "before", "refused", "the backup expired: ask again; nothing was begun"),
    Ending(Fault.CHANGED, "before", "refused", "another cluster is in that directory; nothing was begun"),
    Ending(Fault.UNHEALTHY, "during", "undone", f"what was recovered did not hold; {LEFT}"),
)


@dataclass(frozen=True)
class Rehearsal:
    """The last steps of one planned rehearsal; every public method is the `do` of one."""

    recovery: Recovery

    def finish(self, context: Context) -> Evidence:
        """Step: remove the copy, and note beside the cluster that the rehearsal held."""
        recovery = self.recovery
        if self._noted(context):
            return Evidence("was already removed and noted")
        mark = recovery.require(context, VERIFIED)
        data_of = mark.at or mark.last_transaction or recovery.facts.backup.finished_at
        note = Rehearsed(context.run, mark.label, data_of, datetime.now(UTC).isoformat(timespec="seconds"))
        note_rehearsed(recovery.cluster(context), note)  # first: a copy without its mark is only removed
        return recovery.remove(context)

    def _noted(self, context: Context) -> bool:
        known = read_rehearsed(self.recovery.cluster(context))
        wanted = (context.run, self.recovery.facts.backup.label)
        if known is None or (known.run, known.label) != wanted:
            return False
        self.recovery.remove(context)
        return True

    def check_nothing_left(self, context: Context) -> Evidence:
        """Check: no file of it is left, and it wrote nothing into the original's archive."""
        recovery = self.recovery
        cluster = recovery.cluster(context)
        left = [
            path.name
            for path in (cluster.recovered(context.run), cluster.private(context.run))
            if path.exists()
        ]
        if left:
            raise NotVerified(f"{', '.join(left)} of the rehearsal is left in {cluster.beside}")
        newest = Backrest(cluster).info().last_wal
        if timeline_of(newest) > recovery.facts.archive_timeline:
            raise NotVerified(
                f"the archive holds {newest}, of a timeline that was not there before: somebody else was"
                " promoted and archives there, or the rehearsal did"
            )
        return Evidence("nothing of it was left, and the archive holds no timeline but those from before")

    def forget(self, context: Context) -> Evidence:
        """The way back: the copy goes, and so does the note."""
        if self._noted(context):
            forget_rehearsed(self.recovery.cluster(context))
        return self.recovery.remove(context)


def _survey(tools: Toolbox, params: RehearseToTimeParams) -> RecoveryFacts:
    return survey(tools, params.environment, params.at)


def plan(params: RehearseToTimeParams, facts: RecoveryFacts) -> Plan:
    """Guards, recovery beside, proof, removal."""
    recovery = Recovery(params.environment, facts)
    rehearsal = Rehearsal(recovery)
    until = facts.at or "its end"
    newest = "Bring the newest WAL of the live server into the archive"
    return Plan(
        before=(
            Step(
                f"Check that {facts.cluster.data_directory} is still the cluster shown",
                recovery.check_cluster,
            ),
            Step(
                f"Check that the backup {facts.backup.label} is still in the stanza",
                recovery.check_archive,
                90.0,
            ),
        ),
        steps=(
            *((Step(newest, recovery.flush, 240.0),) if facts.flush else ()),
            Step(
                f"Restore {facts.backup.label} into a directory beside",
                recovery.restore,
                RESTORE_TIMEOUT_S + 60,
            ),
            Step(f"Replay the archive up to {until}, out of reach", recovery.replay, REPLAY_TIMEOUT_S + 60),
            Step("Verify and measure what was recovered", recovery.verify, PROOF_TIMEOUT_S),
            Step("Stop the copy and remove it", rehearsal.finish, 900.0),
        ),
        after=(
            Step("Check that nothing of it is left, here or in the archive", rehearsal.check_nothing_left),
        ),
        undo=(Step("Remove what is left of the copy", rehearsal.forget, 900.0),),
        facts=tuple(
            row for row in shown(facts) if row[0] not in ("connections to cut", "away for", "way back")
        ),
        warnings=(
            "it reads the repository and works on the live cluster's disk while it lasts",
            *facts.remarks,
        ),
        forecast_s=forecast_s(facts),
        amount=float(facts.backup.size_bytes),
    )


rehearse_to_time = Action(
    name="rehearse-to-time",
    title="Rehearse a recovery to a point in time",
    risk=Risk.LOW,
    params=RehearseToTimeParams,
    facts=RecoveryFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/rehearsal-to-time",
    survey=_survey,
    plan=plan,
    permissions=(
        "PostgreSQL: superuser; or EXECUTE on pg_switch_wal, and to read what is verified",
        "Files: run as root or as the user that owns the cluster; write the folder that holds its directory",
        "pgBackRest: read its configuration and its repository",
    ),
    example="run rehearse-to-time environment=production",
    description=(
        "Lets pgBackRest recover the cluster into a directory beside the live one, to the newest or to any"
        " point in time, out of everybody's reach and without an archive; counts every row, asks the plan's"
        " rules, measures, and removes it again."
    ),
    drift=drift,
    reach="the disk beside one cluster, for as long as it lasts; the live cluster is only asked",
    endings=ENDINGS,
)
