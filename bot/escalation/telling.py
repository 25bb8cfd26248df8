"""Telling one line of the plan's table: the row, the journal and everything that goes out, or none of it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.announce import call_people, show_incident, tell_aloud, tell_thread
from bot.domain.entry import Json, NewEntry
from bot.domain.incident import Incident
from bot.domain.person import DRBOT
from bot.domain.response import Via
from bot.escalation import pending, rows, words
from bot.escalation.pending import Due
from bot.escalation.reach import reach
from bot.escalation.rows import Tell
from bot.escalation.steady import Beat
from bot.oncall import Roster
from bot.outbound import jobs
from bot.paging.pages import ask_page
from bot.plan.models import DrPlan
from bot.store import incidents
from bot.store.database import Store, Tx
from bot.store.journal import append
from bot.store.outbound import send_later

LATE_S = 60.0
"""A step told later than this is said to be late, and raises an alarm."""


class Telling:
    """One transaction a line. Killed anywhere, a line is told whole or still due; never twice."""

    def __init__(self, store: Store, plan: DrPlan, pager: bool, mail: bool = True) -> None:
        self._store = store
        self._plan = plan
        self._pager = pager
        self._mail = mail

    def tell(self, one: Due, beat: Beat, roster: Roster) -> bool:
        """Whether it was told now: not where it no longer is due. Raises StoreDown; then it still is."""
        return self._store.write(lambda tx: self._tell(tx, one, beat, roster))

    def _tell(self, tx: Tx, asked: Due, beat: Beat, roster: Roster) -> bool:
        one = pending.still_due(tx, asked, beat.ms)
        if one is None:
            return False
        found = incidents.find(tx, one.incident)
        if found is None or not found.incident.is_open:
            return False  # its clock stops in the transaction that ends it: no such row is due
        Told(tx, self._plan, found.incident, one, beat, roster, self._pager, self._mail).keep()
        return True


class Told:
    """One line as it is told in one transaction."""

    def __init__(
        self, tx: Tx, plan: DrPlan, incident: Incident, one: Due, beat: Beat, roster: Roster, pager: bool,
        mail: bool,
    ) -> None:  # fmt: skip
        self._tx = tx
        self._plan = plan
        self._incident = incident
        self._one = one
        self._now_ms = beat.ms
        self._late_s = max(0.0, (beat.ms - one.due_ms) / 1000)
        self._reach = reach(plan, one.step, roster, pager, mail)
        self._mails = mail
        self._following = _following(tx, one)

    def keep(self) -> None:
        """Row, journal, card, and whatever reaches the people; a line that reaches nobody pulls the next."""
        reached = self._reach.reached
        sentence = self._sentence()
        pending.mark_told(self._tx, self._one, rows.TOLD if reached else rows.VACANT, self._is_late, sentence)
        (entry,) = append(self._tx, self._entry("escalated" if reached else "seat-vacant", sentence))
        if not reached:
            self._pull()
            self._tell_vacant(entry.seq, sentence)
        else:
            self._call(entry.seq, sentence)
        show_incident(self._tx, self._plan, self._incident)

    @property
    def _is_late(self) -> bool:
        return self._late_s > LATE_S

    @property
    def _waited_s(self) -> float:
        return (self._now_ms - self._one.start_ms) / 1000

    def _sentence(self) -> str:
        step, late_s = self._one.step, self._late_s if self._is_late else 0.0
        if self._reach.reached:
            return words.told(step, self._reach.ways, self._reach.who, late_s)
        if self._reach.who:
            return words.unreachable(step, self._reach.who, self._following, self._mails)
        return words.vacant(step, self._following, late_s)

    def _entry(self, kind: str, sentence: str) -> NewEntry:
        one = self._one
        data: dict[str, Json] = {
            "said": sentence,
            "round": one.round,
            "step": one.step.number,
            "tell": one.step.tell,
            "ways": [way.value for way in self._reach.ways],
            "roles": list(one.step.roles),
            "people": [person.id for person in self._reach.who],
            "due_at": one.due_at,
            "late_s": round(self._late_s, 3),
        }
        return NewEntry(kind, DRBOT, data, one.incident)

    def _pull(self) -> None:
        if self._following is not None:
            pending.pull(self._tx, self._one, self._following.step.number, self._now_ms)
            self._tx.ring(rows.BELL)

    def _tell_vacant(self, seq: int, sentence: str) -> None:
        """Where somebody else is told instead, the thread will do; where nobody is, whoever reads must."""
        incident = self._incident
        if self._following is None:
            press = words.where_to_answer(incident.ref)
            tell_aloud(self._tx, self._plan, incident, seq, f"{sentence} {press}")
        else:
            said = f"{incident.severity.value} {incident.ref}: {sentence}"
            tell_thread(self._tx, self._plan, incident, seq, said)

    def _call(self, seq: int, sentence: str) -> None:
        incident = self._incident
        said = words.call(incident.ref, sentence, self._waited_s, self._following, self._tx.now)
        alone = f"{incident.severity.value} {incident.ref}: {said}"
        if Via.PAGE in self._reach.ways:
            to = words.names(self._reach.who) or "whoever is on call"
            ask_page(self._tx, self._plan, incident, self._one.round, alone, to)
        if Via.MAIL in self._reach.ways:
            self._mail()
        handles = [person.id for person in self._reach.who if self._plan.people[person.id].slack]
        if Via.MENTION in self._reach.ways and handles:
            call_people(self._tx, self._plan, incident, seq, handles, said)
        else:
            tell_thread(self._tx, self._plan, incident, seq, alone)

    def _mail(self) -> None:
        """To each a letter of their own: an address that does not work holds up nobody else's."""
        incident, one = self._incident, self._one
        severity = incident.severity.value
        subject = words.subject(incident.ref, severity, incident.title, self._waited_s)
        channel = self._plan.communication.channel
        text = words.letter(
            incident.ref, severity, incident.title, one.step, incident.opened_at, channel, self._following,
            self._tx.now,
        )  # fmt: skip
        for person in self._reach.who:
            address = self._plan.people[person.id].email
            if address:
                key = f"tell:{incident.id}:{one.round}:{one.step.number}:{person.id}"
                about = f"mail to {person.name} as {one.step.tell}"
                send_later(self._tx, jobs.mail(key, [address], subject, text, about, incident.id))


def _following(tx: Tx, one: Due) -> Tell | None:
    """The next line that nobody was told yet."""
    tells: Sequence[Tell] = rows.tells_of(tx.all, one.incident, one.round)
    return next((t for t in tells if not t.told_at and t.step.number != one.step.number), None)
