"""Let pgBackRest back up a cluster: full, differential or incremental, proven by its own info and check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from actions.amounts import size_text, span_text
from actions.clusters.moment import said
from actions.clusters.survey import see, sound_stanza
from actions.failures import NotVerified, Refused
from actions.plan import Action, Context, Ending, Evidence, Fault, Plan, Risk, Step
from actions.tools.clusters.backrest import Backrest
from actions.tools.clusters.backrest_info import SetSeen, StanzaSeen
from actions.tools.toolbox import Toolbox

NOTE = "drbot"
BACKUP_TIMEOUT_S = 12 * 3600.0
RATE_BYTES_S = 100e6
ENDINGS = (
    Ending(Fault.GONE, "before", "failed", "the server was asked three times; no backup was begun"),
    Ending(Fault.TIMEOUT, "before", "failed", "given up after 5 s, three times; no backup was begun"),
    Ending(Fault.DENIED, "before", "refused", "says who may not do what; no backup was begun"),
    Ending(Fault.VANISHED, "before", "refused", "the stanza is gone from its repository; nothing was begun"),
    Ending(Fault.CHANGED, "before", "refused", "another cluster is in that directory; nothing was begun"),
    Ending(
        Fault.VANISHED,
        "during",
        "refused",
        "no backup of this run is in the stanza; those from before are what they were",
    ),
)


@dataclass(frozen=True)
class BackUpParams:
    """`kind` as pgBackRest names them; the first backup of a stanza is always full."""

    environment: str
    kind: Literal["full", "diff", "incr"] = "incr"


@dataclass(frozen=True)
class BackUpFacts:
    """`newest` is the label of the newest backup there is ('' none), `finished_at` its end, ISO 8601 UTC."""

    place: str
    stanza: str
    system_identifier: str
    newest: str
    finished_at: str
    size_bytes: int
    failing: str = ""


def drift(planned: BackUpFacts, now: BackUpFacts) -> str | None:
    """Only another cluster or stanza is drift; newer backups are not."""
    was, new = (planned.system_identifier, planned.stanza), (now.system_identifier, now.stanza)
    return None if was == new else "the plan points at another cluster or stanza now"


def _survey(tools: Toolbox, params: BackUpParams) -> BackUpFacts:
    cluster = tools.cluster(params.environment)
    seen = see(tools, params.environment)
    if seen.live is None:
        raise Refused(
            f"the server of {cluster.stanza} does not run, so it is not backed up. Nothing was changed."
        )
    stanza = sound_stanza(cluster, seen.facts)
    _refuse_second(stanza)
    newest = stanza.sets[0] if stanza.sets else None
    failing = (
        f"archiving of {seen.live.failed_wal} fails ({seen.live.failures} times)" if seen.live.failing else ""
    )
    return BackUpFacts(
        place=seen.facts.place,
        stanza=cluster.stanza,
        system_identifier=seen.facts.system_identifier,
        newest=newest.label if newest else "",
        finished_at=said(newest.finished_at) if newest else "",
        size_bytes=newest.size_bytes if newest else 0,
        failing=failing,
    )


def _refuse_second(stanza: StanzaSeen) -> None:
    if stanza.backup_running:
        raise Refused(
            f"another backup of {stanza.name} runs now: wait for it (look-at-archive shows when it is done)."
            " Nothing was changed."
        )


@dataclass(frozen=True)
class _BackUp:
    params: BackUpParams
    facts: BackUpFacts

    def _noted(self, context: Context) -> str:
        return f"{context.run}-after-{self.facts.newest or 'none'}"

    def _mine(self, context: Context) -> SetSeen | None:
        """This run's backup, found by the note on it."""
        stanza = Backrest(context.tools.cluster(self.params.environment)).info()
        return next((one for one in stanza.sets if one.annotations.get(NOTE) == self._noted(context)), None)

    def check_cluster(self, context: Context) -> Evidence:
        """Guard: the cluster runs, is the stanza's own, and no other backup of it is made now."""
        seen = see(context.tools, self.params.environment)
        if seen.facts.system_identifier != self.facts.system_identifier or seen.live is None:
            raise Refused(
                f"{self.facts.place} is not the running cluster that was shown. Nothing was changed."
            )
        stanza = sound_stanza(context.tools.cluster(self.params.environment), seen.facts)
        _refuse_second(stanza)
        return Evidence(f"{self.facts.place} was the cluster of the stanza {stanza.name}")

    def back_up(self, context: Context) -> Evidence:
        """Step: the backup. Its note tells a repeated step that it is made."""
        cluster = context.tools.cluster(self.params.environment)
        if self._mine(context) is not None:
            return Evidence("was already made")
        noted = f"{NOTE}={self._noted(context)}"
        Backrest(cluster).back_up(self.params.kind, noted, context.progress, BACKUP_TIMEOUT_S)
        return Evidence(f"pgBackRest made a backup of {self.facts.stanza}")

    def check_backup(self, context: Context) -> Evidence:
        """Check: the stanza lists it, whole, and no page of it failed its checksum."""
        made = self._mine(context)
        if made is None:
            raise NotVerified(f"the stanza {self.facts.stanza} does not list the backup of this run")
        if made.error:
            raise NotVerified(f"{made.label} holds pages whose checksum fails: the live cluster is damaged")
        took_s = (made.finished_at - made.started_at).total_seconds()
        return Evidence(
            f"{made.label} ({made.kind}) was in the stanza, made in {span_text(took_s)}",
            {
                "backup": made.label,
                "kind": made.kind,
                "cluster": size_text(made.size_bytes),
                "added to the repository": size_text(made.stored_bytes),
                "can be had from": said(made.finished_at),
            },
            light="green",
        )

    def check_archiving(self, context: Context) -> Evidence:
        """Check: what is written from now on reaches the archive too."""
        Backrest(context.tools.cluster(self.params.environment)).check()
        return Evidence("a WAL file written after it reached the archive", light="green")


