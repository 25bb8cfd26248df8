"""Answers each schedule of the plan once a moment that it is due: by a run, a drill, or a sentence.

Whatever is asked for carries the schedule and the moment as its request, so that a bot that was killed
between deciding and asking, or between asking and noting it, does neither twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from bot.domain.answer import Refusal, UsageError
from bot.domain.drill import DrillState
from bot.domain.run import Run, RunState
from bot.domain.schedule import Answered, Call, by_clock, by_event, schedule_id
from bot.plan.models import DrPlan
from bot.plan.recovery import SELF_BACKUP, ScheduleEntry
from bot.runs import Runs
from bot.runs.asking import HeldBack
from bot.runs.proposal import Unsure, said_by
from bot.schedules.record import FIRST_SEEN, SAID_LIMIT, Record, missed, short
from bot.schedules.steadiness import Steadiness
from bot.store import drills as drill_rows
from bot.store import runs as run_rows
from bot.store import schedules as rows
from bot.store.database import Clock, Store, StoreDown, from_iso, iso
from bot.store.schedules import Answer

FIRST_PAUSE_S = 30.0
LONGEST_PAUSE_S = 300.0
TRUSTED_AFTER_S = 600.0
A_MOMENT = timedelta(seconds=1)
HoldDrill: TypeAlias = "Callable[[str, str, str], int]"
"""Begin a drill: its name, the schedule's, the request key; its number. Safe to repeat with one key."""
PostDigest: TypeAlias = "Callable[[Literal['weekly', 'monthly'], str, str], str]"
"""Post the digest of the last whole period before a moment (ISO 8601 UTC), in a schedule's name; what was
done, in a sentence. Safe to repeat."""
CopyItself: TypeAlias = "Callable[[str, int], str]"
"""Copy drbot's own memory to a place, keeping so many copies; what was done, in a sentence."""


