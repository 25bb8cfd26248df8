"""One way out: its jobs one at a time, in order within a thread, until each has ended."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeAlias

from bot.domain.outbound import Job, JobState, Later, Never, Sender, Sent, Unknown
from bot.outbound import words
from bot.outbound.patience import LONGEST_S, Patience
from bot.outbound.record import Record
from bot.store import outbound as rows
from bot.store.database import Store, StoreDown

LATE_S = 60.0
DOUBTS_MOST = 5
STORE_AGAIN_S = 1.0
_log = logging.getLogger(__name__)


class Broken(Exception):
    """The sender itself failed: whether anything was taken is not known."""


Outcome: TypeAlias = Sent | Later | Never | Unknown | Broken | None


class Lane:
    """Everything it knows for longer than a moment is in the rows. Used by one thread."""

    def __init__(self, sender: Sender, store: Store, record: Record, patience: Patience) -> None:
        self._sender = sender
        self._way = sender.way
        self._store = store
        self._record = record
        self._patience = patience
        self._unstored: Callable[[], None] | None = None
        self._doubts: dict[str, int] = {}
        self._troubled: set[str] = set()
        self._told_late: set[int] = set()
        self._said = ""
        self._broken = ""
        self._trouble = ""

    @property
    def trouble(self) -> str:
        """Why nothing goes out this way, '' while it is well; from any thread."""
        return self._trouble

    def turn(self) -> float:
        """One job at most; the seconds until there may be more to do. Never raises."""
        try:
            wait_s = self._turn()
            self._trouble = self._wrong()
        except StoreDown as error:
            self._trouble = f"{words.NAMES[self._way]} waits until the store answers: {error}"
            return STORE_AGAIN_S
        except Exception as error:  # noqa: BLE001 - logged and on `/readyz`; the next turn tries again
            _log.exception("the outbound to %s stumbled", self._way.value)
            self._trouble = f"{words.NAMES[self._way]} is not served: {type(error).__name__} in drbot's log"
            return LONGEST_S
        return wait_s

    def _turn(self) -> float:
        if self._unstored is not None:
            self._store_end(self._unstored)
        heads = rows.heads(self._store.read, self._way)
        self._mind(heads)
        job, wait_s = self._patience.choose(heads)
        if job is None:
            return wait_s
        self._take(job)
        return 0.0

    def _take(self, job: Job) -> None:
        remote = rows.remote_of(self._store.read, job)
        if job.state is JobState.SENDING:
            found = self._ask(lambda: self._sender.find(job, remote))
            if found is not None:
                self._settle(job, found, looked=True)
                return
        begun = self._record.begin(job)
        if begun is not None:
            self._settle(begun, self._ask(lambda: self._sender.send(begun, remote)), looked=False)

    def _ask(self, ask: Callable[[], Sent | None]) -> Outcome:
        try:
            return ask()
        except (Later, Never, Unknown) as outcome:
            return outcome
        except Exception as error:  # noqa: BLE001 - logged, told as trouble, and tried again after a minute
            _log.exception("the sender of %s broke", self._way.value)
            return Broken(f"drbot itself failed with {type(error).__name__}; its log says more")

    def _settle(self, job: Job, outcome: Outcome, looked: bool) -> None:
        """Store how it went. `looked`: it was not sent now, but looked for."""
        match outcome:
            case Sent():
                self._end(job, lambda: self._record.done(job, outcome))
            case Never() if not looked:
                self._end(job, lambda: self._record.ended(job, JobState.REFUSED, str(outcome)))
            case Never() | Unknown() if looked or self._doubted(job):
                self._end(job, lambda: self._record.ended(job, JobState.UNSURE, str(outcome)))
            case Later():
                self._again(job, str(outcome), looked, doubt=looked, asked_s=outcome.after_s)
            case Broken():
                self._broken = str(outcome)
                self._again(job, str(outcome), looked, doubt=True, least_s=LONGEST_S)
            case _:
                self._again(job, str(outcome or "no answer came"), looked, doubt=True)

    def _doubted(self, job: Job) -> bool:
        """One more answer that did not come; whether that is enough for a person to look."""
        self._doubts[job.key] = self._doubts.get(job.key, 0) + 1
        return self._doubts[job.key] >= DOUBTS_MOST

    def _end(self, job: Job, store: Callable[[], None]) -> None:
        """The other end spoke: whatever it said, this way is well."""
        self._patience.answered(job)
        self._doubts.pop(job.key, None)
        self._troubled.clear()
        self._told_late.clear()
        self._said = self._broken = ""
        self._store_end(store)

    def _again(
        self, job: Job, said: str, looked: bool, doubt: bool, asked_s: float = 0.0, least_s: float = 0.0
    ) -> None:
        pause_s = max(self._patience.pause_s(job, asked_s), least_s)
        self._said = rows.line(said)
        again = looked or job.attempts > 1
        if again:
            self._troubled.add(job.key)
        _log.warning("%s was not sent, again in %.0f s: %s", job.key, pause_s, self._said)

        def store() -> None:
            retry_at = self._record.later(job, said, pause_s, doubt, again)
            self._patience.failed(job, retry_at, pause_s, asked_s)

        self._store_end(store)

    def _store_end(self, store: Callable[[], None]) -> None:
        """What is known of the other end is kept until it is stored, or it would have to be asked again."""
        self._unstored = store
        store()
        self._unstored = None

    def _mind(self, heads: Sequence[Job]) -> None:
        """Where the way is down whoever waits is troubled too; who waits for a minute is told."""
        if self._patience.down:
            behind = [job for job in heads if job.key not in self._troubled]
            if behind:
                self._record.waits(behind, self._said)
                self._troubled.update(job.key for job in behind)
        whole = self._patience.failing_s >= LATE_S
        late = [job for job in heads if whole or self._patience.failing_with_s(job) >= LATE_S]
        untold = dict.fromkeys(
            job.incident for job in late if job.incident is not None and job.incident not in self._told_late
        )
        if untold:
            numbers = [number for number in untold if number is not None]
            self._record.late(self._way, numbers, self._said)
            self._told_late.update(numbers)

    def _wrong(self) -> str:
        if self._patience.failing_s >= LATE_S:
            count = rows.count_open(self._store.read, self._way)
            return words.trouble(self._way, self._patience.failing_s, count, self._said)
        return self._broken or self._record.broken
