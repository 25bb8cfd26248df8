"""Keeps the workspace to this machine: foreign Host names and foreign Origins are turned away."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")


def refuse_reason(headers: Headers) -> str:
    """Why a request is turned away; empty lets it in.

    A Host of another name is DNS rebinding; an Origin that is not this very server is another site's page.
    """
    host = headers.get("host", "")
    name = host if host.endswith("]") else host.rsplit(":", 1)[0]
    if name not in LOCAL_NAMES:
        return "This workspace answers only to 127.0.0.1 and localhost."
    origin = headers.get("origin")
    if origin is not None and (urlsplit(origin).scheme != "http" or urlsplit(origin).netloc != host):
        return "This workspace does not answer pages of other sites."
    if headers.get("sec-fetch-site", "none") == "cross-site" and headers.get("sec-fetch-mode") != "navigate":
        return "This workspace does not answer pages of other sites."
    return ""


class LoopbackOnly:
    """ASGI middleware around everything, web pages, API and websockets alike."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a local request through, answer 403 to any other."""
        reason = "" if scope["type"] == "lifespan" else refuse_reason(Headers(scope=scope))
        if not reason:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocket(scope, receive, send).close(1008)
        else:
            await PlainTextResponse(reason, 403)(scope, receive, send)
