"""The clockwork: a thread that sleeps, wakes and hands on what is due, in the process that is the engine."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from bot.runs.proposal import said_by
from bot.schedules.answering import Answers
from bot.schedules.heartbeat import Heartbeat
from bot.schedules.noticing import Notices
from bot.store.database import Store, StoreDown
from bot.store.schedules import Answer

POLL_S = 2.0
SLOWLY_S = 30.0
AT_ONCE = 3
HANGS_S = 3_600.0
"""Longer than any survey or copy of drbot's memory takes: whoever asks so long will not come back."""
WAITING = "schedules wait until the store answers"
_log = logging.getLogger(__name__)


class Clockwork:
    """One a process; idle unless `ours` says that this process is the engine.

    `slowly` are other rooms' own looks, taken every half minute: quick, and safe to repeat.
    """

    def __init__(
        self,
        store: Store,
        answers: Answers,
        notices: Notices,
        ours: Callable[[], bool],
        heartbeat: Heartbeat | None = None,
        poll_s: float = POLL_S,
        slowly_s: float = SLOWLY_S,
        hangs_s: float = HANGS_S,
        slowly: Sequence[Callable[[], object]] = (),
    ) -> None:
        self._store = store
        self._answers = answers
        self._notices = notices
        self._ours = ours
        self._heartbeat = heartbeat
        self._poll_s = poll_s
        self._slowly_s = slowly_s
        self._hangs_s = hangs_s
        self._slowly = (notices.slowly, *slowly)
        self._slow_next = float("-inf")
        self._bell = threading.Event()
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(AT_ONCE, "schedule")
        self._changed = threading.Lock()
        self._busy: dict[str, float] = {}
        self._trouble = ""
        self._whole = True
        self._failing: dict[str, str] = {}
        self._thread = threading.Thread(target=self._tick, name="clockwork", daemon=True)

    def start(self) -> None:
        """Catch up what was missed, then wake every two seconds and when a run changes."""
        self._store.listen("walks", self._bell.set)
        self._bell.set()
        self._thread.start()

    def mind(self, check: Callable[[], str]) -> None:
        """One more part without which drbot is not well: the heartbeat ends once it has been ill for long."""
        if self._heartbeat is not None:
            self._heartbeat.mind(check)

    def stop(self) -> None:
        """Begin nothing new. Safe to call twice."""
        self._stopping.set()
        self._bell.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)
        self._pool.shutdown(wait=False, cancel_futures=True)

    @property
    def trouble(self) -> str:
        """Why schedules are not kept, for `/readyz`; '' when all is well."""
        return self._trouble or self._stuck()

    @property
    def heart(self) -> str:
        """Why there is no heartbeat, for `/readyz`; '' when it beats or none is wanted."""
        if self._heartbeat is None or not self._ours():
            return ""
        return self._heartbeat.trouble

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
                _log.exception("the clockwork stumbled")
                self._say(f"schedules are not kept: {said_by(error)}")

    def turn(self) -> str:
        """One look at the clock and at the rows; what is wrong, '' where nothing is. Raises StoreDown."""
        if not self._ours():
            return ""
        whole, self._whole = self._whole, False
        if self._heartbeat is not None:
            self._heartbeat.turn(self._unkept(whole))
        due, distrusted = self._answers.due()
        for one in due:
            self._hand_on(one)
        self._notices.turn()
        if time.monotonic() >= self._slow_next:
            for look in self._slowly:
                look()
            self._slow_next = time.monotonic() + self._slowly_s
        told = self._notices.distrust(distrusted)
        self._whole = True
        return told

    def _unkept(self, whole: bool) -> str:
        """What nobody would hear of: a clock that is not trusted is told, a turn that breaks may never be."""
        if not whole:
            return self._trouble or "the clockwork's last turn broke"
        return self._stuck()

    def _stuck(self) -> str:
        """A schedule that cannot be answered, or whose answer never comes."""
        late_s = time.monotonic() - self._hangs_s
        with self._changed:
            hanging = [name for name, since_s in self._busy.items() if since_s <= late_s]
            failing = next(iter(self._failing.values()), "")
        if failing or not hanging:
            return failing
        return (
            f"the schedule {hanging[0]} was asked for, and nothing has come of it: drbot has to be restarted"
        )

    def _hand_on(self, wanted: Answer) -> None:
        """Let a thread ask: a survey may take its time, and no other schedule waits for it."""
        with self._changed:
            if wanted.name in self._busy or self._stopping.is_set():
                return
            self._busy[wanted.name] = time.monotonic()
        self._pool.submit(self._answer, wanted)

    def _answer(self, wanted: Answer) -> None:
        trouble = ""
        try:
            self._answers.answer(wanted)
        except StoreDown as error:
            trouble = f"{WAITING}: {error}"
        except Exception as error:  # noqa: BLE001 - logged and on `/readyz`; the next turn tries again
            _log.exception("the schedule %s could not be answered", wanted.name)
            trouble = f"the schedule {wanted.name} is not kept: {said_by(error)}"
        with self._changed:
            self._busy.pop(wanted.name, None)
            self._failing.pop(wanted.name, None)
            if trouble:
                self._failing[wanted.name] = trouble
        if not trouble:
            self._bell.set()

    def _say(self, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            _log.error("%s", trouble)
        self._trouble = trouble
