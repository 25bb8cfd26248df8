"""Rows of publications, read with what became of their outbound jobs: that state is kept nowhere else."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot.domain.outbound import JobState
from bot.domain.publication import Kind, Publication, PublicationState, Stage, became
from bot.store.database import Read, Row, Tx

_COLUMNS = (
    "id, incident, kind, stage, subject, text, state, recipient, components, impact, next_update_s,"
    " drafted_by, drafted_at, edited_by, edited_at, decided_by, decided_at, job, request_key"
)
_SELECT = (
    "SELECT p." + _COLUMNS.replace(", ", ", p.") + ", o.state, o.said, o.done_at FROM publications p"  # noqa: S608
    " LEFT JOIN outbound o ON o.key = p.job"
)
_UPSERT = (
    f"INSERT INTO publications ({_COLUMNS}) VALUES ({', '.join('?' * 19)}) ON CONFLICT (id) DO UPDATE SET "  # noqa: S608
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS.replace(" ", "").split(",")[1:])
)
LISTED = 100
_ENDS = (JobState.DONE.value, JobState.REFUSED.value, JobState.UNSURE.value)


def next_id(tx: Tx) -> int:
    """The number of the next publication."""
    row = tx.one("SELECT COALESCE(MAX(id), 0) + 1 FROM publications")
    return int(row[0]) if row else 1


def save(tx: Tx, one: Publication) -> None:
    """Write the whole row, new or changed. Its state is what people decided, never what became of a job."""
    stored = PublicationState.APPROVED if one.job else one.state
    tx.run(
        _UPSERT,
        (
            one.id,
            one.incident,
            one.kind.value,
            one.stage.value,
            one.subject,
            one.text,
            stored.value,
            one.to,
            json.dumps(dict(one.components)),
            one.impact,
            one.next_update_s,
            one.drafted_by,
            one.drafted_at,
            one.edited_by,
            one.edited_at,
            one.decided_by,
            one.decided_at,
            one.job,
            one.request_key,
        ),
    )


def find(read: Read, number: int) -> Publication | None:
    """The publication, or None. `read` is `Store.read` or `Tx.all`."""
    rows = read(f"{_SELECT} WHERE p.id = ?", (number,))
    return _publication(rows[0]) if rows else None


def of_request(read: Read, key: str) -> Publication | None:
    """What this press or line made before, or None."""
    rows = read(f"{_SELECT} WHERE p.request_key = ?", (key,)) if key else ()
    return _publication(rows[0]) if rows else None


def of_job(read: Read, key: str) -> Publication | None:
    """The text that this outbound job takes out, or None."""
    rows = read(f"{_SELECT} WHERE p.job = ? AND p.state = 'approved'", (key,)) if key else ()
    return _publication(rows[0]) if rows else None


def of_incident(read: Read, incident: int) -> Sequence[Publication]:
    """The incident's newest hundred, oldest first."""
    rows = read(f"{_SELECT} WHERE p.incident = ? ORDER BY p.id DESC LIMIT {LISTED}", (incident,))
    return [_publication(row) for row in reversed(rows)]


def changed_outside(read: Read) -> Sequence[tuple[int, str]]:
    """Number and job state of texts whose card does not say yet what became of them."""
    rows = read(
        "SELECT p.id, o.state FROM publications p JOIN outbound o ON o.key = p.job"
        " WHERE p.state = 'approved' AND o.state IN (?, ?, ?) AND p.shown <> o.state ORDER BY p.id LIMIT 50",
        _ENDS,
    )
    return [(int(number), str(state)) for number, state in rows]


def mark_shown(tx: Tx, number: int, job_state: str) -> None:
    """Its card is drawn with this state of its job."""
    tx.run("UPDATE publications SET shown = ? WHERE id = ?", (job_state, number))


def _publication(row: Row) -> Publication:
    number, incident, kind, stage, subject, text, state, to, components, impact, next_update_s, *rest = row
    *people, job, request_key, job_state, said, ended_at = rest
    drafted_by, drafted_at, edited_by, edited_at, decided_by, decided_at = people
    return Publication(
        id=int(number),
        incident=int(incident),
        kind=Kind(kind),
        stage=Stage(stage),
        subject=subject,
        text=text,
        state=became(PublicationState(state), JobState(job_state) if job_state else None),
        to=to,
        components=json.loads(components),
        impact=impact,
        next_update_s=int(next_update_s),
        drafted_by=drafted_by,
        drafted_at=drafted_at,
        edited_by=edited_by,
        edited_at=edited_at,
        decided_by=decided_by,
        decided_at=decided_at,
        job=job,
        request_key=request_key,
        said=str(said or ""),
        ended_at=str(ended_at or ""),
    )
