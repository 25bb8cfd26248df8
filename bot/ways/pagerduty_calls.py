"""The seam to PagerDuty's client library: the only file that knows pdpyras, its successor is one file away.

The library would wait and repeat by itself, a 429 for ever; here each call is one request, a few seconds
long, told by what came back.
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec
import requests
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import ConnectTimeout, InvalidHeader
from urllib3.exceptions import MaxRetryError, NewConnectionError

from bot.domain.entry import Json

with warnings.catch_warnings():
    # Each import of it recommends its successor, to nobody who could follow.
    warnings.simplefilter("ignore", UserWarning)
    import pdpyras

API = "https://api.pagerduty.com"
EVENTS = "https://events.pagerduty.com"
TIMEOUT_S = 4.0
# A number below -1 makes it give an answer back at once, whatever the status; of no other number can it.
_AT_ONCE = -2
_REPEATED = (429, 500, 502, 503, 504)
LONGEST_S = 300.0
SAID_CHARS = 300
UNUSABLE = "PAGERDUTY_API_KEY holds what no key holds: copy it again, and start drbot again"
Query = Mapping[str, "str | list[str]"]


class NoAnswer(Exception):
    """Nothing came back. `reached`: a connection came about, so what was sent may have been taken."""

    def __init__(self, said: str, reached: bool) -> None:
        super().__init__(said)
        self.reached = reached


@dataclass(frozen=True)
class Answer:
    """One answer. `after_s`: when PagerDuty wants to be asked again; 0 where it named no time."""

    status: int
    body: bytes
    after_s: float = 0.0

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def said(self) -> str:
        """Its own words for what was wrong, one bounded line."""
        return _words(self.body) or f"HTTP {self.status}"


class Events:
    """The Events API v2 of one integration."""

    def __init__(self, routing_key: str, url: str = "", timeout_s: float = TIMEOUT_S) -> None:
        self._session = _tamed(pdpyras.EventsAPISession(routing_key), url or EVENTS, timeout_s)

    def enqueue(self, event: Mapping[str, Json]) -> Answer:
        """Send one event; the library adds the routing key. Raises NoAnswer."""
        return _asked(lambda: self._session.post("/v2/enqueue", json=dict(event)))


class Rest:
    """The REST API of one account."""

    def __init__(self, api_key: str, url: str = "", timeout_s: float = TIMEOUT_S) -> None:
        self._session = _tamed(pdpyras.APISession(api_key), url or API, timeout_s)

    def get(self, path: str, query: Query | None = None) -> Answer:
        """Read. Raises NoAnswer."""
        return _asked(lambda: self._session.get(path, params=dict(query or {})))

    def post(self, path: str, body: Mapping[str, Json], sender: str) -> Answer:
        """Create, in the name of the user with this e-mail. Raises NoAnswer."""
        return _asked(lambda: self._session.post(path, json=dict(body), headers={"From": sender}))

    def put(self, path: str, body: Mapping[str, Json], sender: str) -> Answer:
        """Change, in the name of the user with this e-mail. Raises NoAnswer."""
        return _asked(lambda: self._session.put(path, json=dict(body), headers={"From": sender}))


def _tamed(session: pdpyras.PDSession, url: str, timeout_s: float) -> pdpyras.PDSession:
    session.url = url.rstrip("/")
    session.timeout = timeout_s
    session.max_network_attempts = 0
    session.retry = dict.fromkeys(_REPEATED, _AT_ONCE)
    session.log.setLevel(logging.CRITICAL)  # what went wrong is told by whoever asked
    # Any callable keeps a machine's .netrc from replacing the key.
    session.auth = _as_it_is
    return session


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _asked(ask: Callable[[], requests.Response]) -> Answer:
    try:
        response = ask()
    except pdpyras.PDClientError as error:
        if error.response is not None:
            response = error.response
        else:
            raise _no_answer(error.__cause__) from error
    except ValueError:  # the header with the key cannot be written; the error's own words may hold it
        raise NoAnswer(UNUSABLE, reached=False) from None
    return Answer(response.status_code, response.content, _after_s(response))


def _no_answer(cause: BaseException | None) -> NoAnswer:
    inner = cause.args[0] if cause is not None and cause.args else None
    reason = inner.reason if isinstance(inner, MaxRetryError) else None
    if isinstance(cause, InvalidHeader):
        return NoAnswer(UNUSABLE, reached=False)
    if isinstance(cause, ConnectTimeout) or isinstance(reason, NewConnectionError):
        return NoAnswer("PagerDuty cannot be reached", reached=False)
    if isinstance(cause, requests.Timeout):
        return NoAnswer("PagerDuty did not answer in time", reached=True)
    if isinstance(cause, NoConnection):
        return NoAnswer("the connection to PagerDuty broke before its answer", reached=True)
    return NoAnswer("PagerDuty's answer did not come whole", reached=True)


def _after_s(response: requests.Response) -> float:
    """`Retry-After` and `ratelimit-reset`: seconds. A reset that is a moment is understood, too."""
    if response.ok:
        return 0.0
    for name in ("Retry-After", "ratelimit-reset"):
        said = response.headers.get(name, "")
        if said.isascii() and said.isdigit() and len(said) < 12:
            seconds = float(said) - (time.time() if len(said) > 9 else 0.0)
            return min(max(seconds, 0.0), LONGEST_S)
    return 0.0


class _Wrong(msgspec.Struct):
    message: str = ""
    errors: list[str] = msgspec.field(default_factory=list)


class _Wrapped(msgspec.Struct):
    error: _Wrong


def _words(body: bytes) -> str:
    """REST wraps what is wrong in `error`, the Events API does not."""
    for read in (_wrapped, _bare):
        try:
            wrong = read(body)
        except msgspec.MsgspecError:
            continue
        if wrong.message or wrong.errors:
            return " ".join(": ".join([wrong.message, *wrong.errors]).split())[:SAID_CHARS]
    return ""


def _wrapped(body: bytes) -> _Wrong:
    return msgspec.json.decode(body, type=_Wrapped).error


def _bare(body: bytes) -> _Wrong:
    return msgspec.json.decode(body, type=_Wrong)
