"""What is to be sent outside, as rows: a use case says `send_later`, the outbound sends in order."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from bot.domain.entry import Json
from bot.domain.outbound import Job, JobState, NewJob, Sent, Way
from bot.store.database import Read, Row, Tx

_SELECT = (
    "SELECT key, way, thread, action, about, payload, incident, state, attempts, retry_at, remote, said,"
    " created_at, done_at FROM outbound"
)
_OPEN = "state IN ('waiting', 'sending')"
LISTED = 200
LOOKED_AT = (Way.STATUS_PAGE, Way.PAGERDUTY)
"""Ways that can tell whether something arrived."""
ABOUT_LIMIT, TEXT_LIMIT, SAID_LIMIT = 200, 20_000, 500


def send_later(tx: Tx, job: NewJob) -> bool:
    """Ask for it to be sent. False where it was asked for before: nothing changes then. Rings `outbound`.

    Texts of the payload are cut at 20,000 characters, `about` at 200.
    """
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
            _clean(job.about, ABOUT_LIMIT),
            json.dumps(_bounded(job.payload), ensure_ascii=False),
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


def heads(read: Read, way: Way) -> tuple[Job, ...]:
    """The first open job of each thread, in the order in which they were asked for, at most 200.

    Where there are more, those that were never tried come before those that failed.
    """
    earlier = f"SELECT 1 FROM outbound e WHERE e.thread = o.thread AND e.way = o.way AND e.{_OPEN}"  # noqa: S608
    rows = read(
        f"{_SELECT} WHERE key IN (SELECT o.key FROM outbound o WHERE o.way = ? AND o.{_OPEN}"  # noqa: S608
        f" AND NOT EXISTS ({earlier} AND e.position < o.position)"
        f" ORDER BY o.attempts > 0, o.position LIMIT {LISTED}) ORDER BY position",
        (way.value,),
    )
    return tuple(_job(row) for row in rows)


def remote_of(read: Read, job: Job) -> str:
    """The other end's id of the thread, as its first delivered job was given it; '' while there is none."""
    rows = read(
        "SELECT remote FROM outbound WHERE thread = ? AND way = ? AND state = 'done' AND remote <> ''"
        " ORDER BY position LIMIT 1",
        (job.thread, job.way.value),
    )
    return str(rows[0][0]) if rows else ""


def count_open(read: Read, way: Way) -> int:
    """How many jobs of this way have not ended."""
    rows = read(f"SELECT COUNT(*) FROM outbound WHERE way = ? AND {_OPEN}", (way.value,))  # noqa: S608
    return int(rows[0][0])


def open_since(read: Read, way: Way) -> str:
    """When the oldest job of this way that has not ended was asked for, ISO; '' where none waits."""
    rows = read(f"SELECT MIN(created_at) FROM outbound WHERE way = ? AND {_OPEN}", (way.value,))  # noqa: S608
    return str(rows[0][0] or "")


def open_of(read: Read, way: Way, incident: int) -> tuple[Job, ...]:
    """The incident's jobs of this way that have not ended, in order, at most 200."""
    rows = read(
        f"{_SELECT} WHERE incident = ? AND way = ? AND {_OPEN} ORDER BY position LIMIT {LISTED}",
        (incident, way.value),
    )
    return tuple(_job(row) for row in rows)


def not_sent(read: Read) -> tuple[Job, ...]:
    """What waits or is under way, then what was refused or is in doubt (the newest), at most 200 of each."""
    waits = read(f"{_SELECT} WHERE {_OPEN} ORDER BY created_at, position LIMIT {LISTED}", ())
    ended = read(
        f"{_SELECT} WHERE state IN ('refused', 'unsure') ORDER BY done_at DESC, position LIMIT {LISTED}", ()
    )
    return tuple(_job(row) for row in (*waits, *ended))


def mark_sending(tx: Tx, job: Job) -> Job | None:
    """A send begins: the job as it is now, one attempt older. None where it changed since it was read."""
    begun = tx.run(
        "UPDATE outbound SET state = 'sending', attempts = attempts + 1"  # noqa: S608 - constants
        f" WHERE key = ? AND attempts = ? AND {_OPEN}",
        (job.key, job.attempts),
    )
    return replace(job, state=JobState.SENDING, attempts=job.attempts + 1) if begun else None


def mark_done(tx: Tx, job: Job, sent: Sent) -> Job | None:
    """The other end has it. None where its end is stored already."""
    done = replace(
        job, state=JobState.DONE, remote=_clean(sent.remote, SAID_LIMIT), said=line(sent.said), done_at=tx.now
    )
    return done if _store(tx, done) else None


def mark_later(tx: Tx, job: Job, said: str, retry_at: str, doubt: bool) -> Job | None:
    """It has not worked: tried again from `retry_at`. In doubt it is looked for before it is sent again.

    None where its end is stored already.
    """
    state = JobState.SENDING if doubt else JobState.WAITING
    later = replace(job, state=state, said=line(said), retry_at=retry_at)
    return later if _store(tx, later) else None


def mark_ended(tx: Tx, job: Job, state: JobState, said: str) -> Job | None:
    """It ended otherwise than done (REFUSED or UNSURE). None where its end is stored already."""
    ended = replace(job, state=state, said=line(said), done_at=tx.now)
    return ended if _store(tx, ended) else None


def withdraw(tx: Tx, key: str, said: str) -> bool:
    """It is wanted no more. Whether it still waited; what is under way, or has ended, stays as it is."""
    return (
        tx.run(
            "UPDATE outbound SET state = 'done', said = ?, done_at = ? WHERE key = ? AND state = 'waiting'",
            (line(said), tx.now, key),
        )
        == 1
    )


def ask_again(tx: Tx, job: Job) -> bool:
    """A person wants what was refused, or is in doubt, to be sent. False where it is neither (any more).

    What is in doubt is looked for once more where its way can be looked at. Rings `outbound`.
    """
    looked = job.state is JobState.UNSURE and job.way in LOOKED_AT
    asked = tx.run(
        "UPDATE outbound SET state = ?, retry_at = '', done_at = ''"
        " WHERE key = ? AND state IN ('refused', 'unsure')",
        ((JobState.SENDING if looked else JobState.WAITING).value, job.key),
    )
    tx.ring("outbound")
    return asked == 1


def mark_unsure(tx: Tx) -> None:
    """Whatever was open may have been sent, unknown to this memory: it is looked for before it is."""
    tx.run("UPDATE outbound SET state = 'sending', retry_at = '' WHERE state = 'waiting'")


def line(said: str) -> str:
    """Words of the other end as one bounded line."""
    return " ".join(_clean(said, 4 * SAID_LIMIT).split())[:SAID_LIMIT]


def _store(tx: Tx, job: Job) -> bool:
    """Write how a job stands; False where it is not the attempt that was begun."""
    stored = tx.run(
        "UPDATE outbound SET state = ?, retry_at = ?, remote = ?, said = ?, done_at = ?"  # noqa: S608
        f" WHERE key = ? AND attempts = ? AND {_OPEN}",
        (job.state.value, job.retry_at, job.remote, job.said, job.done_at, job.key, job.attempts),
    )
    return stored == 1


def _clean(text: str, limit: int) -> str:
    """Cut, and without what a database cannot hold."""
    return text[:limit].encode("utf-8", "replace").decode().replace("\0", "")


def _bounded(value: Json) -> Json:
    """The same with every text cut."""
    if isinstance(value, str):
        return _clean(value, TEXT_LIMIT)
    if isinstance(value, Mapping):
        return {_clean(key, ABOUT_LIMIT): _bounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_bounded(one) for one in value]
    return value


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
