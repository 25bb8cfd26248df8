"""Looking before backups expire: the clocks, each place, what would go and what stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from actions.amounts import span_text
from actions.backups.choice import Backup, NotBelieved, Proof, backups_in, read_manifest
from actions.backups.expiry import Kept, Rule, expired, protected
from actions.backups.leases import leases
from actions.backups.manifest import MAKER
from actions.backups.rehearsals import Rehearsals, rehearsals_in
from actions.failures import Refused, Transient
from actions.tools.aws.s3 import Bucket
from actions.tools.dumps.copies import Keeping
from actions.tools.dumps.shelf import Shelf, shelf_of
from actions.tools.postgres.inventory import clock
from actions.tools.toolbox import Toolbox

CLOCKS_AGREE = timedelta(minutes=10)
MOST = 200
HOME = "backups"
"""What the first place, the plan's bucket, is called beside the names of its copies."""


@dataclass(frozen=True)
class ExpireParams:
    """`at_most` backups are deleted in one run, over all places."""

    environment: str
    at_most: int = 20

    def __post_init__(self) -> None:
        if not 1 <= self.at_most <= MOST:
            raise ValueError(f"at_most is a number from 1 to {MOST}")


@dataclass(frozen=True)
class Victim:
    """One backup that would go, pinned."""

    id: str
    key: str
    etag: str
    size_bytes: int
    taken_at: str


@dataclass(frozen=True)
class PlaceSeen:
    """One place: how many backups there are, how many verified, what would go; or why nothing does.

    `came_back` is the id of the newest that a rehearsal restored, '' where it needs no sparing.
    """

    name: str
    place: str
    keep_s: float
    keep_at_least: int
    total: int = 0
    verified: int = 0
    versioned: bool = False
    victims: tuple[Victim, ...] = ()
    held: str = ""
    came_back: str = ""


@dataclass(frozen=True)
class ExpireFacts:
    """Every place of an environment's backups."""

    places: tuple[PlaceSeen, ...]
    read_now: tuple[str, ...]

    @property
    def victims(self) -> int:
        return sum(len(place.victims) for place in self.places)


def shelves(tools: Toolbox, environment: str) -> tuple[tuple[str, Shelf, Rule], ...]:
    """Every place by its name, with its rule; the plan's bucket first."""
    bucket, keeping = tools.backups(environment), tools.keeping(environment)
    return (
        (HOME, bucket, Rule(keeping.keep_s, keeping.keep_at_least)),
        *_copies(keeping, bucket.stem),
    )


def _copies(keeping: Keeping, stem: str) -> Iterator[tuple[str, Shelf, Rule]]:
    for copy in keeping.copies:
        yield copy.name, shelf_of(copy, stem), Rule(copy.keep_s, keeping.keep_at_least)


def survey(tools: Toolbox, params: ExpireParams) -> ExpireFacts:
    """Look at every place. Raises Refused where a clock is wrong or nothing young is there."""
    now = agreed_now(tools, params.environment)
    read_now = leases(tools.backups(params.environment), now)
    noted = rehearsals_in(tools.backups(params.environment))
    left, seen = params.at_most, []
    for name, shelf, rule in shelves(tools, params.environment):
        try:
            place = _look(name, shelf, rule, noted, now, read_now, left)
        except (Refused, Transient) as error:
            if name == HOME:
                raise
            place = PlaceSeen(name, shelf.place, rule.keep_s, rule.at_least, held=str(error)[:300])
        left -= len(place.victims)
        seen.append(place)
    return ExpireFacts(tuple(seen), tuple(sorted(read_now)))


def _look(
    name: str,
    shelf: Shelf,
    rule: Rule,
    noted: Rehearsals,
    now: datetime,
    read_now: frozenset[str],
    at_most: int,
) -> PlaceSeen:
    found = kept_in(shelf, rule, noted, now)
    return PlaceSeen(
        name,
        shelf.place,
        rule.keep_s,
        rule.at_least,
        len(found),
        sum(one.verified for one in found),
        isinstance(shelf, Bucket) and shelf.keeps_versions(),
        tuple(_pinned(one) for one in expired(found, rule, now, read_now, at_most)),
        came_back=next((one.id for one in found if one.came_back), ""),
    )


def _pinned(one: Kept) -> Victim:
    return Victim(one.id, one.key, one.etag, one.size_bytes, f"{one.taken_at:%Y-%m-%dT%H:%M:%SZ}")


def agreed_now(tools: Toolbox, environment: str) -> datetime:
    """Now, if drbot's clock, the database's and the storage's agree within ten minutes. Raises Refused."""
    server, bucket = tools.postgres(environment), tools.backups(environment)
    with server.session() as session:
        told = {"the database's": datetime.fromisoformat(clock(session)), "the storage's": bucket.clock()}
    now = datetime.now(UTC)
    for whose, time in told.items():
        if abs(now - time) > CLOCKS_AGREE:
            raise Refused(
                f"{whose} clock says {time:%Y-%m-%d %H:%M}, drbot's {now:%Y-%m-%d %H:%M}"
                f" ({span_text(abs(now - time).total_seconds())} apart): nothing is deleted by a clock that"
                " may be wrong. Mend the clocks first"
            )
    return now


def kept_in(shelf: Shelf, rule: Rule, noted: Rehearsals, now: datetime) -> tuple[Kept, ...]:
    """Every backup of a place. Manifests are read of those that count: the newest, and the old ones.

    `noted` is what rehearsals left in the first place: it is true of each copy of the same content.
    """
    backups, _ = backups_in(shelf)
    verified, found = 0, []
    for backup in backups:
        old = (now - backup.taken_at).total_seconds() > rule.keep_s
        if old or verified < rule.at_least:
            one = _read(shelf, backup, noted)
            verified += one.verified
        else:
            one = _unread(backup)
        found.append(one)
    return tuple(found)


def _unread(backup: Backup) -> Kept:
    """Young, and older than enough verified ones: it neither goes nor counts."""
    seen = backup.object
    proven = backup.proof is Proof.MANIFEST
    at = max(backup.taken_at, seen.modified_at)
    return Kept(backup.id, seen.key, seen.etag, seen.size_bytes, at, proven, ours=False)


def _read(shelf: Shelf, backup: Backup, noted: Rehearsals) -> Kept:
    seen, at = backup.object, max(backup.taken_at, backup.object.modified_at)
    if backup.proof is not Proof.MANIFEST:
        return Kept(backup.id, seen.key, seen.etag, seen.size_bytes, at, verified=False, ours=False)
    try:
        manifest = read_manifest(shelf, backup)
    except NotBelieved:
        return Kept(backup.id, seen.key, seen.etag, seen.size_bytes, at, verified=False, ours=False)
    at = max(at, datetime.fromisoformat(manifest.finished_at))
    ours = manifest.made_by == MAKER
    name = backup.file_name
    good = ours and name not in noted.not_held and (name in noted.held or not manifest.remark)
    came_back = (name, manifest.sha256) == noted.newest
    return Kept(backup.id, seen.key, seen.etag, seen.size_bytes, at, good, ours, came_back)


def stays(shelf: Shelf, rule: Rule, noted: Rehearsals, now: datetime) -> frozenset[str]:
    """The ids that stay there whatever their age."""
    return protected(kept_in(shelf, rule, noted, now), rule)
