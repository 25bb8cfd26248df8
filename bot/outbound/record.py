"""How a job fares, as it is stored: row, journal, card, what is told, what follows; one transaction each."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeAlias, TypeVar

from bot.announce import card_key, show_incident, tell_thread
from bot.domain.entry import Json, NewEntry
from bot.domain.incident import Incident
from bot.domain.outbound import Job, JobState, Sent, Way
from bot.domain.person import DRBOT
from bot.outbound import words
from bot.plan.models import DrPlan
from bot.store import incidents
from bot.store import outbound as rows
from bot.store.database import Store, StoreDown, Tx, from_iso, iso
from bot.store.journal import append
from bot.store.outbox import Wanted, want

Follow: TypeAlias = "Callable[[Tx, Job], None]"
T = TypeVar("T")
_log = logging.getLogger(__name__)


def _nothing(_tx: Tx, _job: Job) -> None:
    """What follows where no room asked for anything."""


class Record:
    """Every method is safe to do twice: what is stored already is not journalled again. Raise StoreDown.

    `on_trouble` and `on_done` run inside the transaction. One that breaks is logged and left out: how the
    job ended is worth more; `broken` says so.
    """

    def __init__(
        self, store: Store, plan: DrPlan, on_trouble: Follow | None = None, on_done: Follow | None = None
    ) -> None:
        self._store = store
        self._plan = plan
        self._on_trouble = on_trouble or _nothing
        self._on_done = on_done or _nothing
        self.broken = ""

    def begin(self, job: Job) -> Job | None:
        """The row says `sending` before anything is sent. None where it changed since it was read."""
        return self._store.write(lambda tx: rows.mark_sending(tx, job))

    def done(self, job: Job, sent: Sent) -> None:
        """It arrived: journalled, and the incident's card shows it."""

        def work(tx: Tx, follow: Follow) -> None:
            done = rows.mark_done(tx, job, sent)
            if done is None:
                return
            follow(tx, done)
            seq = _journal(tx, "sent-outside", done, words.sent(done))
            self._show(tx, done)
            if _was_told_late(tx, (done,)):
                self._tell(tx, done, seq, words.capital(words.sent(done)))

        self._write(work, self._on_done)

    def later(self, job: Job, said: str, pause_s: float, doubt: bool, again: bool) -> str:
        """It did not work this time; when it is tried again. `again`: it is no first failure.

        `doubt`: it may have arrived, or that could not be found out.
        """

        def work(tx: Tx, follow: Follow) -> str:
            retry_at = iso(from_iso(tx.now) + timedelta(seconds=pause_s))
            later = rows.mark_later(tx, job, said, retry_at, doubt)
            if later is not None and again:
                follow(tx, later)
            return retry_at

        return self._write(work, self._on_trouble)

    def ended(self, job: Job, state: JobState, said: str) -> None:
        """REFUSED for good, or UNSURE: journalled and told to people, with the words."""

        def work(tx: Tx, follow: Follow) -> None:
            ended = rows.mark_ended(tx, job, state, said)
            if ended is None:
                return
            follow(tx, ended)
            told = words.refused(ended) if state is JobState.REFUSED else words.unsure(ended)
            seq = _journal(tx, "not-sent-outside", ended, told)
            self._show(tx, ended)
            self._tell(tx, ended, seq, words.capital(told))

        self._write(work, self._on_trouble)

    def waits(self, jobs: Sequence[Job], said: str) -> None:
        """These wait behind another that failed more than once: what follows trouble follows for them too."""

        def work(tx: Tx, follow: Follow) -> None:
            for job in jobs:
                now = rows.job_of(tx.all, job.key)
                if now is not None and not now.state.ended:
                    follow(tx, replace(now, said=now.said or said))

        if self._on_trouble is not _nothing:
            self._write(work, self._on_trouble)

    def late(self, way: Way, incident_ids: Sequence[int], said: str) -> None:
        """Tell each incident's thread, once for what waits there, that it still does."""

        def work(tx: Tx) -> None:
            for number in incident_ids:
                jobs = rows.open_of(tx.all, way, number)
                if jobs and not _was_told_late(tx, jobs):
                    told = words.waits(jobs[0], len(jobs) - 1, jobs[0].said or said)
                    self._note(tx, jobs[0], _late_key(jobs[0]), told)

        self._store.write(work)

    def _write(self, work: Callable[[Tx, Follow], T], follow: Follow) -> T:
        try:
            done = self._store.write(lambda tx: work(tx, follow))
        except StoreDown:
            raise
        except Exception as error:
            if follow is _nothing:
                raise
            _log.exception("what follows from a job of the outbound broke")
            self.broken = (
                f"what drbot does when something goes out, or does not, broke with {type(error).__name__};"
                " its log says more"
            )
            return self._store.write(lambda tx: work(tx, _nothing))
        self.broken = ""
        return done

    def _incident(self, tx: Tx, job: Job) -> Incident | None:
        found = incidents.find(tx, job.incident) if job.incident is not None else None
        return found.incident if found else None

    def _show(self, tx: Tx, job: Job) -> None:
        if incident := self._incident(tx, job):
            show_incident(tx, self._plan, incident)

    def _tell(self, tx: Tx, job: Job, seq: int, said: str) -> None:
        if incident := self._incident(tx, job):
            tell_thread(tx, self._plan, incident, seq, said)

    def _note(self, tx: Tx, job: Job, key: str, said: str) -> None:
        """A line under the card that repeats no entry of the journal."""
        if incident := self._incident(tx, job):
            where, rank = self._plan.communication.channel, incident.severity.rank
            parent = card_key(incident.id)
            want(tx, Wanted(key, "incident-note", incident.id, where, parent, rank, payload=said))


def _journal(tx: Tx, kind: str, job: Job, said: str) -> int:
    data: dict[str, Json] = {
        "key": job.key,
        "way": job.way.value,
        "action": job.action,
        "about": job.about,
        "state": job.state.value,
        "remote": job.remote,
        "answer": job.said,
        "attempts": job.attempts,
        "late_s": round(words.late_by_s(job), 1),
        "said": said,
    }
    return append(tx, NewEntry(kind, DRBOT, data, job.incident))[-1].seq


def _late_key(job: Job) -> str:
    return f"incident:{job.incident}:late:{job.key}"


def _was_told_late(tx: Tx, jobs: Sequence[Job]) -> bool:
    """Whether people were told of one of these; kept in the outbox, so that a restart tells nobody again."""
    keys = [_late_key(job) for job in jobs]
    marks = ", ".join("?" * len(keys))
    return tx.one(f"SELECT 1 FROM outbox WHERE key IN ({marks}) LIMIT 1", keys) is not None  # noqa: S608
