"""Who leads, talks and works for an incident: taking a duty, leaving it, handing command over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.announce import call_people, tell_thread, tell_where_things_stand
from bot.consequences import follow
from bot.domain.answer import Already, Refusal, UsageError
from bot.domain.duty import Duty, Held
from bot.domain.entry import Json, NewEntry
from bot.domain.incident import Incident
from bot.domain.person import Person
from bot.duties import record
from bot.duties.words import has_already, left, taken
from bot.incidents import Incidents
from bot.plan.models import DrPlan
from bot.store.database import Store, Tx
from bot.store.journal import append


@dataclass(frozen=True)
class Change:
    """A duty changed hands: the incident as it stands now, and the sentence that says so."""

    incident: Incident
    said: str


class Duties:
    """Every change is one transaction: row, journal, thread and card. Only people of the plan."""

    def __init__(self, store: Store, plan: DrPlan, incidents: Incidents) -> None:
        self._store = store
        self._plan = plan
        self._incidents = incidents

    def of(self, incident: int) -> tuple[Held, ...]:
        """Who holds which duty now, the commander first. Raises UsageError for an unknown incident."""
        self._incidents.get(incident)
        return record.held(self._store.read, incident)

    def take(self, by: Person, incident: int, duty: Duty, who: str = "", vacant: bool = False) -> Change:
        """`who` (plan id; empty: who speaks) holds it from now on, in place of whoever did.

        Command of an incident that nobody answered answers it, for the one who speaks. Refused where the
        incident is over, or, asked for as `vacant`, where somebody else was quicker; Already where it is
        theirs.
        """
        person = self._planned(by, who or by.id)

        def work(tx: Tx) -> Change:
            before = record.holder(tx.all, incident, duty)
            if vacant and before and before != person.id:
                raise Refusal(
                    f"{self._plan.called(before)} has taken it a moment ago;"
                    f" `duty INC-{incident} {duty.value}` takes it over"
                )
            return self._give(tx, by, incident, duty, person)

        return self._store.write(work)

    def leave(self, by: Person, incident: int, duty: Duty) -> Change:
        """Nobody holds it any more. Refused where nobody does."""
        self._planned(by, by.id)

        def work(tx: Tx) -> Change:
            found = self._incidents.open_within(tx, incident)
            before = record.holder(tx.all, incident, duty)
            if not before:
                raise Refusal(f"nobody holds {duty.value} of {found.ref}")
            record.free(tx, incident, duty)
            said = left(duty, self._plan.called(before), by.name)
            data: dict[str, Json] = {"duty": duty.value, "before": before, "said": said}
            entry = NewEntry("duty-left", by.id, data, incident)
            return self._tell(tx, found, entry, said, [before] if before != by.id else [])

        return self._store.write(work)

    def hand_over(self, by: Person, incident: int, to: str, document: str) -> Change:
        """Command goes to `to`, with where things stand (`document`, Markdown) in the incident's thread."""
        person = self._planned(by, to)

        def work(tx: Tx) -> Change:
            before = record.holder(tx.all, incident, Duty.COMMANDER)
            if before == person.id:
                change = Change(self._incidents.open_within(tx, incident), "")
            else:
                change = self._give(tx, by, incident, Duty.COMMANDER, person)
            reader = f", for {person.name}" if person.id != by.id else ""
            said = f"{by.name} wrote down where things stand{reader}"
            data: dict[str, Json] = {"to": person.id, "before": before, "said": said}
            (entry,) = append(tx, NewEntry("handed-over", by.id, data, incident))
            tell_where_things_stand(tx, self._plan, change.incident, entry.seq, document)
            return Change(change.incident, change.said or said)

        return self._store.write(work)

    def _give(self, tx: Tx, by: Person, incident: int, duty: Duty, person: Person) -> Change:
        found = self._incidents.open_within(tx, incident)
        before = record.holder(tx.all, incident, duty)
        if before == person.id:
            raise Already(has_already(duty, "you" if person.id == by.id else person.name, found.ref))
        if duty is Duty.COMMANDER:
            found = self._incidents.answer_within(tx, by, incident)
        record.give(tx, incident, duty, person.id)
        said = taken(duty, person.name, by.name, self._plan.called(before) if before else "")
        data: dict[str, Json] = {"duty": duty.value, "person": person.id, "before": before, "said": said}
        entry = NewEntry("duty-taken", by.id, data, incident)
        called = [one for one in (person.id, before) if one and one != by.id]
        return self._tell(tx, found, entry, said, called)

    def _tell(self, tx: Tx, incident: Incident, entry: NewEntry, said: str, called: Sequence[str]) -> Change:
        """Journal it, say so in the thread (by name to those whom it is about), and the card anew."""
        (stored,) = append(tx, entry)
        if called:
            call_people(tx, self._plan, incident, stored.seq, called, said)
        else:
            tell_thread(tx, self._plan, incident, stored.seq, said)
        follow(tx, self._plan, incident)
        return Change(incident, said)

    def _planned(self, by: Person, who: str) -> Person:
        """The person of the plan. Refuses strangers; raises UsageError for somebody it does not name."""
        if not by.known:
            raise Refusal("the plan does not name you, so no duty is yours to take or to give")
        person = self._plan.person(who)
        if person is None:
            names = ", ".join(list(self._plan.people)[:20])
            raise UsageError(f"the plan names nobody {who[:40]!r}: it has {names}")
        return person
