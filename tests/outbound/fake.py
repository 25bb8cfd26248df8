"""An other end in memory, for what needs thousands of sends: it keeps the same contract as the real ones."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.entry import Json
from bot.domain.outbound import Job, Later, Never, NewJob, Sender, Sent, Unknown, Way


class FakeEnd:
    """`tries` are the keys that were tried, in order. `always` says what a key fails with each time."""

    way = Way.STATUS_PAGE
    tells: bool | None = True

    def __init__(self) -> None:
        self.sender: Sender = self
        self.marks: list[tuple[int, int]] = []
        self.keys: list[str] = []
        self.tries: list[str] = []
        self.remotes: list[str] = []
        self.failures: list[str] = []
        self.always: dict[str, Exception] = {}
        self.looks: list[str] = []
        self.blind: Exception | None = None
        self.before: Callable[[], None] = lambda: None
        self._down = False

    def job(self, thread: int, number: int) -> NewJob:
        key = f"fake:{thread}:{number}"
        payload: dict[str, Json] = {"mark": f"{thread} {number}"}
        return NewJob(key, self.way, f"fake:{thread}", "say", f"text {thread} {number}", payload, thread)

    def send(self, job: Job, remote: str) -> Sent:
        self.before()
        self.tries.append(job.key)
        self.remotes.append(remote)
        if self._down:
            raise Later("it does not answer")
        if job.key in self.always:
            raise self.always[job.key]
        failure = self.failures.pop(0) if self.failures else ""
        if failure == "busy":
            raise Later("429 slow down", 2.0)
        if failure == "refuse":
            raise Never("422 it has no such component")
        thread, number = str(job.payload["mark"]).split()
        self.marks.append((int(thread), int(number)))
        self.keys.append(job.key)
        if failure == "cut":
            raise Unknown("the answer was lost")
        return Sent(f"id-{job.key}", "taken")

    def find(self, job: Job, remote: str) -> Sent | None:
        self.looks.append(job.key)
        if self._down:
            raise Later("it does not answer")
        if self.blind is not None:
            raise self.blind
        return Sent(f"id-{job.key}", "found") if job.key in self.keys else None

    def taken(self) -> list[tuple[int, int]]:
        return list(self.marks)

    def fail(self, trouble: str) -> None:
        self.failures.append(trouble)

    def down(self) -> None:
        self._down = True

    def up(self) -> None:
        self._down = False
