"""The report as people have it: its state, and every version that was ever kept (none is written over)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from bot.report.taken_back import forget
from bot.store.database import Read, Row, Tx


class State(Enum):
    """DRAFT is drbot's, or a person's at work; REVIEW is to be read; PUBLISHED stands, and is frozen."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"


@dataclass(frozen=True)
class Version:
    """One version: who wrote it when, the draft that it began from, and its text (both Markdown).

    `at` is ISO 8601 UTC.
    """

    incident: int
    number: int
    by: str
    at: str
    drafted: str
    text: str


@dataclass(frozen=True)
class Standing:
    """Where a report stands: its state, who brought it there when, its newest and its published version.

    `published` is 0 where none was published yet.
    """

    state: State
    version: int
    by: str
    at: str
    published: int = 0


def standing(read: Read, incident: int) -> Standing | None:
    """Where the report stands, or None while no person has touched it."""
    rows = read("SELECT state, version, by_whom, at, published FROM reports WHERE incident = ?", (incident,))
    if not rows:
        return None
    state, version, by, at, published = rows[0]
    return Standing(State(state), int(version), str(by), str(at), int(published))


def version(read: Read, incident: int, number: int) -> Version | None:
    """One version, or None. What its draft said of a message that was taken back since is not in it."""
    rows = read(
        "SELECT incident, version, by_whom, at, drafted, text FROM report_versions"
        " WHERE incident = ? AND version = ?",
        (incident, number),
    )
    if not rows:
        return None
    kept = _version(rows[0])
    drafted, text = forget(read, incident, kept.drafted, kept.text)
    return replace(kept, drafted=drafted, text=text)


def numbers(read: Read, incident: int) -> Sequence[tuple[int, str]]:
    """The number of every version, the oldest first, and when it was kept."""
    rows = read("SELECT version, at FROM report_versions WHERE incident = ? ORDER BY version", (incident,))
    return [(int(number), str(at)) for number, at in rows]


def authors(read: Read, incident: int) -> Sequence[str]:
    """The plan ids of everybody who wrote a version, in order of their first."""
    rows = read("SELECT by_whom FROM report_versions WHERE incident = ? ORDER BY version", (incident,))
    return list(dict.fromkeys(str(row[0]) for row in rows))


def keep(tx: Tx, new: Version, standing_now: Standing) -> None:
    """Store a version and where the report stands with it."""
    tx.run(
        "INSERT INTO report_versions (incident, version, by_whom, at, drafted, text)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (new.incident, new.number, new.by, new.at, new.drafted, new.text),
    )
    stand(tx, new.incident, standing_now)


def stand(tx: Tx, incident: int, now: Standing) -> None:
    """Store where the report stands. Safe to do twice."""
    tx.run(
        "INSERT INTO reports (incident, state, version, by_whom, at, published) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (incident) DO UPDATE SET state = excluded.state, version = excluded.version,"
        " by_whom = excluded.by_whom, at = excluded.at, published = excluded.published",
        (incident, now.state.value, now.version, now.by, now.at, now.published),
    )


def _version(row: Row) -> Version:
    incident, number, by, at, drafted, text = row
    return Version(int(incident), int(number), str(by), str(at), str(drafted), str(text))
