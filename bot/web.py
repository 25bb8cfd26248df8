"""The HTTP face: webhooks in, health and metrics out. It decides nothing; it answers once things are true."""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

import uvicorn

from bot.exchange import Asgi, Gone, Receive, Refused, Scope, Send, answer, answer_json
from bot.intake import Intake
from bot.metrics import CONTENT_TYPE, Metrics
from bot.webhooks import Webhook, alertmanager_source, pagerduty_source

CHECK_TIMEOUT_S = 3.0
CONNECTIONS = 1_000
KEEP_ALIVE_S = 30
Check: TypeAlias = "Callable[[], str]"
_Route: TypeAlias = "Callable[[Scope, Receive, Send], Awaitable[None]]"
_log = logging.getLogger(__name__)


def create_web(
    intake: Intake,
    metrics: Metrics,
    *,
    webhook_token: str,
    pagerduty_secrets: Sequence[str],
    checks: Mapping[str, Check],
    slack_handler: Asgi | None = None,
) -> Asgi:
    """The ASGI application.

    `checks` are the parts by name (`store`, `slack`, `engine`): each is called in a thread and says '' when
    it is well, or in a sentence what is wrong. Without `webhook_token` anybody on this machine may post to
    the Alertmanager webhook (see refuse_open_listen). `slack_handler` answers `POST /slack/events`.
    """
    metrics.gauge("drbot_waiting_alerts", "Alerts taken and not yet on disk", lambda: intake.waiting)
    alerts = Webhook(alertmanager_source(webhook_token), intake, metrics)
    pages = Webhook(pagerduty_source(pagerduty_secrets), intake, metrics)
    routes: dict[str, dict[str, _Route]] = {
        "/webhooks/alertmanager": {"POST": alerts},
        "/webhooks/pagerduty": {"POST": pages},
        "/healthz": _get(_alive),
        "/readyz": _get(_ready(checks)),
        "/metrics": _get(_measured(metrics)),
    }
    if slack_handler is not None:
        routes["/slack/events"] = {"POST": slack_handler}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await _route(routes, scope, receive, send)
        elif scope["type"] == "lifespan":
            await _live(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    return app


def refuse_open_listen(host: str, token: str) -> None:
    """Raises ValueError where the webhook would be open to other machines without a token."""
    if token or host == "localhost":
        return
    try:
        loopback = ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ValueError(
            f"drbot does not listen on {host or 'every interface'} without DR_WEBHOOK_TOKEN: anybody could"
            " post alerts. Set the token, or listen on 127.0.0.1"
        )


def server(app: Asgi, host: str, port: int) -> uvicorn.Server:
    """A uvicorn server with this app's limits; `await .serve()` it. Port 0 takes a free one."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            http="httptools",
            loop="uvloop",
            ws="none",
            access_log=False,
            log_level="warning",
            limit_concurrency=CONNECTIONS,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=10,
            server_header=False,
        )
    )


def serve(app: Asgi, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM, then return, so that the caller can close what it opened."""
    tune_process()
    # uvicorn raises the signal anew once it has stopped: without handlers of ours that would end the process.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: None)
    server(app, host, port).run()


def tune_process() -> None:
    """Make the interpreter fit for an event loop beside a writer thread. Once, when everything is built.

    Measured on two cores at 100 alerts a webhook: a tenth more alerts a second by each.
    """
    # What lives as long as the process is not looked through again at every collection.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    # A writer back from the disk waits for the loop's thread at most this long, instead of 5 ms.
    sys.setswitchinterval(0.0005)


async def _route(
    routes: Mapping[str, Mapping[str, _Route]], scope: Scope, receive: Receive, send: Send
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


def _get(route: _Route) -> dict[str, _Route]:
    return {"GET": route, "HEAD": route}


async def _alive(_scope: Scope, _receive: Receive, send: Send) -> None:
    await answer_json(send, 200, {"alive": True})


def _ready(checks: Mapping[str, Check]) -> _Route:
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


def _measured(metrics: Metrics) -> _Route:
    async def measured(_scope: Scope, _receive: Receive, send: Send) -> None:
        await answer(send, 200, await asyncio.to_thread(metrics.text), CONTENT_TYPE)

    return measured
