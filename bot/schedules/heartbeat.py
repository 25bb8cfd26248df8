"""The heartbeat: a URL of the plan is asked while all is well, so that its silence tells of drbot's end."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeAlias

import requests

from bot.plan.recovery import HeartbeatEntry
from bot.runs.proposal import said_by
from bot.store.database import StoreDown

CONNECT_S, READ_S = 3.0, 5.0
REFUSED_FROM = 400
LASTING_S = 300.0
Check: TypeAlias = "Callable[[], str]"
_log = logging.getLogger(__name__)


class Lasting:
    """Trouble of one part that is told once it has lasted: what mends itself meanwhile is no end of drbot."""

    def __init__(self, check: Check, steady: Callable[[], float], lasting_s: float = LASTING_S) -> None:
        self._check = check
        self._steady = steady
        self._lasting_s = lasting_s
        self._since_s: float | None = None

    def __call__(self) -> str:
        """'' while it is well, or has not been ill for so long."""
        try:
            said = self._check()
        except TimeoutError:
            said = "it does not say how it is"
        if not said:
            self._since_s = None
            return ""
        if self._since_s is None:
            self._since_s = self._steady()
        return said if self._steady() - self._since_s >= self._lasting_s else ""


class Heartbeat:
    """Asks the URL every so often. The URL is a secret: no sentence of this shows any of it.

    `well` says '' while drbot can do its work and be heard; otherwise there is no beat, which is the point of
    it. Without a URL it does nothing: that it is missing is said with the other settings.
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
        self._minded: list[Lasting] = []
        self._steady = steady
        self._next = float("-inf")
        self._trouble = ""

    @property
    def trouble(self) -> str:
        """Why there was no beat the last time, '' where there was; for `/readyz` and `status`."""
        return self._trouble

    def mind(self, check: Check) -> None:
        """One more part to be well: what is wrong with it ends the beat once it has lasted five minutes."""
        self._minded.append(Lasting(check, self._steady))

    def turn(self, unwell: str = "") -> None:
        """Beat if it is time. Takes as long as the URL takes, a few seconds at most; never raises.

        `unwell` is what whoever keeps the beat found wrong with itself.
        """
        if not self._url or self._steady() < self._next:
            return
        self._next = self._steady() + self._entry.every
        unwell = unwell or self._found()
        self._trouble = f"no heartbeat is sent: {unwell}" if unwell else self._beat()

    def _found(self) -> str:
        try:
            minded = [one() for one in self._minded]  # each is asked each time: they count from then
            return self._well() or next(filter(None, minded), "")
        except StoreDown as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - a check that breaks is the finding: there is no beat
            _log.exception("a check of the heartbeat broke")
            return said_by(error)

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
