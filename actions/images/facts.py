"""What is asked for when images are brought back, and what was found: each object pinned by its versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from actions.amounts import counted, size_text
from actions.tools.aws.image_objects import ImageVersion

MOST = 5_000
NAMES_SHOWN = 10
NAME_CHARACTERS = 120


def read_moment(text: str) -> str:
    """An ISO 8601 time with its zone, as UTC in the form of the versions' times. Raises ValueError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no time: write as_of=2026-11-22T21:55:00Z") from None
    if moment.tzinfo is None:
        raise ValueError(f"{text[:40]!r} has no zone: write {text[:30]}Z for UTC, or +02:00 and the like")
    try:
        return moment.astimezone(UTC).isoformat(timespec="milliseconds")
    except OverflowError:
        raise ValueError(f"{text[:40]!r} is no time that a clock here can show") from None


@dataclass(frozen=True)
class BackParams:
    """`key`: one object, or `prefix`: all under it. `as_of`: as they were then (ISO 8601 with its zone).

    Without `as_of` deleted objects come back as they were last. `leave_archived`: bring back the others
    where some are in an archive.
    """

    environment: str
    key: str = ""
    prefix: str = ""
    as_of: str = ""
    at_most: int = 500
    leave_archived: bool = False

    def __post_init__(self) -> None:
        check_one_place(self.key, self.prefix)
        if self.as_of:
            read_moment(self.as_of)
        if not 1 <= self.at_most <= MOST:
            raise ValueError(f"at_most is a number from 1 to {MOST:,}: give prefixes, and ask once for each")


def check_one_place(key: str, prefix: str) -> None:
    """Raises ValueError unless exactly one of them is said."""
    if bool(key) == bool(prefix):
        raise ValueError("say which: key=one/object.jpg or prefix=folder/ (exactly one of them)")
    if len((key or prefix).encode()) > 1024 or any(ord(letter) < 32 for letter in key or prefix):
        raise ValueError("a key of S3 has at most 1,024 bytes, and no control characters")


@dataclass(frozen=True)
class ObjectPin:
    """One object: the version wanted, where it is, and what was on top when it was shown.

    `former_id` is '' where the object had no history; `former_hides` where a delete marker was on top.
    """

    key: str
    version_id: str
    etag: str
    size_bytes: int
    at: str
    from_replica: bool
    former_id: str
    former_hides: bool
    former_etag: str
    former_bytes: int

    @property
    def wanted(self) -> ImageVersion:
        return ImageVersion(self.key, self.version_id, self.at, False, False, self.size_bytes, self.etag)

    @property
    def former(self) -> ImageVersion | None:
        """The version that was on top; None where the object was deleted or not there."""
        if self.former_hides or not self.former_id:
            return None
        return ImageVersion(self.key, self.former_id, "", False, False, self.former_bytes, self.former_etag)


@dataclass(frozen=True)
class BackFacts:
    """`more` were found beyond `at_most`; `since` were made after `as_of`, `archived` are left alone."""

    place: str
    replica: str
    objects: tuple[ObjectPin, ...]
    more: int
    since: int
    archived: int
    looked_at: int

    @property
    def total_bytes(self) -> int:
        return sum(one.size_bytes for one in self.objects)

    @property
    def overwritten(self) -> tuple[ObjectPin, ...]:
        return tuple(one for one in self.objects if one.former is not None)


def names_text(pins: tuple[ObjectPin, ...]) -> str:
    """`a.jpg, b.jpg and 3 more`; `none`."""
    shown = ", ".join(pin.key[-NAME_CHARACTERS:] for pin in pins[:NAMES_SHOWN])
    more = f" and {len(pins) - NAMES_SHOWN:,} more" if len(pins) > NAMES_SHOWN else ""
    return f"{shown}{more}" if pins else "none"


def shown(params: BackParams, facts: BackFacts) -> tuple[tuple[str, str], ...]:
    """What a person should see before approving: how many, how large, which, and what they replace."""
    replaced = facts.overwritten
    deleted = tuple(one for one in facts.objects if one.former is None)
    rows = [
        ("bucket", facts.place),
        ("as of", read_moment(params.as_of)[:19] + " UTC" if params.as_of else "as they were last"),
        ("comes back", f"{counted(len(facts.objects), 'object')}, {size_text(facts.total_bytes)}"),
        ("deleted ones", f"{len(deleted):,}: {names_text(deleted)}"),
        ("replaces what is there now", f"{len(replaced):,}: {names_text(replaced)}"),
    ]
    lost = tuple(one for one in facts.objects if one.from_replica)
    if lost:
        rows.append((f"from the replica {facts.replica}", f"{len(lost):,}: {names_text(lost)}"))
    if facts.since:
        rows.append(("left alone", f"{counted(facts.since, 'object')} made since"))
    return tuple(rows)


def warned(facts: BackFacts) -> tuple[str, ...]:
    """Sentences to read before approving."""
    found = []
    if facts.overwritten:
        found.append(
            f"customers will see the former content of {counted(len(facts.overwritten), 'object')} instead of"
            " the present one; the present version stays in the bucket's history"
        )
    if facts.more:
        found.append(
            f"{facts.more:,} more would come back: these are the first {len(facts.objects):,} by name; ask"
            f" again for the others, or with at_most= up to {MOST:,}"
        )
    if facts.archived:
        found.append(f"{counted(facts.archived, 'object')} in an archive are left alone: request them first")
    if any(one.from_replica for one in facts.objects):
        found.append("what comes from the replica is newer by as much as the replication was behind")
    return tuple(found)
