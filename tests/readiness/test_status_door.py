"""Who may see `GET /status`: at the machine, from elsewhere, through a proxy, from a link that is clicked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import httpx
import pytest

from bot.exchange import Asgi, Receive, Scope, Send
from bot.status_page import StatusPage
from bot.store.sqlite import SqliteStore
from tests.intake.served import served
from tests.readiness.boards import BAD_NIGHT, just_now
from tests.readiness.served_page import web
from tests.real import browser, nginx
from tests.real.browser import look_at

TOKEN = "local-token"
SHOWN = "would fail now"


def elsewhere(app: Asgi) -> Asgi:
    """The same app as another machine reaches it."""

    async def asked(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "client": ("203.0.113.9", 4711)}
        await app(scope, receive, send)

    return asked


def needs(absent: Callable[[], str]) -> None:
    if why := absent():
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)


def page(token: str = "") -> StatusPage:
    return StatusPage(lambda: just_now(BAD_NIGHT), token)


@pytest.fixture
def there(store: SqliteStore) -> Iterator[str]:
    """The page with a token, for whoever asks from another machine."""
    with served(elsewhere(web(store, page(TOKEN)))) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def here(store: SqliteStore) -> Iterator[str]:
    """The page with a token, for whoever asks from the bot's own machine."""
    with served(web(store, page(TOKEN))) as port:
        yield f"http://127.0.0.1:{port}"


def test_without_a_token_whoever_sits_at_the_machine_sees_it(store: SqliteStore) -> None:
    with served(web(store, page())) as port:
        seen = httpx.get(f"http://localhost:{port}/status")
        assert httpx.head(f"http://127.0.0.1:{port}/status").status_code == 200
        assert httpx.post(f"http://127.0.0.1:{port}/status").status_code == 405
    assert seen.status_code == 200
    assert SHOWN in seen.text
    assert seen.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in seen.headers["content-security-policy"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:8080"},
        {"X-Forwarded-For": "203.0.113.9"},
        {"X-Forwarded-Proto": "https"},
        {"Forwarded": "for=203.0.113.9"},
        {"Via": "1.1 proxy"},
        {"CF-Connecting-IP": "203.0.113.9"},
    ],
)
def test_without_a_token_nobody_else_does_not_even_by_another_name(
    store: SqliteStore, headers: dict[str, str]
) -> None:
    with served(web(store, page())) as port:
        seen = httpx.get(f"http://127.0.0.1:{port}/status", headers=headers)
    assert seen.status_code == 403
    assert seen.json()["error"].endswith("set DR_STATUS_TOKEN there")


@pytest.mark.system("nginx-light")
@pytest.mark.parametrize(("token", "status"), [("", 403), (TOKEN, 401)])
def test_a_proxy_that_says_nothing_of_itself_is_no_way_in(
    store: SqliteStore, token: str, status: int
) -> None:
    """`proxy_pass` alone asks from this machine, by its name, and adds no header."""
    needs(nginx.absent)
    with served(web(store, page(token))) as port, nginx.nginx_before(port) as before:
        seen = httpx.get(f"http://127.0.0.1:{before}/status", headers={"Host": "drbot.example"})
    assert (seen.status_code, SHOWN in seen.text) == (status, False)


@pytest.mark.system("nginx-light")
def test_a_proxy_that_keeps_its_connections_is_no_way_in_where_there_is_a_token(store: SqliteStore) -> None:
    """Nothing at all tells such a one from somebody at this machine: the token does."""
    needs(nginx.absent)
    more = "proxy_http_version 1.1; proxy_set_header Connection '';"
    with served(web(store, page(TOKEN))) as port, nginx.nginx_before(port, more) as before:
        there = f"http://127.0.0.1:{before}/status"
        assert httpx.get(there).status_code == 401
        assert httpx.get(there, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_from_elsewhere_it_takes_the_token(there: str) -> None:
    assert httpx.get(f"{there}/status").status_code == 401
    for bearer in ("local-toke", "local-token2", "x", "é"):
        wrong = [(b"Authorization", f"Bearer {bearer}".encode())]
        assert httpx.get(f"{there}/status", headers=wrong).status_code == 401
    right = httpx.get(f"{there}/status", headers={"Authorization": "Bearer local-token"})
    assert right.status_code == 200


def test_where_there_is_a_token_it_is_asked_of_everybody(here: str) -> None:
    refused = httpx.get(f"{here}/status")
    assert (refused.status_code, SHOWN in refused.text) == (401, False)
    with httpx.Client(follow_redirects=True) as client:
        assert SHOWN in client.get(f"{here}/status?token={TOKEN}").text
        assert client.get(f"{here}/status").status_code == 200


def test_a_token_in_the_address_is_put_into_a_cookie_and_the_address_is_clean(there: str) -> None:
    first = httpx.get(f"{there}/status?token=local-token")
    assert (first.status_code, first.headers["location"]) == (303, "/status")
    cookie = first.headers["set-cookie"]
    assert "local-token" not in cookie
    assert {"HttpOnly", "SameSite=Lax", "Path=/status"} <= set(cookie.split("; "))
    held = {"Cookie": cookie.split(";")[0]}
    assert httpx.get(f"{there}/status", headers=held).status_code == 200
    assert httpx.get(f"{there}/status", headers={"Cookie": held["Cookie"][:-1] + "x"}).status_code == 401
    assert httpx.get(f"{there}/status?token=x").status_code == 401


@pytest.mark.parametrize(
    ("came", "secure"),
    [({}, False), ({"X-Forwarded-Proto": "https"}, True), ({"X-Forwarded-Proto": "http"}, False)],
)
def test_the_cookie_goes_over_tls_alone_where_the_page_came_so(
    there: str, came: dict[str, str], secure: bool
) -> None:
    first = httpx.get(f"{there}/status?token={TOKEN}", headers=came)
    assert ("Secure" in first.headers["set-cookie"].split("; ")) is secure


@pytest.mark.system("chromium")
def test_a_link_with_the_token_may_be_clicked_on_another_site(here: str) -> None:
    """As in Slack at night: the way from there is another site's, and the cookie is taken along."""
    needs(browser.absent)
    port = here.rpartition(":")[2]
    names = "--host-resolver-rules=MAP drbot.example 127.0.0.1"
    with browser.real_browser(names) as chromium:
        seen = chromium.new_page()
        link = f'<a href="http://drbot.example:{port}/status?token={TOKEN}">the board</a>'
        seen.route("http://slack.example/", lambda route: route.fulfill(body=link, content_type="text/html"))
        look_at(seen, "http://slack.example/")
        seen.click("a")
        seen.get_by_text(SHOWN).first.wait_for(timeout=5_000)
        assert seen.url == f"http://drbot.example:{port}/status"
        seen.reload()
        assert SHOWN in seen.inner_text("body")
