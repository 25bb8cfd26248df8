"""The web served for a test: a real server on a free port, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator

from bot.exchange import Asgi
from bot.web import server
from tests.real.processes import wait_for


@contextlib.contextmanager
def served(app: Asgi) -> Iterator[int]:
    """The port while the block runs."""
    web = server(app, "127.0.0.1", 0)
    thread = threading.Thread(target=lambda: asyncio.run(web.serve()), daemon=True)
    thread.start()
    try:
        wait_for("the server", lambda: web.started)
        yield web.servers[0].sockets[0].getsockname()[1]
    finally:
        web.should_exit = True
        thread.join(15)
