"""The smallest real server: store, intake, web. `python -m tests.bench.app PORT DATABASE_URL` serves it."""

from __future__ import annotations

import sys

from bot.exchange import Asgi
from bot.intake import Intake
from bot.metrics import Metrics
from bot.store.database import Store
from bot.store.health import check
from bot.store.opening import open_store
from bot.web import create_web, serve

TOKEN = "local-token"


def small_app(store: Store) -> Asgi:
    """Webhooks into the store, and nothing that reads them."""
    metrics = Metrics()
    intake = Intake(store, metrics.committed)
    return create_web(
        intake,
        metrics,
        webhook_token=TOKEN,
        pagerduty_secrets=("local-secret",),
        checks={"store": lambda: check(store)},
    )


def main(port: str, database_url: str) -> None:
    store = open_store(database_url)
    try:
        serve(small_app(store), "127.0.0.1", int(port))
    finally:
        store.close()


if __name__ == "__main__":
    main(*sys.argv[1:3])
