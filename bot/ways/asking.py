"""One bounded HTTP request that changes something, told by what is certain: answered, never sent, unheard."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import msgspec
import requests
from requests.auth import AuthBase
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NewConnectionError,
    ProxyError,
)
from urllib3.response import HTTPResponse

CONNECT_S = 3.0
READ_S = 8.0
LIMIT_BYTES = 4 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
REFUSED_FROM = 400
_NEVER_CONNECTED = (NewConnectionError, ConnectTimeoutError, ProxyError)


class NotSent(Exception):
    """No connection came about, so the other end cannot have taken anything."""


class Unheard(Exception):
    """The request went out, and its answer did not come whole: it may have been taken."""


@dataclass(frozen=True)
class Answer:
    """What came back. `retry_after_s` is 0 where the other end named no time."""

    status: int
    body: bytes
    retry_after_s: float = 0.0

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


class _Authorization(AuthBase):
    """Sets the header; that it is there keeps `.netrc` from putting in another."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._value
        return request


def ask(
    method: str,
    url: str,
    authorization: str,
    send: Mapping[str, object] | None = None,
    read_s: float = READ_S,
) -> Answer:
    """One request on a connection of its own, at most about `read_s` long; no redirect is followed.

    Raises NotSent or Unheard; their words name neither the URL nor the authorization. A refusal (400 and
    above) is an Answer even where its body broke off.
    """
    deadline = time.monotonic() + CONNECT_S + read_s
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "Connection": "close"}
    if send is not None:
        headers["Content-Type"] = "application/json"
    try:
        response = requests.request(
            method,
            url,
            data=None if send is None else msgspec.json.encode(send),
            headers=headers,
            auth=_Authorization(authorization),
            timeout=(CONNECT_S, read_s),
            allow_redirects=False,
            stream=True,
        )
    except (requests.RequestException, ValueError) as error:
        raise _judged(error) from error
    with response:
        return Answer(response.status_code, _body(response, deadline), _retry_after_s(response))


def _judged(error: Exception) -> NotSent | Unheard:
    inner = error.args[0] if error.args else None
    reason = inner.reason if isinstance(inner, MaxRetryError) else None
    if isinstance(error, requests.ConnectTimeout) or isinstance(reason, _NEVER_CONNECTED):
        return NotSent("it cannot be reached")
    if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return NotSent("its certificate is not to be trusted")
    if isinstance(error, ValueError):  # an address or a header that cannot be sent at all
        return NotSent("its address cannot be used")
    if isinstance(error, requests.Timeout):
        return Unheard("no answer came in time")
    return Unheard("the connection broke before its answer")


def _body(response: requests.Response, deadline: float) -> bytes:
    """The whole body; what there is of it for a refusal. Raises Unheard."""
    raw = cast(HTTPResponse, response.raw)
    refused = response.status_code >= REFUSED_FROM
    body = b""
    try:
        while chunk := raw.read1(CHUNK_BYTES):
            body += chunk
            if len(body) > LIMIT_BYTES or time.monotonic() > deadline:
                if refused:
                    break
                raise Unheard("its answer did not end")
    except (HTTPError, OSError) as error:
        if not refused:
            raise Unheard("its answer broke off") from error
    return body


def _retry_after_s(response: requests.Response) -> float:
    said = response.headers.get("Retry-After", "")
    return float(said) if said.isascii() and said.isdigit() and len(said) < 6 else 0.0
