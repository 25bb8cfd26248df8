"""Looking at the archive of a cluster: what a loss would cost now, and whether backups are as promised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from actions.amounts import span_text
from actions.clusters.archive_findings import backup_rows, backups_judged, rehearsal, wal_judged, wal_rows
from actions.clusters.moment import fitting
from actions.clusters.survey import see, sound_stanza
from actions.plan import Action, Context, Ending, Evidence, Fault, Plan, Risk, Step
from actions.tools.clusters.backrest import Backrest
from actions.tools.clusters.files import read_lineage
from actions.tools.toolbox import Toolbox

VERIFY_S = 1800.0
ENDINGS = (
    Ending(Fault.GONE, "before", "failed", "the server was asked three times; nothing was changed"),
    Ending(Fault.TIMEOUT, "before", "failed", "given up after 5 s, three times; nothing was changed"),
    Ending(Fault.DENIED, "before", "refused", "says who may not do what; nothing was changed"),
)


@dataclass(frozen=True)
class ArchiveParams:
    """`verify=yes` has every file of the repository read and its checksum compared."""

    environment: str
    verify: Literal["no", "yes"] = "no"


@dataclass(frozen=True)
class ArchiveFacts:
    """What would be looked at."""

    place: str
    stanza: str
    promised_s: float


@dataclass(frozen=True)
class _Look:
    params: ArchiveParams
    facts: ArchiveFacts

    def check_answer(self, context: Context) -> Evidence:
        """Guard: server and stanza answer, and are of one cluster."""
        seen = see(context.tools, self.params.environment)
        stanza = sound_stanza(context.tools.cluster(self.params.environment), seen.facts)
        return Evidence(f"{self.facts.place} and the stanza {stanza.name} answered, of one cluster")

    def look_at_wal(self, context: Context) -> Evidence:
        """How much a loss would cost now, against what the plan promises of the archive."""
        seen = see(context.tools, self.params.environment)
        if seen.live is None:
            return Evidence("the server does not run, so nothing is archived", light="red")
        said_, light = wal_judged(seen.live, self.facts.promised_s)
        return Evidence(said_, wal_rows(seen.live, self.facts.promised_s), light)

    def look_at_backups(self, context: Context) -> Evidence:
        """The backups: how old, how large, from when on a point in time can be had."""
        cluster = context.tools.cluster(self.params.environment)
        seen = see(context.tools, self.params.environment)
        stanza = sound_stanza(cluster, seen.facts)
        sets = fitting(stanza, seen.facts.timeline, read_lineage(cluster.data_directory, seen.facts.timeline))
        said_, light = backups_judged(sets)
        return Evidence(said_, dict(backup_rows(stanza, sets)), light)

    def look_at_rehearsal(self, context: Context) -> Evidence:
        """When a recovery was last proven."""
        return rehearsal(context.tools.cluster(self.params.environment))

    def verify(self, context: Context) -> Evidence:
        """Every file of the repository, read and compared."""
        bad = Backrest(context.tools.cluster(self.params.environment)).verify(VERIFY_S)
        if bad:
            return Evidence(f"the repository is damaged: {bad}; make a full backup now", light="red")
        return Evidence("every file of the repository was read and is what was written", light="green")


def _survey(tools: Toolbox, params: ArchiveParams) -> ArchiveFacts:
    cluster = tools.cluster(params.environment)
    server = tools.postgres(params.environment)
    return ArchiveFacts(server.place, cluster.stanza, cluster.archive_timeout_s)


def _plan(params: ArchiveParams, facts: ArchiveFacts) -> Plan:
    look = _Look(params, facts)
    verify = Step("Read every file of the repository", look.verify, VERIFY_S + 30, 1)
    return Plan(
        before=(Step(f"Check that {facts.place} and its stanza answer", look.check_answer, 90.0),),
        steps=(),
        after=(
            Step("Look how far the archive is behind", look.look_at_wal),
            Step("Look at the backups in the stanza", look.look_at_backups, 90.0),
            Step("Look when a recovery was last rehearsed", look.look_at_rehearsal),
            *((verify,) if params.verify == "yes" else ()),
        ),
        facts=(
            ("cluster", facts.place),
            ("stanza", facts.stanza),
            ("promised", f"WAL archived every {span_text(facts.promised_s)}"),
        ),
    )


look_at_archive = Action(
    name="look-at-archive",
    title="Look at the archive of a cluster",
    risk=Risk.LOOK,
    params=ArchiveParams,
    facts=ArchiveFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/archive-state",
    survey=_survey,
    plan=_plan,
    permissions=(
        "PostgreSQL: pg_monitor",
        "Files: run as root or as the user that owns the cluster, to ask pgBackRest",
    ),
    example="run look-at-archive environment=production",
    description=(
        "How much a loss would cost now against what the plan promises, whether archiving fails, how old the"
        " newest backup is, from when on a point in time can be had, and when a recovery was last rehearsed."
    ),
    reach="reads the statistics of one server and the stanza of its cluster",
    endings=ENDINGS,
)
