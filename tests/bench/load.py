"""The load: a client in its own process, posting bodies made beforehand over kept-alive connections.

`python -m tests.bench.load` reads one JSON job from standard input and prints one JSON result.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import count

LABELS = {"job": "checkout", "service": "checkout-api", "severity": "warning", "environment": "production"}
RETRY_S = 0.05


@dataclass(frozen=True)
class Job:
    """What to post: `webhooks` bodies of `alerts` unique alerts each, over `connections`."""

    port: int
    token: str
    webhooks: int
    alerts: int
    connections: int
    stem: str
    groups: int = 0
    timeout_s: float = 60.0


@dataclass(frozen=True)
class Result:
    """Seconds for all, and each answer's milliseconds; `posted` are bodies sent, with those sent again."""

    elapsed_s: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    answered: int
    posted: int
    alerts: int
    first_at: float
    last_at: float


def fingerprint(stem: str, webhook: int, alert: int) -> str:
    """16 hexadecimal digits, unique and scattered as a hash is."""
    return f"{hash((stem, webhook, alert)) & 0xFFFFFFFFFFFFFFFF:016x}"


def body(stem: str, webhook: int, alerts: int, groups: int = 0) -> bytes:
    """One Alertmanager webhook of unique alerts, some 600 bytes each, like a real one."""
    group = webhook % groups if groups else webhook
    name = f"HighErrorRate{group}" if groups else "HighErrorRate"
    labels = LABELS | ({"service": f"service-{group}"} if groups else {})
    rows = [
        {
            "status": "firing",
            "labels": labels | {"alertname": name, "instance": f"10.{webhook % 200}.{one % 250}.7:8080"},
            "annotations": {
                "summary": f"5xx ratio above 5% on {labels['service']}",
                "description": f"5xx ratio is {one % 90}.4% (threshold 5%) for 10m",
                "runbook_url": "https://runbooks.example/checkout/high-error-rate",
            },
            "startsAt": "2026-11-22T22:42:28.649Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
            "fingerprint": fingerprint(stem, webhook, one),
        }
        for one in range(alerts)
    ]
    webhook_body = {
        "receiver": "drbot",
        "status": "firing",
        "alerts": rows,
        "groupLabels": {"alertname": name},
        "commonLabels": labels,
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.example:9093",
        "version": "4",
        "groupKey": f'{{}}:{{alertname="{name}", group="{group}"}}',
        "truncatedAlerts": 0,
    }
    return json.dumps(webhook_body, separators=(",", ":")).encode()


def request(job: Job, content: bytes) -> bytes:
    """The whole request as bytes."""
    head = (
        f"POST /webhooks/alertmanager HTTP/1.1\r\nHost: 127.0.0.1:{job.port}\r\n"
        f"Authorization: Bearer {job.token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


async def answer(reader: asyncio.StreamReader) -> int:
    """Read one answer with a Content-Length; its status."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    await reader.readexactly(length)
    return status


class _Load:
    def __init__(self, job: Job) -> None:
        self.job = job
        self.requests = [
            request(job, body(job.stem, number, job.alerts, job.groups)) for number in range(job.webhooks)
        ]
        self.next: Iterator[int] = iter(range(job.webhooks))
        self.times_ms: list[float] = []
        self.posted = count()

    async def run(self) -> Result:
        started = time.perf_counter()
        first_at = time.time()
        async with asyncio.timeout(self.job.timeout_s):
            await asyncio.gather(*(self._post_on_one() for _ in range(self.job.connections)))
        elapsed = time.perf_counter() - started
        times = sorted(self.times_ms)
        return Result(
            elapsed_s=elapsed,
            p50_ms=times[len(times) // 2],
            p99_ms=times[min(len(times) - 1, int(len(times) * 0.99))],
            max_ms=times[-1],
            answered=len(times),
            posted=next(self.posted),
            alerts=len(times) * self.job.alerts,
            first_at=first_at,
            last_at=time.time(),
        )

    async def _post_on_one(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.job.port)
        try:
            for number in self.next:
                while not await self._answered(reader, writer, self.requests[number]):
                    await asyncio.sleep(RETRY_S)
        finally:
            writer.close()

    async def _answered(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, content: bytes
    ) -> bool:
        next(self.posted)
        started = time.perf_counter()
        writer.write(content)
        status = await answer(reader)
        if status == 503:
            return False
        if status != 200:
            raise RuntimeError(f"the server answered {status}")
        self.times_ms.append((time.perf_counter() - started) * 1000)
        return True


def main() -> None:
    import uvloop

    job = Job(**json.load(sys.stdin))
    print(json.dumps(asdict(uvloop.run(_Load(job).run()))))  # noqa: T201 - the result is its output


if __name__ == "__main__":
    main()
