"""What a person should know before a restore, though nothing of it speaks against it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from actions.amounts import counted
from actions.backups.choice import CLOCK_SLACK, Backup, Proof
from actions.failures import Refused, Transient
from actions.restores.facts import Asked, BackupFacts, RestoreParams, TargetFacts, age_text, size_text
from actions.restores.writers import EMPTY_BYTES
from actions.tools.postgres.own_rights import not_brought_back, read_own_rights
from actions.tools.postgres.server import Postgres

OLD_DATA = timedelta(days=2)


def remarks_on(
    listed: tuple[Backup, ...],
    backup: Backup,
    chosen: BackupFacts,
    kept: list[str] | None,
    target: TargetFacts,
    asked: Asked,
    params: RestoreParams,
) -> Iterator[str]:
    """Each remark a sentence. `kept` is None where nothing of the target is replaced."""
    yield from _clocks(chosen)
    if chosen.collation:
        yield (
            f"the restored database sorts by {chosen.collation}, as the backup does;"
            f" {target.database} does not now"
        )
    if asked.defuse:
        said = counted(len(asked.defuse), "statement")
        yield f"before anybody can connect, {said} of the plan will have made the copy harmless"
    elif params.from_environment != params.environment and kept is not None:
        yield (
            f"nothing makes the copy harmless: the plan names no environments.{params.from_environment}"
            f".database.defuse, so {params.environment} will hold the real rows of {params.from_environment},"
            " and whatever sends or charges by them can do so from there"
        )
    if backup.proof is Proof.CHECKSUM:
        yield (
            f"{backup.id} has a checksum but no manifest: that it is whole can be proven, not that it holds"
            " every row, nor of which environment it is"
        )
    newer = [other.id for other in listed if other.taken_at > backup.taken_at and other.proof is Proof.NONE]
    if newer:
        yield f"newer, but not used: {', '.join(newer[:3])} (neither manifest nor checksum)"
    if backup.remark:
        yield f"{backup.id}: {backup.remark}"
    if target.free_bytes is None:
        yield "free disk space on the server cannot be known from here"
    if kept is not None:
        yield from _of_target(backup, target, kept)


def remarks_on_rights(server: Postgres, target: TargetFacts, params: RestoreParams) -> Iterator[str]:
    """What of the target's own rights the restored database will not have."""
    comes_back = params.from_environment == params.environment
    try:
        with server.session() as session:
            lost = not_brought_back(read_own_rights(session, target.owner), comes_back)
    except (Refused, Transient) as error:
        yield f"owners, default rights and publications of {target.database} could not be read: {error}"
        return
    for one in lost:
        yield f"not brought back: {one}"
    if comes_back and target.size_bytes <= EMPTY_BYTES:
        yield (
            f"owners of single objects, default rights and publications are those that {target.database} has"
            " now, and it looks empty: set them by hand where there were any"
        )


def _of_target(backup: Backup, target: TargetFacts, kept: list[str]) -> Iterator[str]:
    """What being replaced means for it."""
    if target.sessions:
        yield f"these connections are cut at the swap: {'; '.join(target.sessions)}"
    if kept:
        yield f"databases of other restores are beside it: {', '.join(kept[:6])}"
    if target.size_bytes > EMPTY_BYTES and backup.object.size_bytes * 100 < target.size_bytes:
        yield f"the backup is very small beside the target ({size_text(target.size_bytes)}): the right one?"


def _clocks(chosen: BackupFacts) -> Iterator[str]:
    """Times that do not fit each other."""
    taken = datetime.fromisoformat(chosen.taken_at)
    ahead = taken - datetime.now(UTC)
    if ahead > CLOCK_SLACK:
        yield (
            f"the backup is dated {age_text(ahead.total_seconds())} in the future: a clock is wrong, the"
            " database's or drbot's; do not trust ages"
        )
    if not chosen.newest:
        return
    behind = taken - datetime.fromisoformat(chosen.newest)
    if behind > OLD_DATA:
        yield (
            f"the newest row of the backup is {age_text(behind.total_seconds())} older than the backup: was"
            " nothing written, or is it of the wrong database?"
        )
