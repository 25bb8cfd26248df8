"""The HTTP face the app sees: `POST /api/<method>`, response URLs, file uploads, the Socket Mode link."""

import json
import logging

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.websockets import WebSocket

from bot.workspace import responses
from bot.workspace.arguments import Arguments, read_arguments
from bot.workspace.desk import Desk
from bot.workspace.forms import read_multipart
from bot.workspace.methods import METHODS
from bot.workspace.methods.files import MAX_FILE_BYTES, receive
from bot.workspace.wire import Json, SlackError

log = logging.getLogger(__name__)
SCOPES = (
    "app_mentions:read,bookmarks:read,bookmarks:write,channels:history,channels:join,channels:manage,channels:read,"
    "chat:write,chat:write.customize,commands,files:write,groups:history,groups:read,groups:write,im:history,im:read,"
    "im:write,pins:read,pins:write,reactions:read,reactions:write,team:read,usergroups:read,users:read,users:read.email"
)
OUTAGE = "The workspace is down on purpose (fault switch)."


class WebApi:
    """Answers the app. A call that Slack would refuse is refused with the same code."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def method(self, request: Request) -> Response:
        """One Web API call."""
        name = request.path_params["method"]
        desk = self._desk
        if desk.faults.down:
            return PlainTextResponse(OUTAGE, 503)
        try:
            arguments, token = await read_arguments(request)
            if refused := self._struck(name, arguments):
                return refused
            body = self._call(name, arguments, token)
        except SlackError as refused_call:
            body = refused_call.body()
        except (AttributeError, TypeError, KeyError, ValueError, RecursionError):
            log.exception("%s could not read its arguments", name)
            body = SlackError("invalid_arguments", ["could not be read [json-pointer:]"]).body()
        return JSONResponse(body, headers={"x-oauth-scopes": SCOPES, "x-accepted-oauth-scopes": ""})

    def _struck(self, name: str, arguments: Arguments) -> Response | None:
        fault = self._desk.faults.strike(name)
        if fault is not None and fault.error == "ratelimited":
            return _too_many(fault.retry_after_s)
        if fault is not None and fault.error.isdigit():
            return PlainTextResponse("fault switch", int(fault.error))
        if fault is not None:
            raise SlackError(fault.error)
        wait_s = self._desk.limits.wait_s(name, arguments.text("channel"))
        return _too_many(wait_s) if wait_s else None

    def _call(self, name: str, arguments: Arguments, token: str) -> Json:
        if not token:
            raise SlackError("not_authed")
        tokens = self._desk.tokens
        wanted = tokens.app if name == "apps.connections.open" else tokens.bot
        if token != wanted:
            raise SlackError(
                "not_allowed_token_type" if token in (tokens.app, tokens.bot) else "invalid_auth"
            )
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        return method(self._desk, arguments)

    async def respond(self, request: Request) -> Response:
        """A post to a response URL."""
        if self._desk.faults.down:
            return PlainTextResponse(OUTAGE, 503)
        self._desk.faults.calls["response_url"] += 1
        try:
            payload = json.loads(await request.body())
            if not isinstance(payload, dict):
                raise SlackError("invalid_payload")
            responses.redeem(self._desk, request.path_params["secret"], payload)
        except ValueError:
            return PlainTextResponse("invalid_payload", 400)
        except SlackError as refused:
            gone = refused.code in ("used_url", "expired_url", "invalid_url")
            return JSONResponse(refused.body(), 404 if gone else 400)
        return PlainTextResponse("ok")

    async def upload(self, request: Request) -> Response:
        """The bytes of an announced file."""
        if int(request.headers.get("content-length") or 0) > MAX_FILE_BYTES:
            return PlainTextResponse("too large", 413)
        if not receive(self._desk, request.path_params["file"], await _file_bytes(request)):
            return PlainTextResponse("no such upload", 404)
        return PlainTextResponse("OK")

    async def link(self, websocket: WebSocket) -> None:
        """A Socket Mode connection."""
        if self._desk.faults.down:
            await websocket.close(1013)
            return
        await self._desk.sockets.serve(websocket)


def _too_many(wait_s: int) -> Response:
    return JSONResponse({"ok": False, "error": "ratelimited"}, 429, headers={"Retry-After": str(wait_s)})


async def _file_bytes(request: Request) -> bytes:
    """The raw body, or the first file of a multipart form."""
    kind, body = request.headers.get("content-type", ""), await request.body()
    if not kind.startswith("multipart/form-data"):
        return body
    try:
        return next(iter(read_multipart(kind, body)[1]), b"")
    except ValueError:
        return b""
