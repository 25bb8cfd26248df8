"""The status page among the bot's other routes, as it is served."""

from __future__ import annotations

from bot.exchange import Asgi
from bot.intake import Intake
from bot.metrics import Metrics
from bot.status_page import StatusPage
from bot.store.sqlite import SqliteStore
from bot.web import create_web


def web(store: SqliteStore, page: StatusPage) -> Asgi:
    """The whole web of a bot over this store, with this page."""
    metrics = Metrics()
    intake = Intake(store, metrics.committed)
    return create_web(
        intake, metrics, webhook_token="local-token", pagerduty_secrets=(), checks={}, status=page
    )
