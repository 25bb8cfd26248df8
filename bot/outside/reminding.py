"""What is due outside: the next update that was promised, and the mail of a long outage, offered as a draft.

Every reminder is kept in the transaction that asks for its message, under the promise that it is about: a
bot that was killed, or whose clock jumped, tells none twice.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.announce import show_incident
from bot.domain.incident import Incident
from bot.domain.person import DRBOT
from bot.domain.publication import Kind, Publication, PublicationState, Stage
from bot.domain.severity import Severity
from bot.outside import promise, record, rules
from bot.outside.desk import draft_within
from bot.outside.keeping import call_once, show
from bot.outside.promise import Promise
from bot.outside.standing import standing
from bot.outside.words import brought_up, clock, too_late
from bot.plan.models import DrPlan, Told
from bot.store import incidents
from bot.store.database import Clock, Store, Tx, from_iso, iso, utc_now

SOON = timedelta(minutes=5)


class Reminders:
    """Asked every few seconds; each turn reads a few rows where nothing is due. Raises StoreDown."""

    def __init__(self, store: Store, plan: DrPlan, clock: Clock = utc_now) -> None:
        self._store = store
        self._plan = plan
        self._clock = clock

    def turn(self) -> None:
        """Remind, offer, and draw the cards of what arrived outside. Safe to repeat."""
        now = self._clock()
        for due in promise.due(self._store.read, iso(now + SOON)):
            self._store.write(lambda tx, number=due.incident: self._remind(tx, number))  # type: ignore[misc]
        for number, state in record.changed_outside(self._store.read):
            self._store.write(lambda tx, one=number, state=state: self._show(tx, one, state))  # type: ignore[misc]
        told = rules.offered_mail(self._plan)
        if told is not None and self._plan.communication.outside.customers:
            self._offer_mails(told, iso(now))

    def _remind(self, tx: Tx, number: int) -> None:
        found, promised = incidents.find(tx, number), promise.find(tx.all, number)
        due_at = promised.next_update_at
        if found is None or not due_at:
            return
        incident = found.incident
        if due_at <= tx.now and promised.late_told != due_at:
            promise.save(tx, replace(promised, soon_told=due_at, late_told=due_at))
            call_once(tx, self._plan, incident, f"late:{due_at}", _late(tx, incident, promised))
            show_incident(tx, self._plan, incident)
        elif due_at <= iso(from_iso(tx.now) + SOON) and promised.soon_told != due_at:
            promise.save(tx, replace(promised, soon_told=due_at))
            call_once(tx, self._plan, incident, f"soon:{due_at}", _soon(tx, incident, promised))

    def _show(self, tx: Tx, number: int, job_state: str) -> None:
        one = record.find(tx.all, number)
        found = incidents.find(tx, one.incident) if one else None
        if one is not None and found is not None:
            record.mark_shown(tx, number, job_state)
            show(tx, self._plan, found.incident, number)
            if one.state is PublicationState.REFUSED:
                self._not_sent(tx, found.incident, one)

    def _not_sent(self, tx: Tx, incident: Incident, one: Publication) -> None:
        """Its promise was never made; whoever let it out hears that nobody outside was told."""
        if one.kind is Kind.STATUS:
            before = standing(tx.all, incident).last(Kind.STATUS)
            promise.save(tx, replace(promise.find(tx.all, incident.id), next_update_at=_promised_by(before)))
        said = (
            f"{one.ref} ({one.kind.title}, {one.stage.value}), which you approved, did not go out:"
            f" {one.said or 'no words came with it'}. Once that is mended, press “Send again” on its card, or"
            f" `outbound retry {one.job}`; until then tell them by hand."
        )
        call_once(tx, self._plan, incident, f"failed:{one.id}:{one.ended_at}", said, one.decided_by)
        show_incident(tx, self._plan, incident)

    def _offer_mails(self, told: Told, now: str) -> None:
        levels = [level for level in Severity if rules.is_outage(told, level)]
        for number in promise.without_mail(self._store.read, _before(told, now), levels):
            incident = incidents.get(self._store, number)
            if incident is not None and self._deserves_mail(told, incident, now):
                self._store.write(lambda tx, number=number: self._offer_mail(tx, told, number))  # type: ignore[misc]

    def _offer_mail(self, tx: Tx, told: Told, number: int) -> None:
        """A draft with its buttons, once an incident; nothing is sent."""
        found, promised = incidents.find(tx, number), promise.find(tx.all, number)
        if found is None or promised.mail_offered_at or not self._deserves_mail(told, found.incident, tx.now):
            return
        promise.save(tx, replace(promised, mail_offered_at=tx.now))
        if any(one.kind is Kind.MAIL for one in standing(tx.all, found.incident).publications):
            return
        drafted = draft_within(tx, self._plan, found.incident, DRBOT, Kind.MAIL, Stage.FIRST).publication
        said = (
            f"{found.incident.ref} has lasted since {clock(found.incident.opened_at)}: the plan has customers"
            f" written to. {drafted.ref} is drafted here for you to read, edit and approve; nothing was sent."
        )
        call_once(tx, self._plan, found.incident, "mail", said)

    def _deserves_mail(self, told: Told, incident: Incident, now: str) -> bool:
        return (
            incident.is_open
            and rules.is_outage(told, incident.severity)
            and rules.customers_notice(self._plan, incident)
            and incident.opened_at <= _before(told, now)
        )


def _before(told: Told, now: str) -> str:
    """When an outage that is told of now began at the latest."""
    return iso(from_iso(now) - timedelta(seconds=told.after or 0.0))


def _promised_by(last: Publication | None) -> str:
    """When the next update is due by the last text that went out; empty where it promised none."""
    if last is None or not last.next_update_s:
        return ""
    return iso(from_iso(last.decided_at) + timedelta(seconds=last.next_update_s))


def _soon(tx: Tx, incident: Incident, promised: Promise) -> str:
    return (
        f"The outside was promised an update on {incident.ref} by {clock(promised.next_update_at)}."
        f" {_next_step(tx, incident, '')}"
    )


def _late(tx: Tx, incident: Incident, promised: Promise) -> str:
    return (
        f"The update on {incident.ref} that the outside was promised by {clock(promised.next_update_at)} is"
        f" overdue. {_next_step(tx, incident, ' now')}"
    )


def _next_step(tx: Tx, incident: Incident, soon: str) -> str:
    """Approve what waits; draft where nothing does, or where that tells of the middle of what is over."""
    waiting = standing(tx.all, incident).waits(Kind.STATUS)
    if waiting is None:
        what = f"draft {incident.ref} status" + ("" if incident.is_open else " resolved")
        return f"Draft it{soon} with “Tell outside” on the card, or `{what}`."
    if too_late(incident, waiting):
        return f"{waiting.ref} waits and still says {waiting.stage.value}: {brought_up(incident, waiting)}."
    return f"{waiting.ref} waits for you in this thread: read it and approve it{soon}."
