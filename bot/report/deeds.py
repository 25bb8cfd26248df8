"""What a person did to a report, written down: the version, where it stands, the journal, and who is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from bot.announce import tell_thread
from bot.domain.answer import UsageError
from bot.domain.entry import NewEntry
from bot.domain.person import Person
from bot.plan.models import DrPlan
from bot.report import keeping
from bot.report.editing import Done, listed
from bot.report.keeping import Standing, State, Version
from bot.report.publication import show_report
from bot.report.reviewing import ask_to_read, reviewers
from bot.store import incidents as rows
from bot.store.database import Tx
from bot.store.journal import append


class Told(Enum):
    """Who hears of it: nobody beside the report's own message, the thread, or those who should read it."""

    NOBODY = "nobody"
    THREAD = "thread"
    REVIEWERS = "reviewers"


@dataclass(frozen=True)
class Deeds:
    """The deeds of one person at one report, within one transaction."""

    tx: Tx
    plan: DrPlan
    person: Person
    incident: int

    def next_version(
        self, drafted: str, text: str, changed: tuple[str, ...], hidden: bool = False, deed: str = "edited"
    ) -> Done:
        """Keep a text as the next version. What was published goes to review with it, and is asked for."""
        tx, stands = self.tx, keeping.standing(self.tx.all, self.incident)
        number = (stands.version if stands else 0) + 1
        state = stands.state if stands else State.DRAFT
        after = State.REVIEW if state is State.PUBLISHED else state
        moved = stands is None or after is not state
        now = Standing(after, number, self.person.id, tx.now, stands.published if stands else 0)
        if stands is not None and not moved:
            now = replace(now, by=stands.by, at=stands.at)
        keeping.keep(tx, Version(self.incident, number, self.person.id, tx.now, drafted, text), now)
        told = Told.REVIEWERS if stands is not None and moved else Told.NOBODY
        done = self.done(now, "report-edited", f"{deed} the report: {listed(changed, 6)}", told)
        return replace(done, changed=changed, hidden=hidden)

    def done(self, now: Standing, kind: str, deed: str, told: Told = Told.THREAD) -> Done:
        """Where it stands from now on, journalled as `kind`. Raises UsageError where there is no incident."""
        tx, found = self.tx, rows.find(self.tx, self.incident)
        if found is None:
            raise UsageError(f"there is no INC-{self.incident}: `incidents` lists the open ones")
        keeping.stand(tx, self.incident, now)
        said = f"{self.person.name} {deed}"
        entry = NewEntry(kind, self.person.id, {"said": said, "version": now.version}, self.incident)
        seq = append(tx, entry)[-1].seq
        show_report(tx, found.incident)
        asked = reviewers(self.plan, self.person) if told is Told.REVIEWERS else ()
        if told is Told.REVIEWERS:
            ask_to_read(tx, self.plan, found.incident, seq, said, now.version, asked)
        elif told is Told.THREAD:
            tell_thread(tx, self.plan, found.incident, seq, said)
        return Done(found.incident, now, asked=tuple(one.name for one in asked))
