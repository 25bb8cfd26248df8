"""Plain HTTP on this machine, from the standard library: the one way this room speaks outwards."""

import http.client
from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_ANSWER_BYTES = 20_000_000
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Answer:
    """Status, content type and body of an answer."""

    status: int
    kind: str
    body: bytes


def call(method: str, url: str, body: bytes | None, headers: dict[str, str], timeout_s: float) -> Answer:
    """One request. Raises `OSError` (a time-out, a broken answer) and `ValueError` for another host."""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname not in LOOPBACK:
        raise ValueError(f"{url} is not on this machine; the workspace only speaks to 127.0.0.1")
    connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=timeout_s)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path or "/", body, headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers.get_content_type(), answer.read(MAX_ANSWER_BYTES))
    except http.client.HTTPException as broken:
        raise ConnectionError(f"{url} broke off its answer: {broken!r}") from broken
    finally:
        connection.close()
