"""What came of each schedule's moment, kept: its row, the journal and the words for people, together."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.entry import NewEntry
from bot.domain.schedule import schedule_id
from bot.plan.fields import say_duration
from bot.plan.models import DrPlan
from bot.plan.recovery import ScheduleEntry
from bot.store import schedules as rows
from bot.store.database import Store, Tx, from_iso
from bot.store.journal import append
from bot.store.outbox import Wanted, want
from bot.store.schedules import Answer, Outcome

SAID_LIMIT = 500
NOTE_RANK = 2
FIRST_SEEN = "first seen by drbot"
_KINDS: dict[Outcome, str] = {
    "missed": "schedule-missed",
    "refused": "schedule-refused",
    "done": "self-backup-made",
    "failed": "schedule-failed",
}


class Record:
    """Writes answers; each in one transaction, safe to do twice. Raises StoreDown."""

    def __init__(self, store: Store, plan: DrPlan, channel: str) -> None:
        self._store = store
        self._plan = plan
        self._channel = channel

    def keep(self, answer: Answer) -> None:
        """What came of a moment."""

        def work(tx: Tx) -> None:
            if rows.find(tx, answer.name) == answer:
                return
            rows.save(tx, answer)
            kind = _KINDS.get(answer.outcome)
            if kind and not (answer.outcome == "done" and self._plan.schedules[answer.name].digest):
                append(tx, self._entry(answer, kind, answer.said))

        self._store.write(work)

    def hold_back(self, wanted: Answer, because: str) -> None:
        """Not now: noted, and told when it begins. The row keeps the first moment that was not done."""

        def work(tx: Tx) -> None:
            before = rows.find(tx, wanted.name)
            same = before is not None and before.due_at == wanted.due_at
            if before and same and before.outcome == "missed":
                return  # its time was over while somebody looked
            goes_on = before is not None and before.outcome == "held"
            first = before if before and (goes_on or same) else Answer(wanted.name, wanted.due_at)
            said = f"due at {minute(first.due_at)} UTC, held back: {short(because)}"
            rows.save(tx, replace(first, outcome="held", said=said))
            if not goes_on:
                append(tx, self._entry(first, "schedule-held-back", said))
                told = f"{said} It is tried again until its time is over."
                self._tell(tx, f"{wanted.name}:{first.due_at}:held", wanted.name, f"is {told}")

        self._store.write(work)

    def take_back(self, wrong: Answer, due_at: str, steady_s: float) -> None:
        """What was answered has not come, by a clock that runs well: it counts from `due_at` instead."""
        said = f"goes by the clock again: it had answered {minute(wrong.due_at)} UTC, which has not come"

        def work(tx: Tx) -> None:
            if rows.find(tx, wrong.name) != wrong:
                return
            rows.save(tx, Answer(wrong.name, due_at, said=said, outcome="seen"))
            append(tx, self._entry(wrong, "schedule-taken-back", said))
            ran = f"the clock has run steadily since, for {say_duration(steady_s // 60 * 60)}"
            told = f"{said}, and {ran}. See that the clock of drbot's host is right (NTP)."
            self._tell(tx, f"{wrong.name}:{wrong.due_at}:taken-back:{tx.now}", wrong.name, told)

        self._store.write(work)

    def _entry(self, answer: Answer, kind: str, said: str) -> NewEntry:
        data = {"title": self._plan.schedules[answer.name].title, "due": answer.due_at, "said": said}
        return NewEntry(kind, schedule_id(answer.name), data)

    def _tell(self, tx: Tx, key: str, name: str, told: str) -> None:
        words = f"The plan's schedule “{self._plan.schedules[name].title}” {told}"
        note = Wanted(schedule_id(key), "incident-note", 0, self._channel, rank=NOTE_RANK, payload=words)
        want(tx, note)


def missed(now: datetime, due_at: str, entry: ScheduleEntry, before: Answer | None) -> str:
    """Why a moment was not done, in a sentence."""
    if before is not None and before.outcome == "held":
        return f"its time is over: {before.said}"[:SAID_LIMIT]
    late = say_duration(round((now - from_iso(due_at)).total_seconds() / 60) * 60.0)
    return (
        f"due at {minute(due_at)} UTC and missed: drbot saw it {late} later, and it is caught up for"
        f" {say_duration(entry.catch_up)} only"
    )


def minute(moment: str) -> str:
    """`2026-11-24 02:00` of an ISO moment."""
    return moment[:16].replace("T", " ")


def short(text: str) -> str:
    """One line, cut."""
    return " ".join(text.split())[:SAID_LIMIT]
