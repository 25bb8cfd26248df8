"""The escalation's thread: tells each line of the plan when it is due, in the process that is the engine."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from bot.announce import show_incident
from bot.escalation import pending, rows
from bot.escalation.lateness import Lateness
from bot.escalation.pending import Due
from bot.escalation.steady import Beat, steady_now
from bot.escalation.telling import Telling
from bot.oncall import Roster
from bot.plan.models import DrPlan
from bot.runs.proposal import said_by
from bot.store import incidents
from bot.store.database import Clock, Store, StoreDown, Tx, utc_now

POLL_S = 1.0
STANDS_STILL_MS = 60_000
TURNS_LIMIT = 40
WAITING = "nobody is told until the store answers"
_log = logging.getLogger(__name__)


class Escalation:
    """One a process; idle unless `ours` says that this process is the engine.

    What is due is decided by a clock that never jumps (`steady`); the wall clock only says it to people, and
    decides once after the machine was started anew or another one took over.
    """

    def __init__(
        self,
        store: Store,
        plan: DrPlan,
        telling: Telling,
        lateness: Lateness,
        roster: Callable[[], Roster],
        ours: Callable[[], bool],
        wall: Clock = utc_now,
        steady: Callable[[], Beat] = steady_now,
        poll_s: float = POLL_S,
    ) -> None:
        self._store = store
        self._plan = plan
        self._telling = telling
        self._lateness = lateness
        self._roster = roster
        self._ours = ours
        self._wall = wall
        self._steady = steady
        self._poll_s = poll_s
        self._bell = threading.Event()
        self._stopping = threading.Event()
        self._trouble = ""
        self._turned: Beat | None = None
        self._looked_ms: int | None = None
        self._apart_ms: int | None = None
        self._overdue: frozenset[tuple[int, int]] = frozenset()
        self._thread = threading.Thread(target=self._tick, name="escalation", daemon=True)

    def start(self) -> None:
        """Tell what fell due meanwhile, then wake every second and when a clock begins."""
        self._store.listen(rows.BELL, self._bell.set)
        self._bell.set()
        self._turned = self._steady()
        self._thread.start()

    def stop(self) -> None:
        """Tell nobody any more. Safe to call twice."""
        self._stopping.set()
        self._bell.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    @property
    def trouble(self) -> str:
        """Why people are not told in time, for `/readyz`; '' when all is well."""
        if self._trouble or self._turned is None or self._stopping.is_set():
            return self._trouble
        still_ms = self._steady().ms - self._turned.ms
        if still_ms <= STANDS_STILL_MS:
            return ""
        return f"nobody has been told anything for {still_ms // 1000} s: drbot has to be restarted"

    def _tick(self) -> None:
        while not self._stopping.is_set():
            self._bell.wait(self._poll_s)
            self._bell.clear()
            if self._stopping.is_set():
                return
            try:
                self._say(self.turn())
            except StoreDown as error:
                self._say(f"{WAITING}: {error}")
            except Exception as error:  # noqa: BLE001 - logged and on `/readyz`; the next turn tries again
                _log.exception("the escalation stumbled")
                self._say(f"people may not be told in time: {said_by(error)}")
            self._turned = self._steady()

    def turn(self) -> str:
        """Tell whatever is due; what is wrong, '' where nothing is. Raises StoreDown."""
        if not self._ours():
            return ""
        wall, beat = self._wall(), self._steady()
        lived_ms = None if self._looked_ms is None else max(0, beat.ms - self._looked_ms)
        pending.take_over(self._store, wall, beat, lived_ms)
        self._looked_ms = beat.ms
        self._look_at_the_wall(wall, beat)
        trouble = self._tell_all()
        self._show_overdue()
        self._lateness.turn(self._steady())
        return trouble

    def _tell_all(self) -> str:
        """Until nothing is due; a line that cannot be told keeps no other from being told."""
        failed: dict[tuple[int, int, int], str] = {}
        for _ in range(TURNS_LIMIT):
            found = pending.due(self._store, self._steady(), pending.AT_ONCE + len(failed))
            ahead = [one for one in found if _key(one) not in failed]
            if not ahead:
                break
            roster = self._roster()  # it may ask over the network: never inside the transaction
            for one in ahead:
                if self._stopping.is_set():
                    return ""
                failed |= self._tell(one, roster)
        return next(filter(None, failed.values()), "")

    def _show_overdue(self) -> None:
        """Cards say that an answer is overdue from that moment on, whether or not somebody is told then."""
        found = pending.overdue(self._store, self._steady())
        for number, _ in found - self._overdue:
            self._store.write(lambda tx, number=number: self._show(tx, number))  # type: ignore[misc]
        self._overdue = found

    def _tell(self, one: Due, roster: Roster) -> dict[tuple[int, int, int], str]:
        """Nothing where it was told; else the line that this turn leaves alone, and why."""
        try:
            return {} if self._telling.tell(one, self._steady(), roster) else {_key(one): ""}
        except StoreDown:
            raise
        except Exception as error:  # noqa: BLE001 - logged and on `/readyz`; the next turn tries again
            said = f"{one.step.tell} could not be told of INC-{one.incident}: {said_by(error)}"
            if said != self._trouble:  # once, not every second
                _log.exception("%s of INC-%s could not be told", one.step.tell, one.incident)
            return {_key(one): said}

    def _look_at_the_wall(self, wall: datetime, beat: Beat) -> None:
        """Where it was set, cards and rows say the moments anew; what is due stays when it was."""
        apart_ms = round(wall.timestamp() * 1000) - beat.ms
        if self._apart_ms is not None and abs(apart_ms - self._apart_ms) <= pending.A_JUMP_MS:
            return
        beyond, first = 0, True
        while first or beyond:
            first, at = False, beyond
            beyond = self._store.write(lambda tx, at=at: self._set_right(tx, wall, beat, at))  # type: ignore[misc]
        self._apart_ms = apart_ms

    def _set_right(self, tx: Tx, wall: datetime, beat: Beat, beyond: int) -> int:
        moved, beyond = pending.set_right(tx, wall, beat, beyond)
        for number in moved:
            self._show(tx, number)
        if moved:
            _log.warning("the wall clock was set: %d response clocks say their moments anew", len(moved))
        return beyond

    def _show(self, tx: Tx, number: int) -> None:
        found = incidents.find(tx, number)
        if found is not None:
            show_incident(tx, self._plan, found.incident)

    def _say(self, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            _log.error("%s", trouble)
        self._trouble = trouble


def _key(one: Due) -> tuple[int, int, int]:
    return one.incident, one.round, one.step.number
