"""The HTTP face: webhooks in, health and metrics out. It decides nothing; it answers once things are true."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

from bot.exchange import Asgi, Gone, Receive, Refused, Scope, Send, answer, answer_json
from bot.intake import Intake
from bot.metrics import CONTENT_TYPE, Metrics
from bot.serving import refuse_open_listen, serve, server
from bot.webhooks import Webhook, alertmanager_source, pagerduty_source

CHECK_TIMEOUT_S = 3.0
__all__ = ["create_web", "refuse_open_listen", "serve", "server"]
Check: TypeAlias = "Callable[[], str]"
Route: TypeAlias = "Callable[[Scope, Receive, Send], Awaitable[None]]"
_log = logging.getLogger(__name__)


def create_web(
    intake: Intake,
    metrics: Metrics,
    *,
    webhook_token: str,
    pagerduty_secrets: Sequence[str],
    checks: Mapping[str, Check],
    slack_handler: Asgi | None = None,
    status: Route | None = None,
    own_pages: str = "",
) -> Asgi:
    """The ASGI application.

    `checks` are the parts by name (`store`, `slack`, `engine`): each is called in a thread and says '' when
    it is well, or in a sentence what is wrong. Without `webhook_token` anybody on this machine may post to
    the Alertmanager webhook (see refuse_open_listen). `slack_handler` answers `POST /slack/events`,
    `status` answers `GET /status`. `own_pages` begins the dedup keys of this bot's pages.
    """
    metrics.gauge("drbot_waiting_alerts", "Alerts taken and not yet on disk", lambda: intake.waiting)
    alerts = Webhook(alertmanager_source(webhook_token), intake, metrics)
    pages = Webhook(pagerduty_source(pagerduty_secrets, own_pages), intake, metrics)
    routes: dict[str, dict[str, Route]] = {
        "/webhooks/alertmanager": {"POST": alerts},
        "/webhooks/pagerduty": {"POST": pages},
        "/healthz": _get(_alive),
        "/readyz": _get(_ready(checks)),
        "/metrics": _get(_measured(metrics)),
    }
    if slack_handler is not None:
        routes["/slack/events"] = {"POST": slack_handler}
    if status is not None:
        routes["/status"] = _get(status)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await _route(routes, scope, receive, send)
        elif scope["type"] == "lifespan":
            await _live(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    return app


async def _route(
    routes: Mapping[str, Mapping[str, Route]], scope: Scope, receive: Receive, send: Send
) -> None:
    path: str = scope["path"]
    try:
        methods = routes.get(path)
        if methods is None:
            raise Refused(404, f"there is nothing at {path[:200]}")
        route = methods.get(scope["method"])
        if route is None:
            allowed = ", ".join(methods)
            raise Refused(405, f"use {allowed} here", ((b"allow", allowed.encode()),))
        await route(scope, receive, send)
    except Refused as refused:
        await answer_json(send, refused.status, {"error": str(refused)}, refused.headers)
    except Gone:
        _log.info("a sender hung up before its request to %s was whole; nothing of it was stored", path)


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def _get(route: Route) -> dict[str, Route]:
    return {"GET": route, "HEAD": route}


async def _alive(_scope: Scope, _receive: Receive, send: Send) -> None:
    await answer_json(send, 200, {"alive": True})


def _ready(checks: Mapping[str, Check]) -> Route:
    async def ready(_scope: Scope, _receive: Receive, send: Send) -> None:
        said = await asyncio.gather(*(_checked(name, check) for name, check in checks.items()))
        parts = {name: wrong or "ok" for name, wrong in zip(checks, said, strict=True)}
        well = not any(said)
        await answer_json(send, 200 if well else 503, {"ready": well, **parts})

    return ready


async def _checked(name: str, check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            return await asyncio.to_thread(check)
    except TimeoutError:
        return f"did not answer within {CHECK_TIMEOUT_S:.0f} s"
    except Exception:  # noqa: BLE001 - a check that breaks is itself the finding; its words stay in the log
        _log.exception("the check of %s failed", name)
        return "the check itself failed; see the log"


def _measured(metrics: Metrics) -> Route:
    async def measured(_scope: Scope, _receive: Receive, send: Send) -> None:
        await answer(send, 200, await asyncio.to_thread(metrics.text), CONTENT_TYPE)

    return measured
