"""Durable workflows on DBOS, and the only file that knows it.

What DBOS keeps is which phases of a run have an outcome; what happened is in the journal. DBOS is one a
process, so two engines in one process refuse each other.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

Fate: TypeAlias = Literal["absent", "pending", "ended"]
Outcome: TypeAlias = Mapping[str, str]

# Recovery takes up workflows of this version only. Raise it when the order of durable steps in
# bot.engine.life changes, and drain first: what is left behind is alarmed on as stranded.
WORKFLOW_VERSION = "runs-1"
EXECUTOR = "drbot"
RECOVERIES = 1_000
_UNFINISHED = ["PENDING", "ENQUEUED", "DELAYED"]
_one_a_process = threading.Lock()


class Halted(BaseException):
    """This process stops working on the run; it stays pending and the next engine resumes it.

    Not an Exception: DBOS records those as the end of a workflow, and lets this one through.
    """


class Durable:
    """Workflows named `run-<id>@<memory>` in the system database, each living one run.

    `memory` is the store's identity: a store begun anew counts its runs from 1 again, and the workflows of
    the old one must neither be taken for its own nor be resumed in it.
    """

    def __init__(self, system_url: str, live: Callable[[int], None]) -> None:
        self._system_url = system_url
        self._live = live
        self._memory = ""
        self._workflow: Callable[[int], None] | None = None

    @property
    def launched(self) -> bool:
        return self._workflow is not None

    @property
    def _version(self) -> str:
        return f"{WORKFLOW_VERSION}@{self._memory}"

    def launch(self, memory: str) -> None:
        """Open the system database (made where it is missing) and resume what was broken off.

        Raises RuntimeError where this process has an engine already, and whatever the database says.
        """
        if not _one_a_process.acquire(blocking=False):
            raise RuntimeError("another engine runs in this process: stop it first")
        self._memory = memory
        try:
            self._workflow = self._launch()
        except BaseException:
            self._destroy()
            raise

    def _launch(self) -> Callable[[int], None]:
        log = logging.getLogger("dbos")
        if not log.handlers:
            log.addHandler(logging.NullHandler())  # else it writes to the terminal by itself
        log.setLevel(logging.WARNING)
        from dbos import DBOS  # late: half a second that a shell command without an engine need not pay

        DBOS(
            config={
                "name": f"drbot-{self._memory}",
                "system_database_url": self._system_url,
                "application_version": self._version,  # DBOS wants it unique in a system database
                "executor_id": EXECUTOR,
                "log_level": "WARNING",
                "enable_otlp": False,
                "notification_listener_polling_interval_sec": 0.25,  # also how fast it shuts down
            }
        )
        live = self._live

        @DBOS.workflow(name="drbot-run", max_recovery_attempts=RECOVERIES)
        def live_run(run: int) -> None:
            live(run)

        DBOS.launch()
        return live_run

    def start(self, run: int) -> None:
        """Begin the run's workflow. Safe to repeat: one id is one workflow."""
        from dbos import DBOS, SetWorkflowID

        if self._workflow is None:
            raise RuntimeError("the engine is not launched")
        with SetWorkflowID(self._workflow_id(run)):
            DBOS.start_workflow(self._workflow, run)

    def step(self, name: str, work: Callable[[], Outcome]) -> Outcome:
        """Inside a workflow: do it and keep its outcome, or return the outcome that was kept."""
        from dbos import DBOS

        return DBOS.run_step({"name": name}, work)

    def resume(self, run: int) -> None:
        """Take up a pending workflow that nobody in this process lives any more."""
        from dbos import DBOS

        DBOS.resume_workflow(self._workflow_id(run))

    def fate(self, run: int) -> Fate:
        """What has become of the run's workflow."""
        from dbos import DBOS

        status = DBOS.get_workflow_status(self._workflow_id(run))
        if status is None:
            return "absent"
        return "pending" if status.status in _UNFINISHED else "ended"

    def stranded(self) -> tuple[str, ...]:
        """Unfinished workflows that this version will never take up: a person must look at them."""
        from dbos import DBOS

        unfinished = DBOS.list_workflows(status=_UNFINISHED, load_input=False, load_output=False, limit=500)
        ours = f"@{self._memory}"
        return tuple(
            f"{found.workflow_id} of version {found.app_version}"
            for found in unfinished
            if found.app_version not in (None, self._version) and found.workflow_id.endswith(ours)
        )

    def stop(self) -> None:
        """Close the system database. Workflows that still live stay pending. Safe to call twice."""
        if self.launched:
            self._workflow = None
            self._destroy()

    def _workflow_id(self, run: int) -> str:
        return f"run-{run}@{self._memory}"

    def _destroy(self) -> None:
        from dbos import DBOS

        try:
            DBOS.destroy(destroy_registry=True)
        finally:
            _one_a_process.release()
