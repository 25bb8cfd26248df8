"""Who may see the readiness board's page.

With `DR_STATUS_TOKEN` whoever says it, from wherever. Without it, only who sits at the bot's own machine, as
for `/metrics`: the board names components and ages, never a secret, but it does say what would fail.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from bot.exchange import Refused, Scope, header

COOKIE = "drbot_status"
COOKIE_S = 365 * 86400
_PROTO = b"x-forwarded-proto"
_FORWARDED = (
    b"forwarded",
    b"x-forwarded-for",
    b"x-forwarded-host",
    b"x-forwarded-port",
    _PROTO,
    b"x-real-ip",
    b"via",
    b"cdn-loop",
    b"cf-connecting-ip",
)


class StatusDoor:
    """Lets in or refuses. The token opens this page and nothing else, so a screen on a wall may hold it."""

    def __init__(self, token: str = "") -> None:
        self._token = token

    def enter(self, scope: Scope) -> bytes:
        """The cookie to set, where the token stood in the address and should not stay there; b"" to go on.

        Where there is a token it is asked of everybody: a proxy on this machine may look just like somebody
        who sits here. Raises Refused: 401 without the token, 403 where there is none and the board is shown
        on the bot's own machine only.
        """
        if not self._token:
            if is_at_this_machine(scope):
                return b""
            raise Refused(403, "the board is shown on the bot's own machine only: set DR_STATUS_TOKEN there")
        said = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        if _same(said.get("token", [""])[0], self._token):
            return self._cookie(scope)
        bearer = header(scope, b"authorization").decode("latin-1").removeprefix("Bearer ").strip()
        if not _same(bearer, self._token) and not _same(_held(scope), self._pass):
            realm = ((b"www-authenticate", b'Bearer realm="drbot status"'),)
            raise Refused(401, "say DR_STATUS_TOKEN as a bearer token, or once as /status?token=…", realm)
        return b""

    def _cookie(self, scope: Scope) -> bytes:
        """Lax, or it would not come along with a link that is clicked in Slack; the page changes nothing."""
        secure = "; Secure" if _over_tls(scope) else ""
        kept = f"{COOKIE}={self._pass}; Path=/status; Max-Age={COOKIE_S}; HttpOnly; SameSite=Lax{secure}"
        return kept.encode()

    @property
    def _pass(self) -> str:
        """What the cookie holds: it opens this page and tells nothing of the token."""
        return hmac.new(self._token.encode(), b"drbot status page", hashlib.sha256).hexdigest()


def is_at_this_machine(scope: Scope) -> bool:
    """Whether the one who asks sits here: from a loopback address, by a loopback name, through no proxy.

    The name counts because a page from elsewhere may lead its own name to this address. No browser has
    spoken HTTP/1.0 for decades, but nginx's `proxy_pass` does, without one header that tells of it. A proxy
    that speaks 1.1 and is as silent cannot be told from a person: only a token keeps strangers out there.
    """
    client = scope.get("client")
    host = header(scope, b"host").decode("latin-1")
    name = host if host.endswith("]") or ":" not in host else host.rpartition(":")[0]
    proxied = scope.get("http_version") == "1.0" or any(header(scope, one) for one in _FORWARDED)
    return client is not None and _loopback(str(client[0])) and _loopback(name) and not proxied


def _over_tls(scope: Scope) -> bool:
    proto = header(scope, _PROTO).decode("latin-1").partition(",")[0].strip().lower()
    return (proto or scope.get("scheme")) == "https"


def _held(scope: Scope) -> str:
    try:
        found = SimpleCookie(header(scope, b"cookie").decode("latin-1")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _same(given: str, wanted: str) -> bool:
    return bool(given) and hmac.compare_digest(given.encode(), wanted.encode())


def _loopback(name: str) -> bool:
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False
