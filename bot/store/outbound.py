"""What is to be sent outside, as rows: a use case says `send_later`, the outbound sends in order."""

from __future__ import annotations

import json

from bot.domain.outbound import Job, JobState, NewJob, Way
from bot.store.database import Read, Row, Tx

_SELECT = (
    "SELECT key, way, thread, action, about, payload, incident, state, attempts, retry_at, remote, said,"
    " created_at, done_at FROM outbound"
)
LISTED = 200


def send_later(tx: Tx, job: NewJob) -> bool:
    """Ask for it to be sent. False where it was asked for before: nothing changes then. Rings `outbound`."""
    asked = tx.run(
        "INSERT INTO outbound (key, way, thread, incident, action, about, payload, position, state, attempts,"
        " retry_at, remote, said, created_at, done_at) SELECT ?, ?, ?, ?, ?, ?, ?,"
        " COALESCE((SELECT MAX(position) FROM outbound WHERE way = ?), 0) + 1, ?, 0, '', '', '', ?, ''"
        " WHERE NOT EXISTS (SELECT 1 FROM outbound WHERE key = ?)",
        (
            job.key,
            job.way.value,
            job.thread,
            job.incident,
            job.action,
            job.about[:200],
            json.dumps(job.payload, ensure_ascii=False),
            job.way.value,
            JobState.WAITING.value,
            tx.now,
            job.key,
        ),
    )
    tx.ring("outbound")
    return asked == 1


def job_of(read: Read, key: str) -> Job | None:
    """The job of this key, or None. `read` is `Store.read` or `Tx.all`."""
    rows = read(f"{_SELECT} WHERE key = ?", (key,))
    return _job(rows[0]) if rows else None


def jobs_of(read: Read, incident: int) -> tuple[Job, ...]:
    """The incident's jobs in the order in which they were asked for, at most 200."""
    rows = read(f"{_SELECT} WHERE incident = ? ORDER BY created_at, position LIMIT {LISTED}", (incident,))
    return tuple(_job(row) for row in rows)


def _job(row: Row) -> Job:
    key, way, thread, action, about, payload, incident, state, attempts, *rest = row
    return Job(
        key,
        Way(way),
        thread,
        action,
        about,
        json.loads(payload),
        incident,
        JobState(state),
        int(attempts),
        *map(str, rest),
    )