class Answers:
    """Decides what is due, and does it. Deciding is quick; doing may take its time, in any thread."""

    def __init__(
        self,
        store: Store,
        plan: DrPlan,
        runs: Runs,
        clock: Clock,
        hold_drill: HoldDrill | None = None,
        copy_itself: CopyItself | None = None,
        first_pause_s: float = FIRST_PAUSE_S,
        steady: Callable[[], float] = time.monotonic,
        post_digest: PostDigest | None = None,
    ) -> None:
        self._store = store
        self._plan = plan
        self._post_digest = post_digest
        self._runs = runs
        self._record = Record(store, plan, runs.channel)
        self._clock = clock
        self._hold_drill = hold_drill
        self._copy_itself = copy_itself
        self._first_pause_s = first_pause_s
        self._steady = steady
        self._steadiness = Steadiness()
        self._pauses: dict[str, tuple[float, float]] = {}

    def due(self) -> tuple[list[Answer], list[str]]:
        """What is to be asked for now, and the schedules by whose clock nothing can be decided.

        Notes what is seen for the first time and what was missed. A clock before what was answered is right
        where it runs steadily: then it was the answer that was wrong. Raises StoreDown.
        """
        now, known = self._clock(), rows.all_answers(self._store)
        steady_s = self._steadiness.look(now, self._steady())
        asked: list[Answer] = []
        distrusted: list[str] = []
        for name, entry in self._plan.schedules.items():
            before = known.get(name)
            call, moment = self._called(now, entry, before)
            if call is Call.DISTRUST and before is not None:
                if steady_s < TRUSTED_AFTER_S:
                    distrusted.append(name)
                else:
                    self._record.take_back(before, self._not_answered(now, entry), steady_s)
                continue
            wanted = self._wanted(now, Answer(name, iso(moment) if moment else ""), call, before)
            if wanted is not None and not self._pausing(name):
                asked.append(wanted)
        return asked, distrusted

    def _not_answered(self, now: datetime, entry: ScheduleEntry) -> str:
        """The moment to count from: the newest that has come, or the one before it where that can be done."""
        newest = entry.cron.latest(now) if entry.cron else None
        if entry.cron and newest and by_clock(now, newest, Answered(None), entry.catch_up) is Call.ASK:
            newest = entry.cron.latest(newest - A_MOMENT)  # if it was done, its request is known
        return iso(newest) if newest else ""

    def _wanted(self, now: datetime, newest: Answer, call: Call, before: Answer | None) -> Answer | None:
        """What is to be asked for, None for nothing; what is only to be noted, is."""
        entry = self._plan.schedules[newest.name]
        if call is Call.NOTE:
            self._record.keep(replace(newest, said=FIRST_SEEN, outcome="seen"))
        elif before is not None and self._never_began(before):
            return self._again(now, entry, before, newest)
        elif call is Call.ASK:
            return newest
        elif call is Call.MISS:
            held = before is not None and before.outcome == "held"
            moment = before.due_at if before and held else newest.due_at
            said = missed(now, moment, entry, before)
            self._record.keep(Answer(newest.name, moment, said=said, outcome="missed"))
        return None

    def answer(self, wanted: Answer) -> None:
        """Ask for what is due, and note what came of it. Raises StoreDown; then it is still due."""
        entry = self._plan.schedules[wanted.name]
        before = rows.all_answers(self._store).get(wanted.name)
        done = before is not None and before.due_at == wanted.due_at and before.outcome != "held"
        if before and done and before.attempt >= wanted.attempt:
            return  # another thread was quicker
        try:
            self._record.keep(self._done(entry, wanted))
        except (HeldBack, Unsure) as held:
            self._pause(wanted.name)
            self._record.hold_back(wanted, str(held))
            return
        except (Refusal, UsageError) as refused:
            self._record.keep(replace(wanted, outcome="refused", said=short(str(refused))))
        except StoreDown:
            raise
        except Exception as error:  # noqa: BLE001 - noted as the schedule's answer, which raises an alarm
            self._record.keep(replace(wanted, outcome="failed", said=said_by(error)))
        self._pauses.pop(wanted.name, None)

    def _called(
        self, now: datetime, entry: ScheduleEntry, before: Answer | None
    ) -> tuple[Call, datetime | None]:
        known = _known(before) if before else None
        if entry.cron is not None:
            due = entry.cron.latest(now)
            return by_clock(now, due, known, entry.catch_up), due
        happened = self._happened(entry.after)
        return by_event(now, happened, known, entry.catch_up), happened

    def _happened(self, name: str) -> datetime | None:
        """When the newest run or drill of this schedule succeeded."""
        entry = self._plan.schedules.get(name)
        if entry is None:
            return None
        if entry.drill:
            at = rows.newest_passed(self._store, name, entry.drill)
        else:
            at = rows.newest_verified(self._store, name, entry.action)
        return from_iso(at) if at else None

    def _never_began(self, before: Answer) -> bool:
        run = run_rows.get(self._store, before.run) if before.run is not None else None
        return run is not None and never_began(run) and before.outcome in ("", "held")

    def _again(self, now: datetime, entry: ScheduleEntry, before: Answer, newest: Answer) -> Answer | None:
        """The same moment once more: its run was refused before it began, so nothing was done for it."""
        in_time = by_clock(now, from_iso(before.due_at), Answered(None), entry.catch_up) is Call.ASK
        if in_time and newest.due_at == before.due_at:
            return Answer(before.name, before.due_at, attempt=before.attempt + 1)
        over = "the next is due" if in_time else "the time to catch it up is over"
        said = f"RUN-{before.run} was refused before it began, and {over}"
        self._record.keep(Answer(before.name, before.due_at, said=said, outcome="missed"))
        return None

    def _done(self, entry: ScheduleEntry, wanted: Answer) -> Answer:
        key = f"{schedule_id(wanted.name)}:{wanted.due_at}"
        key += f"#{wanted.attempt}" if wanted.attempt > 1 else ""
        if entry.action == SELF_BACKUP:
            if self._copy_itself is None:
                raise Refusal("drbot cannot copy its own memory here")
            said = self._copy_itself(entry.params.get("to", ""), int(entry.params.get("keep", "7")))
            return replace(wanted, outcome="done", said=said[:SAID_LIMIT])
        if entry.digest:
            if self._post_digest is None:
                raise Refusal("nobody can write the digest here")
            said = self._post_digest(entry.digest, wanted.due_at, schedule_id(wanted.name))
            return replace(wanted, outcome="done", said=said[:SAID_LIMIT])
        if entry.action:
            run = self._runs.scheduled(wanted.name, entry.action, entry.params, key)
            return replace(wanted, run=run.id)
        return replace(wanted, drill=self._drill(entry.drill, wanted.name, key))

    def _drill(self, drill: str, name: str, key: str) -> int:
        if self._hold_drill is None:
            raise Refusal(f"nobody can hold the drill {drill} here")
        newest = drill_rows.newest(self._store, drill)
        busy = newest is not None and newest.state is DrillState.UNDER_WAY
        if newest is not None and busy and drill_rows.of_request(self._store, key) is None:
            raise HeldBack(f"{newest.ref} is under way; one of a kind at a time.")
        return self._hold_drill(drill, name, key)

    def _pause(self, name: str) -> None:
        """Until it is tried again; it grows."""
        _, last = self._pauses.get(name, (0.0, 0.0))
        pause_s = min(LONGEST_PAUSE_S, last * 2) if last else self._first_pause_s
        self._pauses[name] = (self._steady() + pause_s, pause_s)

    def _pausing(self, name: str) -> bool:
        return self._pauses.get(name, (0.0, 0.0))[0] > self._steady()


def _known(before: Answer) -> Answered:
    due = from_iso(before.due_at) if before.due_at else None
    return Answered(due, held=before.outcome == "held" and before.run is None)


def never_began(run: Run) -> bool:
    """Refused by the engine before its first phase: too late after a pause, or the target was taken."""
    return run.state is RunState.REFUSED and not run.started_at
