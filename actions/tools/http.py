"""One bounded HTTP request: it ends in time, reads no more than its limit, and follows no redirect."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar, cast

import msgspec
import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.response import HTTPResponse

from actions.failures import Refused, Transient
from actions.tools.endpoint import Endpoint, Forbidden, check_status, shown, told

__all__ = ["Answer", "Endpoint", "Forbidden", "ask", "chunks", "length", "opened", "shown"]
CONNECT_S = 3.0
LIMIT_BYTES = 4 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
T = TypeVar("T")
Params: TypeAlias = Mapping[str, str] | Sequence[tuple[str, str]] | None


@dataclass(frozen=True)
class Answer:
    """What came back: any status but a redirect, 401, 403 and 429; those are told as failures."""

    endpoint: Endpoint
    status: int
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def read(self, shape: type[T]) -> T:
        """The body as this shape. Raises Transient where it is something else."""
        try:
            return msgspec.json.decode(self.body, type=shape, strict=False)
        except msgspec.MsgspecError as error:
            raise Transient(
                f"{self.endpoint.place} answered {self.status} with something else than it should:"
                f" {shown(str(error))}"
            ) from error

    @property
    def text(self) -> str:
        """The body as one bounded line."""
        return shown(self.body[:2000].decode(errors="replace"))


class _Bearer(AuthBase):
    """Sets the token, or nothing; that it is there keeps `.netrc` from putting in another."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def ask(
    endpoint: Endpoint,
    path: str,
    params: Params = None,
    *,
    method: str = "GET",
    send: object = None,
    limit_bytes: int = LIMIT_BYTES,
) -> Answer:
    """One request and its whole answer. `send` is the JSON body.

    Raises Refused for 401, 403, a redirect and an answer above the limit; Transient where nobody answers,
    the answer does not end in time, or is 429.
    """
    deadline = time.monotonic() + endpoint.timeout_s
    with opened(endpoint, path, params, method=method, send=send) as response:
        body = b"".join(chunks(endpoint, response, deadline, limit_bytes))
        return Answer(endpoint, response.status_code, body)


@contextlib.contextmanager
def opened(
    endpoint: Endpoint,
    path: str,
    params: Params = None,
    *,
    method: str = "GET",
    send: object = None,
) -> Iterator[requests.Response]:
    """The answer once its head is there, the body unread; closed with the block. Raises as `ask` does."""
    headers = {"Accept": "application/json, */*;q=0.1", "Accept-Encoding": "identity", "Connection": "close"}
    data = None
    if send is not None:
        data = msgspec.json.encode(send)
        headers["Content-Type"] = "application/json"
    with told(endpoint):
        response = requests.request(
            method,
            f"{endpoint.base.rstrip('/')}{path}",
            params=params if params is None or isinstance(params, Mapping) else list(params),
            data=data,
            headers=headers,
            auth=_Bearer(endpoint.token),
            timeout=(min(CONNECT_S, endpoint.timeout_s), endpoint.timeout_s),
            allow_redirects=False,
            stream=True,
        )
    with response:
        check_status(endpoint, response.status_code)
        yield response


def chunks(
    endpoint: Endpoint, response: requests.Response, deadline: float, limit_bytes: int
) -> Iterator[bytes]:
    """The body as it comes. Raises Transient after `deadline` (of time.monotonic) or where it breaks off."""
    raw = cast(HTTPResponse, response.raw)
    seen = 0
    wanted = length(response)
    while True:
        try:
            chunk = raw.read1(CHUNK_BYTES)
        except ReadTimeoutError as error:
            raise Transient(f"{endpoint.place} went silent at byte {seen:,}") from error
        except (HTTPError, OSError) as error:
            of = f" of {wanted:,}" if wanted >= 0 else ""
            raise Transient(f"{endpoint.place} broke off at byte {seen:,}{of}") from error
        if not chunk:
            break
        seen += len(chunk)
        if seen > limit_bytes:
            raise Refused(f"{endpoint.place} answers with more than {limit_bytes:,} bytes: not read further")
        if time.monotonic() > deadline:
            raise Transient(f"{endpoint.place} did not finish its answer within {endpoint.timeout_s:g} s")
        yield chunk
    if seen < wanted:
        raise Transient(f"{endpoint.place} broke off at byte {seen:,} of {wanted:,}")


def length(response: requests.Response) -> int:
    """How long the body says it is; -1 where it does not."""
    said = response.headers.get("Content-Length", "")
    return int(said) if said.isascii() and said.isdigit() else -1
