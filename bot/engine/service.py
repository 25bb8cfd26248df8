"""The engine as a service: holds the lease, hears of approvals, starts and resumes runs, drains."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from actions.plan import AnyAction
from actions.tools.toolbox import Toolbox
from bot.domain.run import Run, RunState
from bot.engine.durable import Durable
from bot.engine.lease import LEASE_S, Holder, Lease
from bot.engine.ledger import Ledger
from bot.engine.life import Lives
from bot.engine.phase import Patience
from bot.runs import Runs
from bot.runs.proposal import said_by
from bot.store import runs as rows
from bot.store.database import Clock, Store, iso, utc_now
from bot.store.identity import identity
from bot.store.runs import Lock

POLL_S = 1.0
TIDY_EVERY_S = 15.0
HALT_S = 5.0
_log = logging.getLogger(__name__)


def system_url(database_url: str) -> str:
    """Where the workflows are kept: a file beside the bot's own, or the same PostgreSQL (schema `dbos`)."""
    scheme, mark, path = database_url.partition(":///")
    if scheme != "sqlite" or not mark:
        return database_url.replace("postgres://", "postgresql://", 1)
    file = PurePosixPath(path)
    return f"sqlite:///{file.with_name(file.stem + '-engine.db')}"


@dataclass(frozen=True)
class EngineStatus:
    """For `/readyz` and `status`. `stranded`: workflows that no engine of this version resumes, an alarm."""

    ours: bool
    holder: str
    running: tuple[int, ...] = ()
    locks: tuple[Lock, ...] = ()
    stranded: tuple[str, ...] = ()
    problem: str = ""

    @property
    def ready(self) -> bool:
        """Whether an approved run would be executed, here or by the engine of another process."""
        return bool(self.holder) and not self.problem


class Engine:
    """One a process, one working among all processes of a store; the others stand by."""

    def __init__(
        self,
        store: Store,
        runs: Runs,
        toolbox: Toolbox,
        actions: Mapping[str, AnyAction],
        system_url: str,
        *,
        clock: Clock = utc_now,
        poll_s: float = POLL_S,
        lease_s: float = LEASE_S,
        backoff_s: float = 0.5,
    ) -> None:
        self._store = store
        self._runs = runs
        self._clock = clock
        self._poll_s = poll_s
        self._lease_s = lease_s
        self._lease = Lease(store, Holder.here(), lease_s)
        self._patience = Patience(backoff_s)
        self._ledger = Ledger(store, self._lease, runs.channel, self._patience, runs.note_end)
        self._durable = Durable(system_url, lambda run: self._lives.live(run))
        self._lives = Lives(self._ledger, toolbox, actions, self._patience, self._durable.step)
        self._bell = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._renewed = self._tidied = float("-inf")
        self._missing: dict[int, float] = {}
        self._stranded: tuple[str, ...] = ()
        self._problem = ""

    def start(self, standby: bool = True) -> bool:
        """Take the lease, launch, resume what was broken off; whether this process is the engine now.

        With `standby` (a serving bot) it keeps trying when another process is the engine or something is
        out of reach, and says so on `status`. Without (a shell) it raises, or returns False at once.
        """
        try:
            ours = self._turn()
        except Exception as error:
            if not standby:
                self._durable.stop()
                raise
            self._trouble(error)
            ours = False
        if ours or standby:
            self._store.listen("runs", self._bell.set)
            self._thread = threading.Thread(target=self._serve, name="engine", daemon=True)
            self._thread.start()
        return ours

    def stop(self, drain_s: float = 10.0) -> bool:
        """Begin nothing new, let what runs end, else halt it for the next engine. Whether all ended."""
        self._stopping.set()
        self._bell.set()
        if self._thread is not None:
            self._thread.join(timeout=30)
        drained = self._lives.wait_idle(drain_s)
        if not self._patience.halt.done():
            self._patience.halt.set_result(None)
        self._lives.wait_idle(HALT_S)
        launched = self._durable.launched
        self._durable.stop()
        if launched and drained and not self._lives.strays:
            self._lease.give_back()
        return drained

    @property
    def living(self) -> frozenset[int]:
        """The runs that this process works on now."""
        return self._lives.living

    @property
    def ours(self) -> bool:
        """Whether this process is the engine now."""
        return self._durable.launched

    def status(self) -> EngineStatus:
        """What runs, who holds the lease, what is stuck. Raises StoreDown."""
        holder = self._lease.holder(iso(self._clock()))
        return EngineStatus(
            ours=self._durable.launched,
            holder=f"{holder.host} pid {holder.pid}" if holder else "",
            running=tuple(run.id for run in rows.in_states(self._store, RunState.RUNNING)),
            locks=tuple(rows.locks(self._store)),
            stranded=self._stranded,
            problem=self._problem,
        )

    def _serve(self) -> None:
        while not self._stopping.is_set():
            self._bell.wait(self._poll_s)
            self._bell.clear()
            if self._stopping.is_set():
                return
            try:
                self._turn()
                self._problem = ""
            except Exception as error:  # noqa: BLE001 - logged and on `status`; the next turn tries again
                self._trouble(error)

    def _turn(self) -> bool:
        """One look around: the lease, what was approved, what is too late, what was lost."""
        if not self._hold_lease():
            return False
        if not self._durable.launched:
            self._ledger.free_targets_of_ended(spare=frozenset())
            self._durable.launch(identity(self._store))
            _log.info("this process is the engine now")
        living = self._lives.living
        for run in rows.in_states(self._store, RunState.APPROVED):
            if run.id not in living:
                self._start(run)
        self._runs.expire()
        if time.monotonic() - self._tidied >= TIDY_EVERY_S:
            self._tidied = time.monotonic()
            self._tidy()
        return True

    def _hold_lease(self) -> bool:
        if self._durable.launched and time.monotonic() - self._renewed < self._lease_s / 3:
            return True
        ours = self._lease.take()
        if ours:
            self._renewed = time.monotonic()
        elif self._durable.launched:
            _log.error("the lease went to another process; this engine stands by")
            self._durable.stop()
        return ours

    def _start(self, run: Run) -> None:
        if self._durable.fate(run.id) == "absent":
            self._durable.start(run.id)

    def _tidy(self) -> None:
        """Every run that should be alive is, or is ended with the reason: none hangs with its lock."""
        self._stranded = self._durable.stranded()
        if self._stranded:
            _log.error("workflows of another version are left behind: %s", ", ".join(self._stranded))
        lost: dict[int, float] = {}
        for run in rows.in_states(self._store, RunState.APPROVED, RunState.RUNNING):
            if run.id in self._lives.living:
                continue
            fate = self._durable.fate(run.id)
            if fate == "absent":
                self._durable.start(run.id)
            elif fate == "ended":
                self._lives.lose(run.id, "its workflow ended without a word")
            elif run.id in self._missing:
                self._durable.resume(run.id)
            else:
                lost[run.id] = time.monotonic()
        self._missing = lost

    def _trouble(self, error: Exception) -> None:
        said = said_by(error)
        if said != self._problem:
            _log.error("the engine has trouble: %s", said)
        self._problem = said
