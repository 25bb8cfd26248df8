"""A real store, intake and web, served for a test and posted to."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx

from bot.exchange import Receive, Scope, Send, answer_json
from bot.intake import Intake
from bot.metrics import Metrics
from bot.store.health import check
from bot.web import create_web
from tests.intake.desk import Desk
from tests.intake.served import served

TOKEN = "local-token"
SECRETS = ("local-secret", "older-secret")
WEBHOOKS = Path(__file__).parents[1] / "data" / "webhooks"
FIRING = (WEBHOOKS / "webhook_firing_two_alerts.json").read_bytes()
BEARER = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}


@dataclass(frozen=True)
class Web:
    """The served app, its client, and what tests turn."""

    http: httpx.Client
    port: int
    desk: Desk
    said: dict[str, str]

    def alert(self, body: bytes, **headers: str) -> httpx.Response:
        return self.http.post("/webhooks/alertmanager", content=body, headers=BEARER | headers)

    def stored(self) -> int:
        return int(self.desk.store.read("SELECT COUNT(*) FROM alerts")[0][0])


async def slack(_scope: Scope, _receive: Receive, send: Send) -> None:
    await answer_json(send, 200, {"slack": True})


def serve_web(desk: Desk, metrics: Metrics, token: str, intake: Intake | None = None) -> Opened:
    return Opened(desk, metrics, token, intake or Intake(desk.store, metrics.committed))


class Opened(ExitStack):
    def __init__(self, desk: Desk, metrics: Metrics, token: str, intake: Intake) -> None:
        super().__init__()
        self._parts = (desk, metrics, token, intake)

    def __enter__(self) -> Web:  # type: ignore[override]  # what it opens is the web
        desk, metrics, token, intake = self._parts
        said = {"slack": ""}
        app = create_web(
            intake,
            metrics,
            webhook_token=token,
            pagerduty_secrets=SECRETS,
            checks={"store": lambda: check(desk.store), "slack": lambda: said["slack"]},
            slack_handler=slack,
        )
        port = self.enter_context(served(app))
        http = self.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20))
        return Web(http, port, desk, said)
