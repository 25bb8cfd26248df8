"""The social network on loopback, strict: posts as X takes them (API v2) and as Mastodon does (API v1).

with social() as network:
    network.mastodon_url                    # DR_SOCIAL_URL of its Mastodon side: nothing else is needed
    network.x_url; network.x_endpoint       # X's plugin asks this endpoint where a test points it there
    network.posts                           # the texts, oldest first
    network.faults.next("cut", after=True)  # see tests.real.outside
"""

from __future__ import annotations

import base64
import contextlib
import hmac
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import quote, unquote

from tests.real.outside import Faults, Reply, Request, served

TOKEN = "local-token"
KEYS = {"ck": "local-consumer", "cs": "local-secret", "at": "local-access", "as": "local-access-secret"}
X_LETTERS, MASTODON_LETTERS = 280, 500
_OAUTH = re.compile(r'(oauth_\w+)="([^"]*)"')
_LINK = re.compile(r"https?://[!-~]+")
_NEEDED = {"oauth_consumer_key", "oauth_token", "oauth_signature_method", "oauth_timestamp", "oauth_nonce",
           "oauth_version", "oauth_signature"}  # fmt: skip
_TOOT = {"status", "sensitive", "visibility", "spoiler_text", "language", "media_ids", "in_reply_to_id"}
_STYLE = """
body{margin:0;font:16px/1.5 system-ui,sans-serif;color:#0f1419;background:#f7f9fa}
main{max-width:600px;margin:0 auto;min-height:100vh;background:#fff;border:1px solid #e6ecf0;border-top:0}
h1{font-size:20px;margin:0;padding:16px 20px;border-bottom:1px solid #e6ecf0}
article{display:flex;gap:14px;padding:16px 20px;border-bottom:1px solid #e6ecf0}
i{flex:none;width:44px;height:44px;border-radius:50%;background:#7c3aed;color:#fff;font:600 20px/44px
system-ui;text-align:center} p{margin:2px 0 0;white-space:pre-line} small{color:#5b7083}
"""


@dataclass(frozen=True)
class Post:
    id: str
    text: str
    at: datetime


