"""What drbot notices while nobody asks, raised and cleared as alarms of its own.

A scheduled run that was not done; a drill that failed or is overdue; no good backup for longer than the
plan allows; monitoring that has fallen silent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable
from datetime import timedelta
from typing import TypeAlias

from bot.alarms import ONCE, Alarm, Alarms
from bot.domain.drill import Drill, DrillState
from bot.domain.drill_due import drill_due
from bot.domain.run import Run, RunState
from bot.domain.standing import Board
from bot.drills.proof import newest_proof, proves_recovery
from bot.plan.fields import FREQUENCY_DAYS
from bot.plan.models import DrPlan
from bot.schedules.answering import never_began
from bot.schedules.freshness import Freshness
from bot.schedules.silence import Watchdogs
from bot.store import drills as drill_rows
from bot.store import runs as run_rows
from bot.store import schedules as rows
from bot.store.database import Clock, Store, from_iso
from bot.store.schedules import Answer

RUN_FAILED = "DrbotScheduledRunFailed"
DRILL_FAILED = "DrbotDrillFailed"
DRILL_OVERDUE = "DrbotDrillOverdue"
CLOCK_BEHIND = "DrbotClockBehind"
OVERDUE_GRACE = timedelta(days=1)
"""A drill on a schedule of its own passes a little later than a month after the last one began."""
OVERDUE_AGAIN = timedelta(days=1)
_ENDED_BADLY = (RunState.FAILED, RunState.STOPPED, RunState.REFUSED, RunState.UNDONE)
Look: TypeAlias = "Callable[[], Board | None]"


class Notices:
    """Looks at rows and at the board; each look is quick and safe to repeat. Raises StoreDown."""

    def __init__(
        self,
        store: Store,
        plan: DrPlan,
        alarms: Alarms,
        clock: Clock,
        board: Look,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._plan = plan
        self._alarms = alarms
        self._clock = clock
        self._board = board
        self._backups = Freshness(plan, alarms, steady)
        self._watchdogs = Watchdogs(store, plan, alarms, steady)
        self._told: dict[str, Hashable] = {}

    def turn(self) -> None:
        """What is told as soon as it is so: how scheduled runs and drills ended."""
        for answer in rows.all_answers(self._store).values():
            if answer.name in self._plan.schedules:
                self._schedule(answer)
        tests = self._plan.testing.tests if self._plan.testing else {}
        for name, test in tests.items():
            if test.does:
                self._drill(name, drill_rows.newest(self._store, name))

    def slowly(self) -> None:
        """What need not be looked at every second: silence, overdue drills, and the readiness board."""
        self._watchdogs.turn()
        tests = self._plan.testing.tests if self._plan.testing else {}
        for name, test in tests.items():
            if test.does:
                self._overdue(name, test.title, FREQUENCY_DAYS[test.every])
        self._backups.turn(self._board())

    def distrust(self, names: Iterable[str]) -> str:
        """The clock stands before what these schedules answered: what that means, '' where there is none."""
        behind = sorted(names)
        if not behind:
            self._once("clock", (), lambda: self._alarms.clear(CLOCK_BEHIND, "clock"))
            return ""
        titles = ", ".join(f"“{self._plan.schedules[name].title}”" for name in behind)
        said = (
            f"the clock stands at {self._clock():%Y-%m-%d %H:%M} UTC, and {titles} answered moments that come"
            " later: the clock is behind now, or it was ahead then. Nothing of it is done until the clock has"
            " run steadily for 10 minutes, or is past them"
        )
        alarm = Alarm(
            CLOCK_BEHIND,
            "clock",
            f"Schedules stand still: {said}",
            "See that the clock of drbot's host is right (NTP). Whatever cannot wait is asked for by hand.",
        )
        self._told.pop("clock", None)
        self._alarms.raise_alarm(alarm)
        return said

    def _schedule(self, answer: Answer) -> None:
        run = run_rows.get(self._store, answer.run) if answer.run is not None else None
        state = run.state if run else None
        trouble = _trouble(answer, run)
        if trouble:
            alarm = self._failed(answer, run, trouble)
            self._once(answer.name, (answer, state), lambda: self._alarms.raise_alarm(alarm))
        elif answer.outcome == "done" or answer.drill is not None or state is RunState.VERIFIED:
            self._once(answer.name, (answer, state), lambda: self._alarms.clear(RUN_FAILED, answer.name))

    def _failed(self, answer: Answer, run: Run | None, trouble: str) -> Alarm:
        entry = self._plan.schedules[answer.name]
        component = run.target.partition("/")[2] if run else ""
        environment = run.environment if run else entry.params.get("environment", "")
        helps = f"show {run.ref}" if run else f"run {entry.action}" if entry.action else entry.does
        return Alarm(
            RUN_FAILED,
            answer.name,
            f"{entry.title} was not done on schedule: {trouble}",
            f"Due at {answer.due_at[:16]}Z. Look with `{helps}`; it is tried again when it is due next.",
            component if component in self._plan.components else "",
            environment if environment in self._plan.environments else "",
            {"due": answer.due_at},
            ONCE,
        )

    def _drill(self, name: str, drill: Drill | None) -> None:
        if drill is None or drill.state is DrillState.UNDER_WAY:
            return
        self._once(f"drill:{name}", drill.id, lambda: self._tell_drill(name, drill))

    def _tell_drill(self, name: str, drill: Drill) -> None:
        if proves_recovery(self._plan, drill):
            self._alarms.clear(DRILL_FAILED, name)
            return
        alarm = Alarm(
            DRILL_FAILED,
            name,
            f"{drill.title} failed in rehearsal ({drill.ref}): {drill.said}",
            f"What it rehearses may fail when it is needed. Mend it, then hold it again with `drill {name}`.",
            labels={"drill": drill.ref},
            again=ONCE,
        )
        self._alarms.raise_alarm(alarm)

    def _overdue(self, name: str, title: str, every_days: int) -> None:
        due = drill_due(every_days, newest_proof(self._store, self._plan, name), self._clock())
        late = due.overdue
        if due.never:
            # drbot's memory began then: before, nobody could hold it here.
            begun = self._store.read("SELECT at FROM journal ORDER BY seq LIMIT 1")
            since = self._clock() - from_iso(begun[0][0]) if begun else timedelta()
            late = max(timedelta(), since - timedelta(days=every_days))
        if late <= OVERDUE_GRACE:
            self._alarms.clear(DRILL_OVERDUE, name)
            return
        self._alarms.raise_alarm(
            Alarm(
                DRILL_OVERDUE,
                name,
                f"{title} is overdue: it should have passed {late.days} days ago",
                f"Hold it with `drill {name}`. Until it passes nobody knows whether the recovery works.",
                again=OVERDUE_AGAIN,
            )
        )

    def _once(self, key: str, state: Hashable, say: Callable[[], object]) -> None:
        """Say it when it has changed, not every second. What could not be said is said the next time."""
        if self._told.get(key) != state:
            say()
            self._told[key] = state


def _trouble(answer: Answer, run: Run | None) -> str:
    """Why what was due was not done, '' where it was, or where that is still open."""
    if answer.outcome in ("missed", "refused", "failed"):
        return answer.said
    if run is None or run.state not in _ENDED_BADLY or run.undone_by is not None or never_began(run):
        return ""
    return f"{run.ref} ended {run.state.value}: {run.outcome}"
