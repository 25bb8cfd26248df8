"""The browser's side of the server: the page, its files, what a person does, and the switches of a test."""

import json
import secrets
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)

from bot.workspace.arguments import Arguments
from bot.workspace.desk import Desk
from bot.workspace.faults import Fault
from bot.workspace.person_api import DEEDS
from bot.workspace.person_view import SIGHTS
from bot.workspace.seed import read_commands
from bot.workspace.wire import Json, SlackError

STATIC = Path(__file__).parent / "static"
TEMPLATES = Path(__file__).parents[2] / "templates" / "workspace"
MAX_BODY_BYTES = 200_000
MAX_WAIT_S = 25.0
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; "
    "img-src 'self' data: https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PNG = b"\x89PNG\r\n\x1a\n"
SAFE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-cache"}


class Page:
    """Serves the page and answers it. People are not authenticated: everyone here sits at this machine."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(), undefined=StrictUndefined
        )

    async def index(self, _: Request) -> Response:
        """The page itself."""
        seed = self._desk.state.seed
        nonce = secrets.token_urlsafe(16)
        page = self._templates.get_template("page.html")
        html = page.render(team=seed.team_name, app=seed.app_name, nonce=nonce)
        policy = POLICY.replace("script-src 'self'", f"script-src 'self' 'nonce-{nonce}'")
        return HTMLResponse(html, headers={"Content-Security-Policy": policy, **SAFE})

    async def static(self, request: Request) -> Response:
        """A script, a style or the font; nothing outside the folder."""
        path = (STATIC / request.path_params["name"]).resolve()
        if path.parent != STATIC.resolve() or not path.is_file():
            return PlainTextResponse("Not found", 404)
        return FileResponse(path, headers=SAFE)

    async def permalink(self, request: Request) -> Response:
        """A permalink leads to the message on the page."""
        channel, stamp = request.path_params["channel"], request.path_params["stamp"]
        return RedirectResponse(f"/#/{channel}/{stamp}", 302)

    async def file(self, request: Request) -> Response:
        """An uploaded file, as a download so that no browser runs it; a PNG as the picture that it is."""
        known = self._desk.state.files.get(request.path_params["file"])
        body = self._desk.uploads.get(request.path_params["file"])
        if known is None or body is None:
            return PlainTextResponse("Not found", 404)
        headers = {"Content-Disposition": "attachment", **SAFE}
        picture = known["mimetype"] == "image/png" and body.startswith(PNG)
        return Response(
            body, media_type="image/png" if picture else "application/octet-stream", headers=headers
        )

    async def see(self, request: Request) -> Response:
        """Something a person looks at."""
        sight = SIGHTS.get(request.path_params["sight"])
        query = dict(request.query_params)
        if sight is None:
            return PlainTextResponse("Not found", 404)
        try:
            return JSONResponse(
                sight(self._desk, self._person(query.pop("as", "")), Arguments(query)), headers=SAFE
            )
        except SlackError as refused:
            return JSONResponse(refused.body(), headers=SAFE)

    async def do(self, request: Request) -> Response:
        """Something a person does."""
        deed = DEEDS.get(request.path_params["deed"])
        if deed is None:
            return PlainTextResponse("Not found", 404)
        try:
            body = await _json_body(request)
            arguments = Arguments(body)
            return JSONResponse(await deed(self._desk, self._person(arguments.text("as")), arguments))
        except SlackError as refused:
            return JSONResponse(refused.body())

    def _person(self, wanted: str) -> str:
        people = self._desk.state.people
        if not wanted:
            return next(iter(people))
        named = next((person.id for person in people.values() if person.name == wanted), "")
        if wanted in people or named:
            return named or wanted
        raise SlackError("user_not_found")

    async def wait(self, request: Request) -> Response:
        """Answer as soon as something changed after `version`."""
        query = Arguments(dict(request.query_params))
        timeout_s = min(float(query.text("timeout_s", "1")), MAX_WAIT_S)
        return JSONResponse(
            {"version": await self._desk.live.wait(int(query.text("version", "0")), timeout_s)}
        )

    async def calls(self, _: Request) -> Response:
        """How often each Web API method was called."""
        return JSONResponse(dict(self._desk.faults.calls))

    async def control(self, request: Request) -> Response:
        """The switches: commands, fail, down, up, rate_limits, reconnect."""
        switch = request.path_params["switch"]
        try:
            if switch == "commands":
                self._desk.commands = read_commands(await request.body())
                self._desk.live.touch({"t": "channels"})
            else:
                self._switch(switch, Arguments(await _json_body(request)))
        except ValueError as wrong:
            return JSONResponse({"ok": False, "error": str(wrong)}, 400)
        except SlackError as refused:
            return JSONResponse(refused.body(), 400)
        return JSONResponse({"ok": True})

    def _switch(self, switch: str, arguments: Arguments) -> None:
        desk = self._desk
        if switch == "fail":
            retry_s = arguments.number("retry_after_s", 1, 600)
            method, error = arguments.needed("method"), arguments.needed("error")
            desk.faults.plan(Fault(method, error, arguments.number("times", 1, 10**6), retry_s))
        elif switch in ("down", "up"):
            desk.faults.down = switch == "down"
            if desk.faults.down:
                desk.sockets.drop()
        elif switch == "rate_limits":
            desk.limits.switch(arguments.flag("on"))
        elif switch == "reconnect":
            desk.sockets.ask_to_reconnect(arguments.text("reason", "warning"))
        else:
            raise SlackError("no_such_switch")


async def _json_body(request: Request) -> Json:
    """A JSON object; anything else (a form from elsewhere, for one) is refused."""
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise SlackError("invalid_post_type")
    if int(request.headers.get("content-length") or 0) > MAX_BODY_BYTES:
        raise SlackError("request_too_large")
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError as wrong:
        raise SlackError("invalid_json") from wrong
    if not isinstance(body, dict):
        raise SlackError("json_not_object")
    return body
