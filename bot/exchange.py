"""One HTTP exchange over ASGI: a bounded body in, JSON out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, TypeAlias

import msgspec

BODY_TIMEOUT_S = 10.0
Scope: TypeAlias = "MutableMapping[str, Any]"
Message: TypeAlias = "MutableMapping[str, Any]"
Receive: TypeAlias = "Callable[[], Awaitable[Message]]"
Send: TypeAlias = "Callable[[Message], Awaitable[None]]"
Asgi: TypeAlias = "Callable[[Scope, Receive, Send], Awaitable[None]]"
Headers: TypeAlias = "Sequence[tuple[bytes, bytes]]"
JSON_TYPE = b"application/json"


class Refused(Exception):
    """Answer with this status, the sentence as `error`, and these headers."""

    def __init__(self, status: int, message: str, headers: Headers = ()) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers


class Gone(Exception):
    """The sender hung up before its request was whole. Nobody is left to answer; nothing was stored."""


async def read_body(scope: Scope, receive: Receive, limit_bytes: int) -> bytes:
    """The whole body. Raises Refused (413, 408) or Gone."""
    declared = header(scope, b"content-length")
    if declared.isdigit() and int(declared[:20]) > limit_bytes:
        raise _too_large(limit_bytes)
    message = await _within(receive)
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        if len(body) > limit_bytes:
            raise _too_large(limit_bytes)
        return body
    parts = bytearray(body)
    deadline = asyncio.get_running_loop().time() + BODY_TIMEOUT_S
    while message.get("more_body"):
        message = await _within(receive, deadline)
        parts += message.get("body", b"")
        if len(parts) > limit_bytes:
            raise _too_large(limit_bytes)
    return bytes(parts)


async def answer_json(send: Send, status: int, content: object, headers: Headers = ()) -> None:
    """Send it as JSON."""
    await answer(send, status, msgspec.json.encode(content) + b"\n", JSON_TYPE, headers)


async def answer(send: Send, status: int, body: bytes, content_type: bytes, headers: Headers = ()) -> None:
    """Send a whole answer."""
    standard = [
        (b"content-type", content_type),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
        *headers,
    ]
    await send({"type": "http.response.start", "status": status, "headers": standard})
    await send({"type": "http.response.body", "body": body})


def header(scope: Scope, name: bytes) -> bytes:
    """The first header of this (lower-case) name, or nothing."""
    found: bytes
    for key, found in scope["headers"]:
        if key == name:
            return found
    return b""


async def _within(receive: Receive, deadline: float | None = None) -> Message:
    """The next part of the body, in time."""
    deadline = deadline or asyncio.get_running_loop().time() + BODY_TIMEOUT_S
    try:
        async with asyncio.timeout_at(deadline):
            message = await receive()
    except TimeoutError as error:
        raise Refused(408, f"the body did not arrive within {BODY_TIMEOUT_S:.0f} s") from error
    if message["type"] == "http.disconnect":
        raise Gone
    return message


def _too_large(limit_bytes: int) -> Refused:
    # The rest is not read: the connection cannot carry another request.
    return Refused(
        413, f"the body is larger than {limit_bytes} bytes; nothing was stored", ((b"connection", b"close"),)
    )
