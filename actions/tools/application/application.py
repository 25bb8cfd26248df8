"""A Spring Boot application through its actuator, over HTTP."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from actions.failures import Refused, Transient
from actions.tools.application.actuator import Health, HealthBody, Links, MetricBody, Threads, health_of
from actions.tools.http import Answer, Endpoint, Forbidden, ask, chunks, length, opened

THREADS_LIMIT_BYTES = 64 * 1024 * 1024
DUMP_LIMIT_BYTES = 64 * 1024**3
NOT_LET = "closed: it wants a token that may read it (the plan's token_env)"
DUMP_FORMS = (b"JAVA PROFILE ", b"portable heap dump")


class Closed(Exception):
    """The endpoint is not there for us. The message says what opens it."""


@dataclass(frozen=True)
class ThreadDump:
    """The threads, and the answer itself as it was."""

    threads: Threads
    body: bytes


@dataclass(frozen=True)
class HeapDump:
    """A heap dump as it comes. `expected_bytes` is what the application says it will be, -1 unknown."""

    expected_bytes: int
    chunks: Iterator[bytes]


@dataclass(frozen=True)
class Application:
    """One environment's application. `actuator` is its base URL (`http://localhost:8080/actuator`).

    `collect` is the command in `service`'s container that asks the JVM for a garbage collection.
    `dump_timeout_s` is how long the JVM may write a heap dump before its first byte comes. Methods raise
    Closed (that endpoint is not open), Transient (no answer) or Refused.
    """

    actuator: str
    service: str = "api"
    token: str = field(default="", repr=False)
    collect: tuple[str, ...] = ()
    timeout_s: float = 5.0
    dump_timeout_s: float = 300.0

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint("the application's actuator", self.actuator, self.token, self.timeout_s)

    @property
    def place(self) -> str:
        """`api at http://localhost:8080/actuator`."""
        return Endpoint(self.service, self.actuator).place

    def answers(self) -> None:
        """Whether anybody answers; asks nothing that waits for a database. Raises Transient, Refused."""
        if all(ask(self.endpoint, path).status == 404 for path in ("/health/liveness", "/health")):
            raise Refused(f"{self.place} has no health: is it an actuator? Nothing was changed")

    def health(self) -> Health:
        """The health and its components."""
        return health_of(self._read("/health", "health", (200, 503)).read(HealthBody))

    def probe(self, group: str) -> str:
        """The status of `liveness` or `readiness`."""
        return health_of(self._read(f"/health/{group}", "health", (200, 503)).read(HealthBody)).status

    def metric(self, name: str, *tags: str) -> dict[str, float]:
        """The statistics (VALUE, COUNT, TOTAL_TIME, MAX) of a metric, summed; empty where it has none."""
        answer = self._ask(f"/metrics/{name}", [("tag", tag) for tag in tags])
        if answer.status == 404:
            self._read("/metrics", "metrics", (200,))  # the endpoint itself is open: only this metric is none
            return {}
        return {one.statistic: one.value for one in self._must(answer).read(MetricBody).measurements}

    def started_at(self) -> datetime | None:
        """When its JVM started, to the second; None where its metrics do not say."""
        with contextlib.suppress(Closed):
            if start := self.metric("process.start.time").get("VALUE"):
                return datetime.fromtimestamp(int(start), UTC)
        return None

    def is_open(self, kind: str) -> bool | None:
        """Whether the actuator lists this endpoint; None where it does not show its list."""
        answer = self._ask("")
        if not answer.ok:
            return None
        links = answer.read(Links).links
        return kind in links if links else None

    def threads(self) -> ThreadDump:
        """Every thread with its stack."""
        answer = self._ask("/threaddump", limit_bytes=THREADS_LIMIT_BYTES)
        if answer.status == 404:
            raise Closed(opens("threaddump"))
        return ThreadDump(self._must(answer).read(Threads), answer.body)

    @contextlib.contextmanager
    def heap(self) -> Iterator[HeapDump]:
        """The bytes of a heap dump as they come: the JVM stands still and writes it when this is asked.

        Raises Closed where there is none; while it is read Transient where it breaks off, and Refused where
        it is no heap dump.
        """
        patient = Endpoint("the application's actuator", self.actuator, self.token, self.dump_timeout_s)
        try:
            with opened(patient, "/heapdump") as response:
                if response.status_code in (404, 405):
                    raise Closed(opens("heapdump"))
                if response.status_code != 200:
                    raise Transient(f"{self.place} makes no heap dump ({response.status_code})")
                deadline = time.monotonic() + 24 * self.dump_timeout_s
                body = chunks(patient, response, deadline, DUMP_LIMIT_BYTES)
                yield HeapDump(length(response), _dump(self.place, body))
        except Forbidden as error:
            raise Closed(NOT_LET) from error

    def _read(self, path: str, kind: str, good: tuple[int, ...]) -> Answer:
        answer = self._ask(path)
        if answer.status == 404:
            raise Closed(opens(kind))
        return answer if answer.status in good else self._must(answer)

    def _ask(
        self, path: str, tags: list[tuple[str, str]] | None = None, limit_bytes: int = 4 * 1024 * 1024
    ) -> Answer:
        try:
            return ask(self.endpoint, path, tags, limit_bytes=limit_bytes)
        except Forbidden as error:
            raise Closed(NOT_LET) from error

    def _must(self, answer: Answer) -> Answer:
        if not answer.ok:
            raise Transient(f"{self.place} answers {answer.status}: {answer.text or 'no words'}")
        return answer


def opens(kind: str) -> str:
    """What a person does so that an endpoint is open."""
    also = "management.endpoint.heapdump.access=unrestricted and " if kind == "heapdump" else ""
    others = "" if kind == "health" else f",{kind}"
    return f"closed: {also}management.endpoints.web.exposure.include=health{others} opens it"


def _dump(place: str, body: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, once their beginning is that of a heap dump."""
    head = b""
    for chunk in body:
        head += chunk
        if len(head) >= max(map(len, DUMP_FORMS)):
            break
    if not head.startswith(DUMP_FORMS):
        raise Refused(f"what {place} sends is no heap dump: nothing of it was kept")
    yield head
    yield from body
