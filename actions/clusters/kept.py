"""Removing the data directories that recoveries have put aside, once their way back is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from actions.amounts import span_text
from actions.clusters.survey import see
from actions.database.session_targets import read_age_s
from actions.failures import NotVerified, Refused
from actions.plan import Action, Context, Ending, Evidence, Fault, Plan, Risk, Step
from actions.tools.clusters.cluster import Cluster
from actions.tools.clusters.kept import Kept, KeptSeen, drop_kept, list_kept
from actions.tools.clusters.power import postmaster
from actions.tools.toolbox import Toolbox

KEPT_AT_LEAST_S = 24 * 3600.0
MOST = 10
ENDINGS = (
    Ending(Fault.GONE, "before", "failed", "the live server was asked three times; nothing was removed"),
    Ending(Fault.TIMEOUT, "before", "failed", "given up after 5 s, three times; nothing was removed"),
    Ending(Fault.DENIED, "before", "refused", "says who may not do what; nothing was removed"),
    Ending(Fault.VANISHED, "before", "refused", "it is not there any more; nothing was removed"),
    Ending(Fault.CHANGED, "before", "refused", "it is another one than was shown; nothing was removed"),
    Ending(Fault.GONE, "during", "stopped", "those removed so far are gone, the others stay"),
    Ending(Fault.TIMEOUT, "during", "stopped", "those removed so far are gone, the others stay"),
)


@dataclass(frozen=True)
class DropClustersParams:
    """`older_than`: put aside so long ago; never less than the way back of a restore is open (24h)."""

    environment: str
    older_than: str = "25h"

    def __post_init__(self) -> None:
        if read_age_s(self.older_than) <= KEPT_AT_LEAST_S:
            raise ValueError("older_than is more than 24h: so long is the way back of a restore open")


@dataclass(frozen=True)
class KeptClusterFacts:
    """One directory that was put aside, pinned by its inode and by what is written in it."""

    path: str
    run: int
    at: str
    inode: int
    age: str


@dataclass(frozen=True)
class DropClustersFacts:
    """`spared` are sentences on those that stay although they look alike."""

    place: str
    system_identifier: str
    targets: tuple[KeptClusterFacts, ...]
    spared: tuple[str, ...] = ()


def drift(planned: DropClustersFacts, now: DropClustersFacts) -> str | None:
    """Only what is gone, or not the same any more."""
    if planned.system_identifier != now.system_identifier:
        return f"another cluster is the live one at {planned.place} now"
    there = {(one.path, one.inode, one.at) for one in now.targets}
    gone = next((one.path for one in planned.targets if (one.path, one.inode, one.at) not in there), "")
    return f"{gone} is not there any more as it was shown" if gone else None


def _survey(tools: Toolbox, params: DropClustersParams) -> DropClustersFacts:
    cluster = tools.cluster(params.environment)
    seen = see(tools, params.environment)
    if seen.live is None:
        raise Refused(
            f"the live server of {cluster.stanza} does not run: what was put aside may be needed. Nothing was"
            " changed."
        )
    targets, spared = _judged(cluster, read_age_s(params.older_than))
    if not targets:
        why = f" ({'; '.join(spared)})" if spared else ""
        raise Refused(
            f"no directory put aside by a recovery is beside {cluster.data_directory} for longer than"
            f" {params.older_than}{why}: there is nothing to remove. Nothing was changed."
        )
    return DropClustersFacts(seen.facts.place, seen.facts.system_identifier, targets, spared)


def _judged(cluster: Cluster, older_than_s: float) -> tuple[tuple[KeptClusterFacts, ...], tuple[str, ...]]:
    """Those that may be removed, the oldest first; and why others stay."""
    found: list[KeptClusterFacts] = []
    spared: list[str] = []
    for seen in list_kept(cluster):
        judged = _one(seen, older_than_s)
        if isinstance(judged, str):
            spared.append(judged)
        else:
            found.append(judged)
    return tuple(sorted(found, key=lambda one: one.at)[:MOST]), tuple(spared[:6])


def _one(seen: KeptSeen, older_than_s: float) -> KeptClusterFacts | str:
    if seen.kept is None or seen.kept.run != seen.run:
        return f"{seen.path.name} carries no word of drbot's on when it was put aside: look at it yourself"
    age_s = (datetime.now(UTC) - datetime.fromisoformat(seen.kept.at)).total_seconds()
    if age_s <= older_than_s:
        return f"{seen.path.name} is kept for {span_text(max(0.0, age_s))} now"
    if postmaster(seen.path) is not None:
        return f"a server runs in {seen.path.name}"
    return KeptClusterFacts(str(seen.path), seen.run, seen.kept.at, seen.inode, span_text(age_s))


@dataclass(frozen=True)
class _Dropping:
    params: DropClustersParams
    facts: DropClustersFacts

    def _require_live(self, context: Context) -> Cluster:
        """Raises Refused or Transient where the live server is not up, or another one than was shown."""
        seen = see(context.tools, self.params.environment)
        if seen.live is None or seen.facts.system_identifier != self.facts.system_identifier:
            raise Refused(f"{self.facts.place} is not the running cluster shown. Nothing was changed.")
        return context.tools.cluster(self.params.environment)

    def check(self, context: Context) -> Evidence:
        """Guard: the live server answers, and each directory is still the one that was shown."""
        cluster = self._require_live(context)
        there = {str(one.path): one for one in list_kept(cluster)}
        for one in self.facts.targets:
            seen = there.get(one.path)
            if seen is None or (seen.inode, seen.kept) != (one.inode, Kept(one.run, one.at)):
                raise Refused(f"{one.path} is not the one that was shown any more. Nothing was changed.")
        return Evidence(f"{self.facts.place} answered, and {len(self.facts.targets)} were still as shown")

    def drop(self, one: KeptClusterFacts, context: Context) -> Evidence:
        """Step: remove it, looked at again; gone already is done already."""
        cluster = self._require_live(context)
        was = drop_kept(cluster, Path(one.path), one.inode, Kept(one.run, one.at))
        name = Path(one.path).name
        return Evidence(
            f"removed {name} of RUN-{one.run}, put aside {one.age} before" if was else f"{name} was gone"
        )

    def check_gone(self, context: Context) -> Evidence:
        """Check: none of them is there, and the live server answers."""
        cluster = self._require_live(context)
        left = {one.inode for one in list_kept(cluster)} & {one.inode for one in self.facts.targets}
        if left:
            raise NotVerified(f"{len(left)} of the directories are still there")
        return Evidence(f"none of them was there any more, and {self.facts.place} answered")


def _plan(params: DropClustersParams, facts: DropClustersFacts) -> Plan:
    dropping = _Dropping(params, facts)
    return Plan(
        before=(Step("Check that the live server answers, and each is still as shown", dropping.check),),
        steps=tuple(
            Step(f"Remove {Path(one.path).name}", partial(dropping.drop, one), 1800.0)
            for one in facts.targets
        ),
        after=(Step("Check that they are gone, and the live server answers", dropping.check_gone),),
        facts=(
            ("beside", facts.place),
            *((one.path, f"of RUN-{one.run}, put aside {one.age} ago") for one in facts.targets),
            *(("stays", said) for said in facts.spared),
        ),
        warnings=("what was written into them is gone for good then; backups stay",),
        amount=float(len(facts.targets)),
        forecast_s=5.0 * len(facts.targets),
    )


drop_kept_clusters = Action(
    name="drop-kept-clusters",
    title="Remove clusters that recoveries put aside",
    risk=Risk.LOW,
    params=DropClustersParams,
    facts=DropClustersFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/database",
    survey=_survey,
    plan=_plan,
    permissions=(
        "PostgreSQL: to log in",
        "Files: run as root or as the user that owns the cluster; write the folder that holds its directory",
    ),
    example="run drop-kept-clusters environment=production older_than=25h",
    description=(
        "Removes the data directories that recoveries to a point in time and their undos have kept beside the"
        " live one, once their way back is over: only those that carry drbot's own note, never the live one."
    ),
    drift=drift,
    reach=f"at most {MOST} directories that drbot itself put aside more than 24 h ago, beside one cluster",
    endings=ENDINGS,
)
