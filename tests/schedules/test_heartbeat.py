"""The heartbeat: asked while all is well, silent when not, its URL never shown."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bot.house import build
from bot.plan.recovery import HeartbeatEntry
from bot.schedules.heartbeat import Heartbeat
from bot.settings import Settings
from bot.store.database import StoreDown

ENTRY = HeartbeatEntry.model_validate({"url_env": "DR_HEARTBEAT_URL", "every": "1m"})
SECRET = "local-beat"


@contextmanager
def listening(status: int = 200) -> Iterator[tuple[str, list[str]]]:
    """A server that counts who asks, and answers so."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            asked.append(f"{self.command} {self.path}")
            self.send_response(status)
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = answer

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/{SECRET}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def beating(url: str, well: Callable[[], str] = lambda: "", **entry: str) -> tuple[Heartbeat, list[float]]:
    now = [0.0]
    made = ENTRY.model_copy(update=entry)
    return Heartbeat(made, url, well, lambda: now[0]), now


def test_it_beats_as_often_as_the_plan_says() -> None:
    with listening() as (url, asked):
        heart, now = beating(url)
        for moment in (0.0, 1.0, 59.0, 60.0, 61.0, 120.0):
            now[0] = moment
            heart.turn()
    assert asked == [f"GET /{SECRET}"] * 3
    assert heart.trouble == ""


def test_the_method_is_the_plans_and_a_redirect_is_not_followed() -> None:
    with listening(302) as (url, asked):
        heart, _ = beating(url, method="POST")
        heart.turn()
    assert (asked, heart.trouble) == ([f"POST /{SECRET}"], "")


def test_it_is_silent_while_drbot_is_unwell() -> None:
    def away() -> str:
        raise StoreDown("the disk is gone")

    for well, told in ((lambda: "no engine works", "no engine works"), (away, "the disk is gone")):
        with listening() as (url, asked):
            heart, _ = beating(url, well)
            heart.turn()
        assert asked == []
        assert heart.trouble == f"no heartbeat is sent: {told}"


@pytest.mark.parametrize("status", [404, 500])
def test_what_refuses_it_is_said(status: int) -> None:
    with listening(status) as (url, _):
        heart, _ = beating(url)
        heart.turn()
    assert heart.trouble == f"the URL in DR_HEARTBEAT_URL answered {status}"


@pytest.mark.parametrize("url", [f"http://127.0.0.1:9/{SECRET}", f"not a url {SECRET}", f"ftp://{SECRET}/x"])
def test_trouble_never_shows_the_url_and_never_raises(url: str) -> None:
    heart, _ = beating(url)
    heart.turn()
    assert heart.trouble.startswith("the URL in DR_HEARTBEAT_URL did not answer (")
    assert SECRET not in heart.trouble


def test_without_its_url_it_is_no_trouble_but_a_setting_that_is_missing(tmp_path: Path) -> None:
    heart, _ = beating("")
    heart.turn()
    assert heart.trouble == ""
    (tmp_path / "plan.yaml").write_text("heartbeat: {url_env: DR_HEARTBEAT_URL, every: 1m}\n")
    url = f"sqlite:///{tmp_path}/drbot.db"
    house = build(Settings(plan=tmp_path / "plan.yaml", database_url=url))
    try:
        assert dict(house.off)["DR_HEARTBEAT_URL"].startswith("there is no heartbeat: nobody is told")
        assert house.clockwork.heart == ""
    finally:
        house.close()
