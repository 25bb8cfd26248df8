"""Whom drbot asks over HTTP, and what people are told where that does not answer as it should."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import requests
from urllib3.exceptions import HTTPError

from actions.failures import Refused, Transient


class Forbidden(Refused):
    """401 or 403: whoever was asked does not let drbot."""


@dataclass(frozen=True)
class Endpoint:
    """Who is asked. `name` is how sentences call it; `token`, where given, goes as a bearer token.

    `timeout_s` bounds a whole answer, also one that trickles.
    """

    name: str
    base: str
    token: str = field(default="", repr=False)
    timeout_s: float = 10.0

    @property
    def place(self) -> str:
        """`Prometheus at http://localhost:9090`, without user and password where the URL holds them."""
        scheme, _, rest = self.base.partition("://")
        return f"{self.name} at {scheme}://{rest.rpartition('@')[2]}"


def shown(text: str, limit: int = 200) -> str:
    """One line of at most `limit` characters, without what a terminal would obey."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


@contextlib.contextmanager
def told(endpoint: Endpoint) -> Iterator[None]:
    """Turn what the network does into a sentence about whom was asked."""
    try:
        yield
    except requests.Timeout as error:
        raise Transient(f"{endpoint.place} did not answer within {endpoint.timeout_s:g} s") from error
    except ValueError as error:  # no scheme, no host
        raise Refused(f"{endpoint.place} cannot be asked: the plan's address is no URL") from error
    except (HTTPError, OSError) as error:  # requests' own errors are OSErrors
        raise Transient(f"{endpoint.place} does not answer ({_why(error)})") from error


def check_status(endpoint: Endpoint, status: int) -> None:
    """Raise for what is no answer: Forbidden (401, 403), Refused (a redirect), Transient (429)."""
    if status in (401, 403):
        raise Forbidden(
            f"{endpoint.place} refuses drbot ({status}): its token is missing or may not do this."
            " Nothing was changed"
        )
    if 300 <= status < 400:
        raise Refused(f"{endpoint.place} answers with a redirect ({status}), which drbot does not follow")
    if status == 429:
        raise Transient(f"{endpoint.place} is asked too often (429)")


def _why(error: BaseException) -> str:
    known: tuple[tuple[str, str], ...] = (
        ("refused", "connection refused"),
        ("reset", "connection reset"),
        ("timed out", "timed out"),
        ("name or service", "its name is unknown"),
        ("resolve", "its name is unknown"),
        ("certificate", "its certificate is not trusted"),
    )
    said = str(error).lower()
    return next((words for mark, words in known if mark in said), type(error).__name__)
