"""Restore a whole cluster to a point in time: recovered beside, verified, exchanged, undoable."""

from __future__ import annotations

from dataclasses import replace

from actions.amounts import size_text
from actions.clusters.cutover import CutOver
from actions.clusters.facts import RecoveryFacts, RestoreToTimeParams, drift
from actions.clusters.moment import EXAMPLE
from actions.clusters.recovery import PROOF_TIMEOUT_S, REPLAY_TIMEOUT_S, RESTORE_TIMEOUT_S, Recovery
from actions.clusters.survey import survey as survey_cluster
from actions.clusters.undo import WayBack
from actions.failures import Refused
from actions.plan import Action, Context, Ending, Evidence, Fault, Plan, Risk, Step
from actions.restores.facts import RestoreParams
from actions.restores.writers import Writers, check_stopped, stopped_writers
from actions.tools.clusters.copy import SYNC_S
from actions.tools.toolbox import Toolbox

RATE_BYTES_S = 150e6
UNDO_KEEP_S = 24 * 3600.0
CUT_S = 900.0
BESIDE = "the copy beside it was removed, the live cluster was never touched"
ENDINGS = (
    Ending(Fault.GONE, "before", "failed", "asked three times; the live cluster is as it was"),
    Ending(Fault.TIMEOUT, "before", "failed", "given up after 5 s, three times; nothing was touched"),
    Ending(Fault.DENIED, "before", "refused", "says who may not do what; nothing was touched"),
    Ending(Fault.VANISHED, "before", "refused", "the backup expired: ask again; nothing was touched"),
    Ending(Fault.CHANGED, "before", "refused", "another cluster is in that directory; nothing was touched"),
    Ending(
        Fault.GONE, "during", "undone", f"the live server could not be asked before the cut-over; {BESIDE}"
    ),
    Ending(
        Fault.TIMEOUT, "during", "undone", f"the live server did not answer before the cut-over; {BESIDE}"
    ),
    Ending(Fault.UNHEALTHY, "during", "undone", f"what was recovered did not hold; {BESIDE}"),
)


def survey(tools: Toolbox, params: RestoreToTimeParams) -> RecoveryFacts:
    """Look at cluster, archive and writers. Raises Refused with the reason against it."""
    environment = params.environment
    if not params.at.strip():
        raise Refused(f"say to which point in time: at={EXAMPLE}. Nothing was changed.")
    writers = Writers()
    if tools.postgres(environment).serves_customers:
        writers = stopped_writers(tools, RestoreParams(environment, from_environment=environment))
    facts = survey_cluster(tools, environment, params.at)
    return replace(facts, writers=writers.services)


def plan(params: RestoreToTimeParams, facts: RecoveryFacts) -> Plan:
    """Guards, recovery beside, proof, cut-over, checks; and the same backwards."""
    recovery = Recovery(params.environment, facts)
    cut, back = CutOver(recovery, facts.writers), WayBack(recovery)
    stanza, backup = facts.cluster.stanza, facts.backup

    def check_writers(context: Context) -> Evidence:
        return check_stopped(context, params.environment, facts.writers)

    stopped = f"Check that nothing writes to {stanza}: {', '.join(facts.writers)} stopped"
    newest = "Bring the newest WAL of the live server into the archive"
    return Plan(
        before=(
            *((Step(stopped, check_writers),) if facts.writers else ()),
            Step(
                f"Check that {facts.cluster.data_directory} is still the cluster shown",
                recovery.check_cluster,
            ),
            Step(
                f"Check that the backup {backup.label} is still in the stanza", recovery.check_archive, 90.0
            ),
        ),
        steps=(
            *((Step(newest, recovery.flush, 240.0),) if facts.flush else ()),
            Step(f"Restore {backup.label} into a directory beside", recovery.restore, RESTORE_TIMEOUT_S + 60),
            Step(
                f"Replay the archive up to {facts.at}, out of reach", recovery.replay, REPLAY_TIMEOUT_S + 60
            ),
            Step("Verify what was recovered: rows, rules, indexes", recovery.verify, PROOF_TIMEOUT_S),
            Step("Stop the copy and give it the live cluster's settings", cut.make_ready, SYNC_S + CUT_S),
            Step("Cut over: stop, exchange the two directories, start", cut.cut_over, CUT_S),
        ),
        after=(
            Step("Ask the live server whether it is the recovered one", cut.check_live),
            Step("Check that its WAL reaches the archive", cut.check_archiving, 120.0),
        ),
        undo=(
            Step("Say what was written since the cut-over", back.say_written),
            Step("Put the cluster from before back in its place", back.swap_back, CUT_S),
            Step("Remove what is left of the copy", back.drop_leftovers, CUT_S),
            Step("Ask the live server whether it is the one from before", back.check_back),
        ),
        facts=shown(facts),
        warnings=(*_warnings(facts), *facts.remarks),
        forecast_s=forecast_s(facts),
        undo_keep_s=UNDO_KEEP_S,
        amount=float(backup.size_bytes),
    )


