"""When one way is tried again, and with which job: counted on a clock that never jumps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.outbound import Job
from bot.store.database import Clock, from_iso

FIRST_S, LONGEST_S = 1.0, 60.0
FRESH_S = 5.0
"""What was never tried does not wait longer for a way that may only dislike another job."""
ASKED_MOST_S = 900.0
"""A longer pause than that is not granted to the other end, whatever it names."""
_DOUBLED_MOST = 10


@dataclass
class _Tried:
    """A job that failed. `retry_at` is what its row says: where that changes, somebody else decided."""

    retry_at: str
    failures: int
    since_s: float
    last_s: float
    ready_s: float


class Patience:
    """Back-off of one way and of each of its jobs, 1 s to 60 s.

    While the way does not take anything, it gets one probe at a time, each with the job that was tried the
    longest ago, so that one job alone cannot hold up the others. Rows remember `retry_at` for a restart; a
    clock that jumped makes nobody wait longer than 60 s.
    """

    def __init__(self, steady: Callable[[], float], clock: Clock) -> None:
        self._steady = steady
        self._clock = clock
        self._tried: dict[str, _Tried] = {}
        self._failing: set[str] = set()
        self._failures = 0
        self._since_s = 0.0
        self._rests_until_s = self._fresh_from_s = float("-inf")

    @property
    def down(self) -> bool:
        """Whether more than one job failed since this way last took something, or refused it."""
        return len(self._failing) > 1

    @property
    def failing_s(self) -> float:
        """For how long this way has taken nothing; 0 while it is well."""
        return self._steady() - self._since_s if self._failures else 0.0

    def failing_with_s(self, job: Job) -> float:
        """For how long this job has been tried in vain."""
        tried = self._tried.get(job.key)
        return self._steady() - tried.since_s if tried and tried.failures else 0.0

    def pause_s(self, job: Job, asked_s: float = 0.0) -> float:
        """How long this job waits after its failure; at least what the other end asked for, within reason."""
        tried = self._tried.get(job.key)
        return max(_grown_s(tried.failures if tried else 0), min(asked_s, ASKED_MOST_S))

    def failed(self, job: Job, retry_at: str, pause_s: float, asked_s: float = 0.0) -> None:
        """It was not taken, and its row says `retry_at` now: `pause_s` from here."""
        now_s = self._steady()
        if not self._failures:
            self._since_s = now_s
        asked_s, grown_s = min(asked_s, ASKED_MOST_S), _grown_s(self._failures)
        self._rests_until_s = now_s + max(grown_s, asked_s)
        self._fresh_from_s = now_s + max(min(grown_s, FRESH_S), asked_s)
        self._failures += 1
        self._failing.add(job.key)
        before = self._tried.get(job.key)
        self._tried[job.key] = _Tried(
            retry_at,
            (before.failures if before else 0) + 1,
            before.since_s if before and before.failures else now_s,
            now_s,
            now_s + pause_s,
        )

    def answered(self, job: Job) -> None:
        """The other end took it, or refused it for good: the way is well. After an outage nobody waits on."""
        if self.down:
            for tried in self._tried.values():
                tried.ready_s = self._steady()
        self._tried.pop(job.key, None)
        self._failing.clear()
        self._failures = 0
        self._rests_until_s = self._fresh_from_s = float("-inf")

    def choose(self, heads: Sequence[Job]) -> tuple[Job | None, float]:
        """The job to try now, or None and the seconds until there may be one (infinite where none waits)."""
        now_s = self._steady()
        self._tried = {job.key: self._seen(job, now_s) for job in heads}
        if now_s < self._rests_until_s:
            return self._fresh(heads, now_s)
        ready = [job for job in heads if self._tried[job.key].ready_s <= now_s]
        if not ready:
            waits = [self._tried[job.key].ready_s - now_s for job in heads]
            return None, min(waits, default=float("inf"))
        if self._failures:
            return min(ready, key=lambda job: self._tried[job.key].last_s), 0.0
        return ready[0], 0.0

    def _fresh(self, heads: Sequence[Job], now_s: float) -> tuple[Job | None, float]:
        """While the way rests: what was never tried, once in a few seconds."""
        fresh = next((job for job in heads if not job.attempts), None)
        if fresh is None:
            return None, self._rests_until_s - now_s
        if now_s < self._fresh_from_s:
            return None, self._fresh_from_s - now_s
        return fresh, 0.0

    def _seen(self, job: Job, now_s: float) -> _Tried:
        known = self._tried.get(job.key)
        if known is not None and known.retry_at == job.retry_at:
            return known
        wait = from_iso(job.retry_at) - self._clock() if job.retry_at else timedelta()
        wait_s = min(max(wait.total_seconds(), 0.0), LONGEST_S)
        return _Tried(job.retry_at, 0, 0.0, float("-inf"), now_s + wait_s)


def _grown_s(failures: int) -> float:
    return min(FIRST_S * 2.0 ** min(failures, _DOUBLED_MOST), LONGEST_S)
