"""Stored alerts become incidents: judged, joined to one trouble, journalled and shown, in one transaction.

Intake only stores; this folds what is stored and not yet judged, in bounded batches, so a storm never
holds up the answer to a monitor and a crash in between loses nothing: the rows are still there.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from bot.announce import OnResolve
from bot.correlation.batch import Batch, Judged, Unjudged, set_aside
from bot.domain.alert import Alert
from bot.plan.models import DrPlan
from bot.store import incidents as rows
from bot.store.database import Store, StoreDown

BATCH = 500
# Small, so that a monitor's answer never waits for it; enough that a rush cannot hide what it began with.
BATCH_IN_A_RUSH = 100
RETRY_S = 1.0
WAITING = "stored alerts wait to become incidents until the store can write again"
GIVE_WAY_S = 0.25
# Waits, at most so many seconds, until intake has nothing left to store: answering monitors goes first.
Calm: TypeAlias = "Callable[[float], bool]"
_log = logging.getLogger(__name__)


def _always_calm(timeout_s: float) -> bool:
    del timeout_s
    return True


class Judge(Protocol):
    """Triage: pure, quick, never raises."""

    def judge(self, alert: Alert) -> Judged: ...


class Correlator:
    """Folds unjudged alerts in a thread of its own, woken by the bell `alerts`."""

    def __init__(
        self, store: Store, plan: DrPlan, judge: Judge, on_resolve: OnResolve, calm: Calm = _always_calm
    ) -> None:
        self._calm = calm
        self._store = store
        self._plan = plan
        self._judge = judge
        self._on_resolve = on_resolve
        self._trouble = ""
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._fold_for_ever, name="correlator", daemon=True)

    def start(self) -> None:
        """Fold what a crash left, then whatever arrives."""
        self._store.listen("alerts", self._wake.set)
        self._wake.set()
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch under way. Safe to call twice."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    @property
    def trouble(self) -> str:
        """Why stored alerts are not incidents yet, for `/readyz`; '' when all is well."""
        return self._trouble

    def fold_once(self) -> int:
        """Fold one batch; how many alerts it held. Raises StoreDown; nothing is lost then."""
        waiting = self._waiting(BATCH if self._calm(GIVE_WAY_S) else BATCH_IN_A_RUSH)
        try:
            self._fold(waiting)
        except StoreDown:
            raise
        except Exception:  # noqa: BLE001 - one bad alert must not stand before all that come after it
            _log.exception("a batch of %d alerts could not be folded; each is tried alone", len(waiting))
            for one in waiting:
                self._fold_alone(one)
        return len(waiting)

    def _fold(self, waiting: Sequence[Unjudged]) -> None:
        if waiting:
            judged = [(one, self._judge.judge(one.alert)) for one in waiting]
            self._store.write(lambda tx: Batch(tx, self._plan, self._on_resolve).fold(judged))

    def _fold_alone(self, one: Unjudged) -> None:
        try:
            self._fold([one])
        except StoreDown:
            raise
        except Exception:  # noqa: BLE001 - told on `/readyz` and in the log, and set aside
            named = f"{one.alert.name[:80]} ({one.alert.source} {one.alert.fingerprint})"
            _log.exception("the alert %s could not be folded: it stays stored and is set aside", named)
            self._trouble = f"the alert {named} could not be made an incident; look at it by hand"
            self._store.write(lambda tx: set_aside(tx, one))

    def _fold_for_ever(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait()
            self._wake.clear()
            try:
                while not self._stopping.is_set() and self.fold_once():
                    pass
                if self._trouble == WAITING:
                    self._trouble = ""
            except StoreDown as error:
                _log.error("%s: %s", WAITING, error)
                self._trouble = WAITING
                self._wake.set()
                self._stopping.wait(RETRY_S)

    def _waiting(self, limit: int) -> Sequence[Unjudged]:
        found = self._store.read(
            "SELECT incident, truncated, last_seen, source, fingerprint, status, starts_at, ends_at, labels,"
            " annotations, url, grouped FROM alerts WHERE judged = 0 ORDER BY last_seen LIMIT ?",
            (limit,),
        )
        return [Unjudged(rows.alert_of(row[3:]), row[0], row[1], row[2]) for row in found]
