"""The life of an incident by people's hands: declare, acknowledge, change severity, note, resolve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.announce import OnResolve, tell_thread
from bot.consequences import follow, tell_turn
from bot.domain.answer import Already, Refusal, UsageError
from bot.domain.entry import Json, NewEntry
from bot.domain.incident import Incident, IncidentState
from bot.domain.person import Person
from bot.domain.severity import Severity
from bot.escalation.clock import unanswered
from bot.plan.models import DrPlan
from bot.redact import redact_secrets
from bot.store import incidents as rows
from bot.store.database import Store, Tx
from bot.store.journal import append

TITLE_LIMIT = 150
TEXT_LIMIT = 2_900


class Incidents:
    """Every change is one transaction: row, journal entry and what Slack should show, or none of them."""

    def __init__(self, store: Store, plan: DrPlan, on_resolve: OnResolve) -> None:
        self._store = store
        self._plan = plan
        self._on_resolve = on_resolve

    def get(self, incident: int) -> Incident:
        """The incident. Raises UsageError where there is none of that number."""
        found = rows.get(self._store, incident)
        if found is None:
            raise UsageError(f"there is no INC-{incident}: `incidents` lists the open ones")
        return found

    def open(self) -> Sequence[Incident]:
        """Every open incident, the worst first."""
        return rows.open_incidents(self._store)

    def declare(self, person: Person, title: str, severity: Severity = Severity.SEV3) -> Incident:
        """A person opens an incident; the severity they gave sticks. Not safe to repeat: each opens one."""
        self._known(person, "declare an incident")
        title = redact_secrets(" ".join(title.split()))[:TITLE_LIMIT]
        if not title:
            raise UsageError("an incident needs a title: `declare TITLE sev=2`")

        def work(tx: Tx) -> Incident:
            number = rows.next_id(tx)
            incident = Incident(
                id=number,
                title=title,
                severity=severity,
                severity_held=True,
                state=IncidentState.OPEN,
                component="",
                environment="",
                correlation=f"declared/{number}",
                opened_at=tx.now,
                why=(f"{person.name} declared it {severity.value}",),
                updated_at=tx.now,
            )
            data: dict[str, Json] = {"title": title, "severity": severity.value}
            return self._keep(tx, incident, NewEntry("incident-declared", person.id, data, number))

        return self._store.write(work)

    def acknowledge(self, person: Person, incident: int) -> Incident:
        """A person takes it. A second press changes nothing: Already for whoever has it, a Refusal that says
        who has it for anybody else.

        Where it grew worse since somebody took it, its response clock runs anew: whoever presses has it now.
        """
        return self._store.write(lambda tx: self.acknowledge_within(tx, person, incident))

    def acknowledge_within(self, tx: Tx, person: Person, incident: int) -> Incident:
        """The same inside a transaction of somebody who does more at once."""
        self._known(person, "acknowledge")
        found = self.open_within(tx, incident)
        if found.acknowledged_by and not unanswered(tx, found):
            if found.acknowledged_by == person.id:
                raise Already(f"you have {found.ref} already, since {found.acknowledged_at[11:16]} UTC")
            raise Refusal(f"{found.ref} is already acknowledged by {self._name(found.acknowledged_by)}")
        taken = replace(
            found,
            state=IncidentState.ACKNOWLEDGED,
            acknowledged_at=tx.now,
            acknowledged_by=person.id,
        )
        entry = NewEntry("incident-acknowledged", person.id, {}, incident)
        return self._keep(tx, taken, entry, f"{person.name} acknowledged")

    def answer_within(self, tx: Tx, person: Person, incident: int) -> Incident:
        """Acknowledge it where nobody has it; as it stands where somebody does."""
        try:
            return self.acknowledge_within(tx, person, incident)
        except Refusal:
            return self.open_within(tx, incident)

    def set_severity(self, person: Person, incident: int, severity: Severity, reason: str = "") -> Incident:
        """A person's severity sticks: the rules no longer change it."""
        self._known(person, "change the severity")

        def work(tx: Tx) -> Incident:
            found = self.open_within(tx, incident)
            if found.severity is severity and found.severity_held:
                raise Already(f"{found.ref} is {severity.value} already, set by a person")
            because = redact_secrets(reason[:TEXT_LIMIT]) or "no reason given"
            line = f"{person.name} set {severity.value} (was {found.severity.value}): {because}"
            changed = replace(
                found, severity=severity, severity_held=True, why=(line, *_rules_only(found.why))
            )
            data: dict[str, Json] = {"from": found.severity.value, "to": severity.value, "reason": because}
            entry = NewEntry("severity-changed", person.id, data, incident)
            return self._keep(tx, changed, entry, line, turn=severity.worse_than(found.severity))

        return self._store.write(work)

    def note(self, person: Person, incident: int, text: str) -> Incident:
        """A line for the timeline, told in the thread. Not safe to repeat: each is kept."""
        return self._store.write(lambda tx: self.note_within(tx, person, incident, text))

    def note_within(
        self, tx: Tx, person: Person, incident: int, text: str, more: Mapping[str, Json] | None = None
    ) -> Incident:
        """The same inside a transaction; `more` is kept with it in the journal."""
        self._known(person, "add a note")
        text = redact_secrets(text.strip()[:TEXT_LIMIT])
        if not text:
            raise UsageError(f"a note needs words: `note INC-{incident} TEXT`")
        found = rows.find(tx, incident)
        if found is None:
            raise UsageError(f"there is no INC-{incident}: `incidents` lists the open ones")
        entry = NewEntry("note-added", person.id, {"text": text, **(more or {})}, incident)
        return self._keep(tx, found.incident, entry, f"{person.name}: {text}")

    def resolve(self, person: Person, incident: int) -> Incident:
        """A person ends it; the report's draft follows. A second press changes nothing: Already for whoever
        ended it, a Refusal that says who did for anybody else.
        """
        return self._store.write(lambda tx: self.resolve_within(tx, person, incident))

    def resolve_within(self, tx: Tx, person: Person, incident: int) -> Incident:
        """The same inside a transaction of somebody who does more at once."""
        self._known(person, "resolve")
        kept_before = rows.find(tx, incident)
        if kept_before and not kept_before.incident.is_open and kept_before.incident.resolved_by == person.id:
            ended_at = kept_before.incident.resolved_at[11:16]
            raise Already(f"you have resolved INC-{incident} already, at {ended_at} UTC")
        found = self.open_within(tx, incident)
        ended = replace(found, state=IncidentState.RESOLVED, resolved_at=tx.now, resolved_by=person.id)
        data: dict[str, Json] = {"alerts_firing": found.alerts_firing}
        entry = NewEntry("incident-resolved", person.id, data, incident)
        kept = self._keep(tx, ended, entry, f"{person.name} resolved the incident")
        self._on_resolve(tx, kept)
        return kept

    def reopen_within(self, tx: Tx, person: Person, incident: int, reason: str) -> Incident:
        """A person says that it is not over; nobody has it then. Raises Refusal where it is open."""
        self._known(person, "reopen")
        found = rows.find(tx, incident)
        if found is None:
            raise UsageError(f"there is no INC-{incident}: `incidents` lists the open ones")
        if found.incident.is_open:
            raise Refusal(f"{found.incident.ref} is open already")
        again = replace(
            found.incident,
            state=IncidentState.OPEN,
            acknowledged_at="",
            acknowledged_by="",
            resolved_at="",
            resolved_by="",
        )
        entry = NewEntry("incident-reopened", person.id, {"reason": reason[:TEXT_LIMIT]}, incident)
        return self._keep(tx, again, entry, f"reopened, {reason}", turn=True)

    def _keep(
        self, tx: Tx, incident: Incident, entry: NewEntry, told: str = "", turn: bool = False
    ) -> Incident:
        """`turn`: it came back or grew graver, which is told in the channel too."""
        grouped = rows.find(tx, incident.id)
        last_alert_at = grouped.last_alert_at if grouped else tx.now
        incident = replace(incident, updated_at=tx.now)
        stored = append(tx, entry)
        rows.save(tx, incident, last_alert_at)
        follow(tx, self._plan, incident)
        if told:
            tell = tell_turn if turn else tell_thread
            tell(tx, self._plan, incident, stored[-1].seq, told)
        return incident

    def open_within(self, tx: Tx, incident: int) -> Incident:
        """The open incident inside a transaction. Raises UsageError, or Refusal where it is resolved."""
        found = rows.find(tx, incident)
        if found is None:
            raise UsageError(f"there is no INC-{incident}: `incidents` lists the open ones")
        if not found.incident.is_open:
            by = self._name(found.incident.resolved_by)
            raise Refusal(
                f"{found.incident.ref} is already resolved by {by} at {found.incident.resolved_at[11:16]} UTC"
            )
        return found.incident

    def _known(self, person: Person, deed: str) -> None:
        if not person.known:
            names = ", ".join(other.name for other in self._plan.people_with(("on-call",))) or "nobody yet"
            raise Refusal(
                f"the plan does not name you, so you may not {deed}. On call now: {names}."
                " Whoever keeps the plan can add you under `people`."
            )

    def _name(self, person_id: str) -> str:
        if person_id == "monitor":
            return "the monitor"
        return self._plan.called(person_id) or "nobody"


def _rules_only(why: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(line for line in why if " set SEV-" not in line and " set NONE" not in line)
