"""The thread that folds what PagerDuty told: stored by the intake, applied here, in the order it happened."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

from bot.domain.pager import PagerEvent
from bot.paging.hearing import Heard, Hearing
from bot.paging.who import Who
from bot.store import pages as rows
from bot.store.database import Store, StoreDown, Tx, from_iso, iso

BATCH = 200
RETRY_S = 1.0
POLL_S = 5.0
KEPT = timedelta(days=7)
"""Folded events are kept so long: PagerDuty sends one again for at most two days."""
WAITING = "what PagerDuty told waits until the store can write again"
STUMBLED = "what PagerDuty told is not applied"
_log = logging.getLogger(__name__)


class Answers:
    """One a process. Killed anywhere, an event is applied once: it is marked in the transaction that does."""

    def __init__(self, store: Store, hearing: Hearing, who: Who) -> None:
        self._store = store
        self._hearing = hearing
        self._who = who
        self._trouble = ""
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._fold_for_ever, name="pager-answers", daemon=True)

    def start(self) -> None:
        """Fold what a crash left, then whatever arrives. Not to be called twice."""
        self._store.listen("pages", self._wake.set)
        self._store.listen("incidents", self._wake.set)
        self._wake.set()
        self._thread.start()

    def stop(self) -> None:
        """Finish the event under way. Safe to call twice."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    @property
    def trouble(self) -> str:
        """Why something that PagerDuty told is not applied, for `/readyz`; '' when all is well."""
        return self._trouble

    def fold_once(self) -> int:
        """Apply what waits, in order; how much was applied. Raises StoreDown; nothing is lost then."""
        done = 0
        for event in rows.events_waiting(self._store, BATCH):
            done += self._fold(event)
        return done

    def _fold(self, event: PagerEvent) -> bool:
        by = self._who.did(event.agent)
        try:
            heard = self._store.write(lambda tx: self._hearing.hear(tx, event, by))
        except StoreDown:
            raise
        except Exception as error:  # noqa: BLE001 - told on `/readyz` and in the log, and set aside
            named = f"{event.told.value} of {event.page} ({event.key})"
            _log.exception("what PagerDuty told could not be applied: %s", named)
            self._trouble = (
                f"PagerDuty's {named[:200]} could not be applied ({type(error).__name__}): see the log"
            )
            self._store.write(lambda tx: rows.take_event(tx, event.key))
            return True
        if heard is Heard.NOBODYS:
            _log.info("PagerDuty told of %s, which is no page of an incident here", event.page)
        return heard is not Heard.WAITS

    def _fold_for_ever(self) -> None:
        self._forget()
        while not self._stopping.is_set():
            self._wake.wait(POLL_S)
            self._wake.clear()
            try:
                while not self._stopping.is_set() and self.fold_once():
                    pass
                if self._trouble == WAITING or self._trouble.startswith(STUMBLED):
                    self._trouble = ""
            except StoreDown as error:
                _log.error("%s: %s", WAITING, error)
                self._trouble = WAITING
                self._wake.set()
                self._stopping.wait(RETRY_S)
            except Exception as error:  # noqa: BLE001 - logged and on `/readyz`; the next turn tries again
                _log.exception("what PagerDuty told could not be read")
                self._trouble = f"{STUMBLED} ({type(error).__name__}): see the log"

    def _forget(self) -> None:
        def work(tx: Tx) -> None:
            rows.forget_events(tx, iso(from_iso(tx.now) - KEPT))

        try:
            self._store.write(work)
        except StoreDown as error:
            _log.warning("old events of PagerDuty are not forgotten yet: %s", error)