class Network:
    """One account, reached over both APIs."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.url = ""
        self.kept: list[Post] = []
        self.asked = 0
        self._nonces: set[str] = set()

    @property
    def posts(self) -> list[str]:
        return [one.text for one in self.kept]

    @property
    def mastodon_url(self) -> str:
        return f"mastodon://{TOKEN}@{self.url.removeprefix('http://')}"

    @property
    def x_url(self) -> str:
        return f"x://{KEYS['ck']}/{KEYS['cs']}/{KEYS['at']}/{KEYS['as']}?mode=tweet"

    @property
    def x_endpoint(self) -> str:
        return f"{self.url}/2/tweets"

    def answer(self, request: Request) -> Reply:
        if request.path == "/":
            return Reply(200, self._html().encode(), "text/html; charset=utf-8")
        self.asked += 1
        if (request.method, request.path) == ("POST", "/2/tweets"):
            return self._tweet(request)
        if (request.method, request.path) == ("POST", "/api/v1/statuses"):
            return self._toot(request)
        return _problem(404, "Not Found")

    def _tweet(self, request: Request) -> Reply:
        given = request.headers.get("authorization", "")
        if given.startswith("Bearer "):
            return _problem(403, "Unsupported Authentication", "An app alone may not do this.")
        if not self._signed(request, given):
            return _problem(401, "Unauthorized")
        body = _object(request)
        if body is None or set(body) != {"text"} or not isinstance(body["text"], str) or not body["text"]:
            return _problem(400, "Invalid Request", "One or more parameters to your request was invalid.")
        if _letters(body["text"]) > X_LETTERS:
            return _problem(403, "Forbidden", "Your Tweet text is too long.")
        if body["text"] in self.posts:
            detail = "You are not allowed to create a Tweet with duplicate content."
            return _problem(403, "Forbidden", detail)
        post = self._keep(body["text"])
        limits = {
            "x-rate-limit-limit": "100",
            "x-rate-limit-remaining": "0",
            "x-rate-limit-reset": "4102444800",
        }
        said = {"data": {"id": post.id, "text": post.text}}
        return Reply(201, json.dumps(said).encode(), headers=limits)

    def _signed(self, request: Request, given: str) -> bool:
        """OAuth 1.0a, HMAC-SHA1: a JSON body is no part of what is signed."""
        found = {name: unquote(value) for name, value in _OAUTH.findall(given)}
        if not given.startswith("OAuth ") or set(found) != _NEEDED or found["oauth_nonce"] in self._nonces:
            return False
        self._nonces.add(found["oauth_nonce"])
        signature = found.pop("oauth_signature")
        pairs = "&".join(f"{name}={quote(value, safe='~')}" for name, value in sorted(found.items()))
        signed = "&".join(quote(one, safe="~") for one in (request.method, self.x_endpoint, pairs))
        key = f"{KEYS['cs']}&{KEYS['as']}".encode()
        right = base64.b64encode(hmac.digest(key, signed.encode(), "sha1")).decode()
        account = (found["oauth_consumer_key"], found["oauth_token"]) == (KEYS["ck"], KEYS["at"])
        return account and hmac.compare_digest(right, signature)

    def _toot(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _said(401, {"error": "The access token is invalid"})
        body = _object(request)
        if body is None or not set(body) <= _TOOT or not isinstance(body.get("status"), str):
            return _said(422, {"error": "Validation failed: this is no status"})
        if len(_LINK.sub("." * 23, body["status"])) > MASTODON_LETTERS:
            return _said(
                422, {"error": f"Validation failed: Text character limit of {MASTODON_LETTERS} exceeded"}
            )
        post = self._keep(body["status"])
        account = {"id": "1", "username": "belezza", "acct": "belezza"}
        return _said(200, {"id": post.id, "content": f"<p>{escape(post.text)}</p>", "account": account,
                           "url": f"{self.url}/@belezza/{post.id}", "visibility": "public"})  # fmt: skip

    def _keep(self, text: str) -> Post:
        post = Post(str(1445880548472328192 + len(self.kept)), text, datetime.now(UTC))
        self.kept.append(post)
        return post

    def _html(self) -> str:
        posts = "".join(
            f"<article><i>B</i><div><b>Belezza</b> <small>@belezza · {one.at:%H:%M} UTC</small>"
            f"<p>{escape(one.text)}</p></div></article>"
            for one in reversed(self.kept)
        )
        empty = "<article><small>Nothing posted yet.</small></article>"
        return (
            "<!doctype html><html lang=en><meta charset=utf-8><title>@belezza</title>"
            f"<meta http-equiv=refresh content=5><style>{_STYLE}</style>"
            f"<main><h1>Belezza</h1>{posts or empty}</main></html>"
        )


@contextlib.contextmanager
def social() -> Iterator[Network]:
    """An account without a post, while the block runs."""
    network = Network()
    with served(network.answer, network.faults) as url:
        network.url = url
        yield network


def _letters(text: str) -> int:
    """X's weighted count of plain text and links, written anew."""
    text = unicodedata.normalize("NFC", text)
    rest = _LINK.sub("", text)
    heavy = sum(1 for one in rest if one >= "\u1100" and not "\u2000" <= one <= "\u2037")
    return 23 * len(_LINK.findall(text)) + len(rest) + heavy


def _object(request: Request) -> dict[str, Any] | None:
    try:
        body = json.loads(request.body)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _problem(status: int, title: str, detail: str = "") -> Reply:
    return _said(status, {"title": title, "detail": detail or title, "type": "about:blank", "status": status})


def _said(status: int, said: object) -> Reply:
    return Reply(status, json.dumps(said).encode())
