"""Reading one pinned object to the end: resumed after a break, given up when it trickles."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from typing import Protocol, cast

from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from actions.failures import Refused, Transient
from actions.tools.aws.s3 import Bucket, ObjectSeen
from actions.tools.dumps.stages import drawn

CHUNK_BYTES = 256 * 1024
ATTEMPTS = 5
SLOWEST_BYTES_S = 50_000
WINDOW_S = 20.0


class _OneRead(Protocol):
    def read1(self, amt: int) -> bytes: ...


class _Pace:
    """Bytes over seconds spent waiting for S3 (the reader's own time is left out)."""

    def __init__(self, slowest_bytes_s: float, window_s: float) -> None:
        self.slowest_bytes_s = slowest_bytes_s
        self.window_s = window_s
        self.waited_s = 0.0
        self.bytes = 0

    def too_slow(self, more_bytes: int, waited_s: float) -> bool:
        """Whether the window that just ended was slower than can be right."""
        self.bytes += more_bytes
        self.waited_s += waited_s
        if self.waited_s < self.window_s:
            return False
        slow = self.bytes / self.waited_s < self.slowest_bytes_s
        self.bytes, self.waited_s = 0, 0.0
        return slow


def stream(
    bucket: Bucket,
    seen: ObjectSeen,
    attempts: int = ATTEMPTS,
    slowest_bytes_s: float = SLOWEST_BYTES_S,
    window_s: float = WINDOW_S,
) -> Generator[bytes, None, None]:
    """The object's bytes, exactly the pinned content or an error.

    A broken or trickling connection is opened again from the next byte (If-Match keeps it the same
    object). Raises Transient after `attempts`, Refused where the object was overwritten or is longer
    than it said. Time spent by the reader of the bytes does not count as slowness.
    """
    at = 0
    why = ""
    for attempt in range(attempts):
        time.sleep(min(5.0, 0.1 * (4**attempt - 1)))
        try:
            with drawn(_from(bucket, seen, at, _Pace(slowest_bytes_s, window_s))) as chunks:
                for chunk in chunks:
                    at += len(chunk)
                    yield chunk
        except (BotoCoreError, ClientError, HTTPError, OSError, Transient) as error:
            why = " ".join(str(error).split())[:200]
        if at == seen.size_bytes:
            return
        if at > seen.size_bytes:
            raise Refused(f"s3://{bucket.name}/{seen.key} is longer than listed: choose a backup again")
    raise Transient(
        f"s3://{bucket.name}/{seen.key} broke off {attempts} times, at byte {at} of {seen.size_bytes}:"
        f" {why or 'the connection ended early'}"
    )


def _from(bucket: Bucket, seen: ObjectSeen, at: int, pace: _Pace) -> Iterator[bytes]:
    if at == seen.size_bytes:
        return
    body = bucket.get(seen, at)["Body"]
    # StreamingBody.read waits for the whole amount, so a trickle would never be seen: read what is there.
    source = cast(_OneRead, body._raw_stream)  # type: ignore[attr-defined]  # it has no public name
    try:
        while True:
            asked = time.monotonic()
            chunk = source.read1(CHUNK_BYTES)
            waited_s = time.monotonic() - asked
            if not chunk:
                return
            yield chunk
            if pace.too_slow(len(chunk), waited_s):
                raise Transient(f"slower than {pace.slowest_bytes_s:.0f} bytes/s for {pace.window_s:.0f} s")
    finally:
        body.close()
