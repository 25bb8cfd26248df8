"""The thread that looks what is due outside, in the process that is the engine."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from bot.outside.reminding import Reminders
from bot.runs.proposal import said_by
from bot.store.database import Store, StoreDown

POLL_S = 2.0
WAITING = "nobody is reminded of what is due outside until the store answers"
_log = logging.getLogger(__name__)


class OutsideClock:
    """One a process; idle unless `ours` says that this process is the engine."""

    def __init__(
        self, store: Store, reminders: Reminders, ours: Callable[[], bool], poll_s: float = POLL_S
    ) -> None:
        self._store = store
        self._reminders = reminders
        self._ours = ours
        self._poll_s = poll_s
        self._bell = threading.Event()
        self._stopping = threading.Event()
        self._trouble = ""
        self._thread = threading.Thread(target=self._tick, name="outside", daemon=True)

    def start(self) -> None:
        """Catch up what fell due meanwhile, then wake every two seconds and when something was sent."""
        self._store.listen("outbound", self._bell.set)
        self._bell.set()
        self._thread.start()

    def stop(self) -> None:
        """Remind nobody any more. Safe to call twice."""
        self._stopping.set()
        self._bell.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    @property
    def trouble(self) -> str:
        """Why people are not reminded, for `/readyz`; '' when all is well."""
        return self._trouble

    def _tick(self) -> None:
        while not self._stopping.is_set():
            self._bell.wait(self._poll_s)
            self._bell.clear()
            if self._stopping.is_set():
                return
            try:
                if self._ours():
                    self._reminders.turn()
                self._say("")
            except StoreDown as error:
                self._say(f"{WAITING}: {error}")
            except Exception as error:  # noqa: BLE001 - logged and on `/readyz`; the next turn tries again
                _log.exception("what is due outside could not be looked at")
                self._say(f"people may not be reminded of what is due outside: {said_by(error)}")

    def _say(self, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            _log.error("%s", trouble)
        self._trouble = trouble