def _plan(params: BackUpParams, facts: BackUpFacts) -> Plan:
    work = _BackUp(params, facts)
    kind = params.kind if facts.newest else "full"
    share = 1.0 if kind == "full" else 0.3
    return Plan(
        before=(
            Step(f"Check that {facts.place} is still the cluster of {facts.stanza}", work.check_cluster),
        ),
        steps=(Step(f"Make a backup ({kind}) of {facts.stanza}", work.back_up, BACKUP_TIMEOUT_S + 60, 2),),
        after=(
            Step("Check that the stanza lists it", work.check_backup, 90.0),
            Step("Check that the WAL after it reaches the archive", work.check_archiving, 120.0),
        ),
        facts=(
            ("cluster", f"{facts.place}, identifier {facts.system_identifier}"),
            ("stanza", facts.stanza),
            ("newest backup", f"{facts.newest} of {facts.finished_at}" if facts.newest else "none"),
            ("size", size_text(facts.size_bytes) if facts.size_bytes else "not known"),
        ),
        warnings=(f"{facts.failing}: a backup waits for its WAL, and fails without it",)
        if facts.failing
        else (),
        forecast_s=round(5.0 + share * facts.size_bytes / RATE_BYTES_S, 1),
        amount=float(max(facts.size_bytes, 1)) * share,
    )


back_up_cluster = Action(
    name="back-up-cluster",
    title="Back up a cluster with pgBackRest",
    risk=Risk.LOW,
    params=BackUpParams,
    facts=BackUpFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/archive",
    survey=_survey,
    plan=_plan,
    permissions=(
        "PostgreSQL: to read pg_stat_archiver; pgBackRest's own role: pg_backup_start and pg_switch_wal",
        "Files: run as root or as the user that owns the cluster",
        "pgBackRest: read its configuration, write its repository",
    ),
    example="run back-up-cluster environment=production kind=incr",
    description=(
        "Lets pgBackRest make a full, differential or incremental backup into the stanza's repository, and"
        " checks that the stanza lists it, that no page failed its checksum, and that later WAL arrives."
    ),
    drift=drift,
    reach="adds one backup to one stanza; what expires then is as pgBackRest's own retention says",
    endings=ENDINGS,
)