def forecast_s(facts: RecoveryFacts) -> float:
    """From the measured rate of a restore on two cores; how much WAL is to be replayed is not known."""
    return round(10.0 + facts.backup.size_bytes / RATE_BYTES_S, 1)


def shown(facts: RecoveryFacts) -> tuple[tuple[str, str], ...]:
    """What a person should see before approving."""
    cluster, backup = facts.cluster, facts.backup
    return (
        ("target", f"{cluster.place}, the whole cluster in {cluster.data_directory}"),
        ("brings back", facts.at or "the newest that the archive holds"),
        ("can be had", f"from {facts.earliest} to {facts.latest}"),
        (
            "begins from",
            f"{backup.kind} {backup.label} of {backup.finished_at}, {size_text(backup.size_bytes)}",
        ),
        (
            "server",
            f"PostgreSQL {cluster.server_version}, identifier {cluster.system_identifier},"
            f" timeline {cluster.timeline}"
            if cluster.timeline
            else "its files are lost",
        ),
        ("databases", ", ".join(cluster.databases) or "not known"),
        ("free disk", size_text(cluster.free_bytes)),
        *((("stopped", ", ".join(facts.writers)),) if facts.writers else ()),
        ("connections to cut", "; ".join(cluster.sessions) or "none now"),
        ("away for", "a stop and a start of the server, at the cut-over"),
        ("way back", "the directory of now is kept beside for 24 h"),
    )


def _warnings(facts: RecoveryFacts) -> tuple[str, ...]:
    names = ", ".join(facts.cluster.databases)
    every = f"every database of the cluster goes back, not one alone: {names}"
    after = f"what was written after {facts.at} is not in it; it stays in the directory kept beside"
    return (every, after) if len(facts.cluster.databases) > 1 else (after,)


restore_to_time = Action(
    name="restore-to-time",
    title="Restore a cluster to a point in time",
    risk=Risk.DESTRUCTIVE,
    params=RestoreToTimeParams,
    facts=RecoveryFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/database",
    survey=survey,
    plan=plan,
    permissions=(
        "PostgreSQL: superuser; or pg_checkpoint, EXECUTE on pg_switch_wal, and to read what is verified",
        "Files: run as root or as the user that owns the cluster; write the folder that holds its directory",
        "pgBackRest: read its configuration and its repository",
        "Docker: where customers are served, to list the containers of the services that write",
    ),
    example="run restore-to-time environment=production at=2026-11-22T21:55:00Z",
    description=(
        "Lets pgBackRest recover the cluster to a point in time in a directory beside the live one, out of"
        " everybody's reach and without an archive, verifies it, then stops the server, exchanges the two"
        " directories in one call and starts it. The directory from before is kept for 24 h."
    ),
    drift=drift,
    confirm_word=lambda params: params.environment,
    reach="one cluster with all of its databases, kept beside for 24 h; it is stopped and started once",
    endings=ENDINGS,
)
