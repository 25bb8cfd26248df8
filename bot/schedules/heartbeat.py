"""The heartbeat: a URL of the plan is asked while all is well, so that its silence tells of drbot's end."""

from __future__ import annotations

import time
from collections.abc import Callable

import requests

from bot.plan.recovery import HeartbeatEntry
from bot.store.database import StoreDown

CONNECT_S, READ_S = 3.0, 5.0
REFUSED_FROM = 400


class Heartbeat:
    """Asks the URL every so often. The URL is a secret: no sentence of this shows any of it.

    `well` says '' while store and engine are; otherwise there is no beat, which is the point of it. Without
    a URL it does nothing: that it is missing is said with the other settings.
    """

    def __init__(
        self,
        entry: HeartbeatEntry,
        url: str,
        well: Callable[[], str],
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._entry = entry
        self._url = url
        self._well = well
        self._steady = steady
        self._next = float("-inf")
        self._trouble = ""

    @property
    def trouble(self) -> str:
        """Why there was no beat the last time, '' where there was; for `/readyz` and `status`."""
        return self._trouble

    def turn(self) -> None:
        """Beat if it is time. Takes as long as the URL takes, a few seconds at most; never raises."""
        if not self._url or self._steady() < self._next:
            return
        self._next = self._steady() + self._entry.every
        try:
            unwell = self._well()
        except StoreDown as error:
            unwell = str(error)
        self._trouble = f"no heartbeat is sent: {unwell}" if unwell else self._beat()

    def _beat(self) -> str:
        try:
            with requests.request(
                self._entry.method,
                self._url,
                timeout=(CONNECT_S, READ_S),
                allow_redirects=False,
                stream=True,
            ) as answer:
                status = answer.status_code
        except (requests.RequestException, ValueError) as error:  # its words may hold the URL
            return f"the URL in {self._entry.url_env} did not answer ({type(error).__name__})"
        if status >= REFUSED_FROM:
            return f"the URL in {self._entry.url_env} answered {status}"
        return ""
