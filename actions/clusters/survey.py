"""Looking before a recovery: the live cluster, its stanza, and everything that speaks against it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from actions.amounts import size_text
from actions.clusters.facts import ClusterFacts, RecoveryFacts, SetFacts
from actions.clusters.moment import choose, earliest, fitting, read_moment, said, window_text
from actions.failures import Refused, Transient
from actions.tools.clusters.backrest import Backrest
from actions.tools.clusters.backrest_info import StanzaSeen, timeline_of
from actions.tools.clusters.cluster import Cluster
from actions.tools.clusters.files import read_control, read_lineage
from actions.tools.clusters.live import LiveSeen, read_databases, read_live, read_sessions, require_same
from actions.tools.clusters.power import postmaster, unit_of
from actions.tools.postgres.readiness import read_followers
from actions.tools.toolbox import Toolbox

SPACE_FACTOR = 1.2


@dataclass(frozen=True)
class _Seen:
    """The live cluster: as facts, as its server told (None where it does not run), and remarks on it."""

    facts: ClusterFacts
    live: LiveSeen | None = None
    remarks: tuple[str, ...] = ()


def survey(tools: Toolbox, environment: str, at: str) -> RecoveryFacts:
    """Look at cluster and archive. Raises Refused with the reason against it; nothing is changed."""
    cluster = tools.cluster(environment)
    seen = see(tools, environment)
    stanza = sound_stanza(cluster, seen.facts)
    now = seen.live.now if seen.live else datetime.now(UTC)
    lineage = read_lineage(cluster.data_directory, seen.facts.timeline)
    sets = fitting(stanza, seen.facts.timeline, lineage)
    latest = _latest(seen.live)
    window = window_text(earliest(sets), latest)
    moment = _moment(at, now, window)
    backup = choose(sets, moment, window)
    if latest is not None and moment is not None and moment > latest:
        raise Refused(
            f"{said(moment)} cannot be had: the archive fails, and ends at {said(latest)}; {window}."
            " `run look-at-archive` says why. Nothing was changed."
        )
    against = list(_against(cluster, seen.facts, backup.size_bytes))
    if against:
        raise Refused(f"{'; '.join(against)}. Nothing was changed.")
    first = earliest(sets)
    return RecoveryFacts(
        at=said(moment) if moment else "",
        cluster=seen.facts,
        backup=SetFacts(backup.label, backup.repo, backup.kind, said(backup.finished_at), backup.size_bytes),
        earliest=said(first) if first else "",
        latest=said(latest or now),
        flush=seen.live is not None and not seen.live.failing,
        archive_timeline=timeline_of(stanza.last_wal),
        remarks=seen.remarks,
    )


def _moment(at: str, now: datetime, window: str) -> datetime | None:
    try:
        return read_moment(at, now) if at else None
    except Refused as error:
        raise Refused(
            str(error).replace(" Nothing was", f" {window[0].upper()}{window[1:]}. Nothing was")
        ) from error


def _latest(live: LiveSeen | None) -> datetime | None:
    """The end of what can be had: the archive's where it fails, else now; None where nobody can tell."""
    if live is None:
        return None
    return live.archived_at if live.failing else live.now


def see(tools: Toolbox, environment: str) -> _Seen:
    """The live cluster by its files and by its server. Raises Refused or Transient; changes nothing."""
    cluster, server = tools.cluster(environment), tools.postgres(environment)
    directory = cluster.data_directory
    if not cluster.beside.is_dir():
        raise Refused(f"{cluster.beside} (`beside`) is not there or closed to drbot. Nothing was changed.")
    facts = ClusterFacts(
        place=server.place,
        stanza=cluster.stanza,
        data_directory=str(directory),
        system_identifier="",
        timeline=0,
        server_version=0,
        running=False,
        free_bytes=shutil.disk_usage(cluster.beside).free,
    )
    if not directory.exists() or not any(directory.iterdir()):
        lost = f"{directory} is empty or gone: the cluster is recovered into its place, and nothing is kept"
        return _Seen(facts, remarks=(lost,))
    control = read_control(cluster, directory)
    major = int((directory / "PG_VERSION").read_text().strip() or 0)
    facts = replace(
        facts,
        system_identifier=control.system_identifier,
        timeline=control.timeline,
        server_version=major,
    )
    running = postmaster(directory)
    if running is None:
        down = f"the server in {directory} does not run: what it had not archived is not in the archive"
        return _Seen(facts, remarks=(down,))
    with server.admin() as session:
        live = read_live(session)
        require_same(server, live, running, str(directory))
        databases, sessions = read_databases(session), read_sessions(session)
        standbys, slots = read_followers(session)
    unit = unit_of(running)
    told = [
        f"{unit} looks after the server, and will believe it stopped after the cut-over: start it there again"
        " at a quiet moment (stop with pg_ctl, then systemctl start)"
    ] * bool(unit)
    told += [f"{one.name} follows it, and must be made anew afterwards" for one in standbys]
    told += [f"the replication slot {one.name} is not in the recovered cluster" for one in slots]
    facts = replace(facts, running=True, databases=databases, sessions=sessions, timeline=live.timeline)
    return _Seen(facts, live, tuple(told[:6]))


def sound_stanza(cluster: Cluster, facts: ClusterFacts) -> StanzaSeen:
    """The stanza, if it is sound and of this very cluster. Raises Refused or Transient."""
    stanza = Backrest(cluster).info()
    if stanza.away:
        raise Transient(f"the repository of {cluster.stanza} does not answer: {stanza.problem}")
    if stanza.problem:
        raise Refused(
            f"pgBackRest's stanza {cluster.stanza} is not usable: {stanza.problem}. Nothing was changed."
        )
    if facts.system_identifier and stanza.system_identifier != facts.system_identifier:
        raise Refused(
            f"the stanza {cluster.stanza} is of another cluster (identifier {stanza.system_identifier}) than"
            f" the one in {facts.data_directory} ({facts.system_identifier}): the plan or pgbackrest.conf"
            " errs. Nothing was changed."
        )
    return stanza


def _against(cluster: Cluster, facts: ClusterFacts, size_bytes: int) -> Iterator[str]:
    directory = cluster.data_directory
    if directory.is_symlink() or directory.is_mount():
        yield f"{directory} is a link or a mount, which cannot change places with another directory"
    elif directory.parent.stat().st_dev != cluster.beside.stat().st_dev:
        yield f"{cluster.beside} is on another disk than {directory}: `beside` must be on the same"
    needed = int(SPACE_FACTOR * size_bytes)
    if facts.free_bytes < needed:
        yield (
            f"the copy needs about {size_text(needed)} in {cluster.beside}, where"
            f" {size_text(facts.free_bytes)} are free"
        )
    links = directory / "pg_tblspc"
    if links.is_dir() and any(links.iterdir()):
        yield f"{directory} has tablespaces, which a recovery beside it does not handle: restore it by hand"
    yield from _standby(directory)


def _standby(directory: Path) -> Iterator[str]:
    if (directory / "standby.signal").exists():
        yield f"{directory} is a standby's: recover the primary instead"
