"""A Redis as the actions use it: short connections, timeouts, sentences for errors."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.connection import parse_url
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    NoPermissionError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from actions.failures import Refused, Transient

Session = redis.Redis
_NO_SUCH = ("unknown command", "DB index is out of range", "invalid DB index")


@dataclass(frozen=True)
class Cache:
    """One environment's Redis. `url` holds the password, so it is never shown.

    `ephemeral` is the plan's word that losing every key loses nothing but time.
    """

    url: str = field(repr=False)
    ephemeral: bool = False
    timeout_s: float = 5.0

    @property
    def place(self) -> str:
        """`host:port`, without user or password. Raises Refused where the URL is none."""
        parts = self._parts()
        return str(parts.get("path") or f"{parts.get('host', 'localhost')}:{parts.get('port', 6379)}")

    @property
    def database(self) -> int:
        """The database that the URL names; 0 where it names none."""
        return int(self._parts().get("db", 0))

    @contextlib.contextmanager
    def session(self, database: int | None = None) -> Iterator[Session]:
        """One connection to one database, given up after `timeout_s` of silence; nothing is tried twice.

        Raises Transient where the server does not answer for now, Refused where it says no (password,
        rights, a command that is not there). Commands fail alike while the block runs.
        """
        settings = self._parts() | {
            "db": self.database if database is None else database,
            "socket_timeout": self.timeout_s,
            "socket_connect_timeout": self.timeout_s,
            "retry": Retry(NoBackoff(), 0),
            "decode_responses": False,
        }
        pool = redis.ConnectionPool(max_connections=2, **settings)
        with contextlib.closing(pool), self.told():
            yield redis.Redis(connection_pool=pool, single_connection_client=True)

    @contextlib.contextmanager
    def told(self) -> Iterator[None]:
        """Turn the client's errors into sentences that say whether trying again can help."""
        try:
            yield
        except (AuthenticationError, AuthorizationError) as error:
            raise Refused(
                f"{self.place} refused the login: {sentence(error)}. Check the user and password in the"
                " cache's URL; nothing was changed"
            ) from error
        except NoPermissionError as error:
            raise Refused(f"{self.place}: drbot lacks a right: {sentence(error)}") from error
        except ReadOnlyError as error:
            raise Refused(f"{self.place} is a replica, which takes no writes: ask its primary") from error
        except BusyLoadingError as error:
            raise Transient(f"{self.place} is still loading its data") from error
        except RedisTimeoutError as error:
            raise Transient(f"{self.place} did not answer within {self.timeout_s:g} s") from error
        except RedisConnectionError as error:
            raise Transient(f"{self.place} does not answer: {sentence(error)}") from error
        except ResponseError as error:
            raise self._said(error) from error
        except RedisError as error:
            raise Transient(f"{self.place} did not do it for now: {sentence(error)}") from error

    def _said(self, error: ResponseError) -> Refused | Transient:
        said = sentence(error)
        if any(words in said for words in _NO_SUCH):
            return Refused(f"{self.place} does not know that (renamed, or another version): {said}")
        return Transient(f"{self.place} did not do it for now: {said}")

    def _parts(self) -> dict[str, Any]:
        try:
            return dict(parse_url(self.url))  # type: ignore[no-untyped-call]
        except ValueError as error:  # its words may hold the URL
            raise Refused(
                "the cache's URL is not one of Redis (redis://user:password@host:6379/0): mend it in the"
                " bot's environment. Nothing was changed"
            ) from error


def sentence(error: Exception) -> str:
    """The server's own words on one line, at most 200 characters.

    The client puts a pipeline's command before them: its keys may be sessions, so they are left out.
    """
    said = " ".join(str(error).split())
    said = re.sub(r"^Command # \d+ \((\S+).*\) of pipeline caused error: ", r"\1: ", said)
    return said[:200] or type(error).__name__
