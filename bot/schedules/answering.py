"""Answers each schedule of the plan once a moment that it is due: by a run, a drill, or a sentence.

Whatever is asked for carries the schedule and the moment as its request, so that a bot that was killed
between deciding and asking, or between asking and noting it, does neither twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from bot.domain.answer import Refusal, UsageError
from bot.domain.drill import DrillState
from bot.domain.entry import NewEntry
from bot.domain.run import Run, RunState
from bot.domain.schedule import Answered, Call, by_clock, by_event, schedule_id
from bot.plan.fields import say_duration
from bot.plan.models import DrPlan
from bot.plan.recovery import SELF_BACKUP, ScheduleEntry
from bot.runs import Runs
from bot.runs.asking import HeldBack
from bot.runs.proposal import Unsure, said_by
from bot.store import drills as drill_rows
from bot.store import runs as run_rows
from bot.store import schedules as rows
from bot.store.database import Clock, Store, StoreDown, Tx, from_iso, iso
from bot.store.journal import append
from bot.store.outbox import Wanted, want
from bot.store.schedules import Answer, Outcome

FIRST_PAUSE_S = 30.0
LONGEST_PAUSE_S = 300.0
SAID_LIMIT = 500
NOTE_RANK = 2
HoldDrill: TypeAlias = "Callable[[str, str, str], int]"
"""Begin a drill: its name, the schedule's, the request key; its number. Safe to repeat with one key."""
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
    ) -> None:
        self._store = store
        self._plan = plan
        self._runs = runs
        self._clock = clock
        self._hold_drill = hold_drill
        self._copy_itself = copy_itself
        self._first_pause_s = first_pause_s
        self._pauses: dict[str, tuple[float, float]] = {}

    def due(self) -> tuple[list[Answer], list[str]]:
        """What is to be asked for now, and the schedules by whose clock nothing can be decided.

        Notes what is seen for the first time and what was missed. Raises StoreDown.
        """
        now, known = self._clock(), rows.all_answers(self._store)
        asked: list[Answer] = []
        distrusted: list[str] = []
        for name, entry in self._plan.schedules.items():
            before = known.get(name)
            call, moment = self._called(now, entry, before)
            due_at = iso(moment) if moment else ""
            if call is Call.NOTE:
                self._keep(Answer(name, due_at, said="first seen by drbot", outcome="seen"))
            elif call is Call.MISS:
                self._keep(Answer(name, due_at, said=_missed(now, due_at, entry, before), outcome="missed"))
            elif call is Call.ASK and not self._pausing(name):
                asked.append(Answer(name, due_at))
            elif call is Call.DISTRUST:
                distrusted.append(name)
            elif call is Call.REST and before is not None and self._never_began(before):
                again = self._again(now, entry, before)
                asked += [again] if again and not self._pausing(name) else []
        return asked, distrusted

    def answer(self, wanted: Answer) -> None:
        """Ask for what is due, and note what came of it. Raises StoreDown; then it is still due."""
        entry = self._plan.schedules[wanted.name]
        before = rows.all_answers(self._store).get(wanted.name)
        if before and before.due_at == wanted.due_at and before.attempt >= wanted.attempt:
            return  # another thread was quicker
        try:
            self._keep(self._done(entry, wanted))
        except (HeldBack, Unsure) as held:
            self._hold_back(wanted, str(held))
            return
        except (Refusal, UsageError) as refused:
            self._keep(replace(wanted, outcome="refused", said=_short(refused)))
        except StoreDown:
            raise
        except Exception as error:  # noqa: BLE001 - noted as the schedule's answer, which raises an alarm
            self._keep(replace(wanted, outcome="failed", said=said_by(error)))
        self._pauses.pop(wanted.name, None)

    def _called(
        self, now: datetime, entry: ScheduleEntry, before: Answer | None
    ) -> tuple[Call, datetime | None]:
        known = Answered(from_iso(before.due_at) if before.due_at else None) if before else None
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

    def _again(self, now: datetime, entry: ScheduleEntry, before: Answer) -> Answer | None:
        """The same moment once more: its run was refused before it began, so nothing was done for it."""
        if by_clock(now, from_iso(before.due_at), Answered(None), entry.catch_up) is Call.ASK:
            return Answer(before.name, before.due_at, attempt=before.attempt + 1)
        said = f"RUN-{before.run} was refused before it began, and the time to catch it up is over"
        self._keep(Answer(before.name, before.due_at, said=said, outcome="missed"))
        return None

    def _done(self, entry: ScheduleEntry, wanted: Answer) -> Answer:
        key = f"{schedule_id(wanted.name)}:{wanted.due_at}"
        key += f"#{wanted.attempt}" if wanted.attempt > 1 else ""
        if entry.action == SELF_BACKUP:
            if self._copy_itself is None:
                raise Refusal("drbot cannot copy its own memory here")
            said = self._copy_itself(entry.params.get("to", ""), int(entry.params.get("keep", "7")))
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

    def _hold_back(self, wanted: Answer, because: str) -> None:
        """Not now: noted and told once a moment, and tried again after a pause that grows."""
        _, last = self._pauses.get(wanted.name, (0.0, 0.0))
        pause_s = min(LONGEST_PAUSE_S, last * 2) if last else self._first_pause_s
        self._pauses[wanted.name] = (time.monotonic() + pause_s, pause_s)
        title = self._plan.schedules[wanted.name].title
        said = f"due at {_minute(wanted.due_at)} UTC, held back: {_short_text(because)}"

        def work(tx: Tx) -> None:
            before = rows.find(tx, wanted.name) or Answer(wanted.name, "")
            rows.save(tx, replace(before, outcome="held", said=said))
            if before.outcome != "held":
                append(tx, _entry(wanted, "schedule-held-back", title, said))
                key = f"{schedule_id(wanted.name)}:{wanted.due_at}:held"
                told = f"The plan's schedule “{title}” is {said} It is tried again until its time is over."
                want(tx, Wanted(key, "incident-note", 0, self._runs.channel, rank=NOTE_RANK, payload=told))

        self._store.write(work)

    def _pausing(self, name: str) -> bool:
        return self._pauses.get(name, (0.0, 0.0))[0] > time.monotonic()

    def _keep(self, answer: Answer) -> None:
        title = self._plan.schedules[answer.name].title

        def work(tx: Tx) -> None:
            if rows.find(tx, answer.name) == answer:
                return
            rows.save(tx, answer)
            kind = _KINDS.get(answer.outcome)
            if kind:
                append(tx, _entry(answer, kind, title, answer.said))

        self._store.write(work)


_KINDS: dict[Outcome, str] = {
    "missed": "schedule-missed",
    "refused": "schedule-refused",
    "done": "self-backup-made",
    "failed": "schedule-failed",
}


def never_began(run: Run) -> bool:
    """Refused by the engine before its first phase: too late after a pause, or the target was taken."""
    return run.state is RunState.REFUSED and not run.started_at


def _entry(answer: Answer, kind: str, title: str, said: str) -> NewEntry:
    return NewEntry(kind, schedule_id(answer.name), {"title": title, "due": answer.due_at, "said": said})


def _missed(now: datetime, due_at: str, entry: ScheduleEntry, before: Answer | None) -> str:
    if before is not None and before.outcome == "held":
        return f"its time is over: {before.said}"[:SAID_LIMIT]
    late = say_duration(round((now - from_iso(due_at)).total_seconds() / 60) * 60.0)
    return (
        f"due at {_minute(due_at)} UTC and missed: drbot saw it {late} later, and it is caught up for"
        f" {say_duration(entry.catch_up)} only"
    )


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ")


def _short(error: Exception) -> str:
    return _short_text(str(error))


def _short_text(text: str) -> str:
    return " ".join(text.split())[:SAID_LIMIT]
