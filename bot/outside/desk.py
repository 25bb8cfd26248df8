"""Texts for the outside: drafted, edited, withdrawn. Nothing leaves the house here; an approval lets it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.domain.answer import Refusal, UsageError
from bot.domain.incident import Incident
from bot.domain.person import Person
from bot.domain.publication import Kind, Publication, PublicationState, Stage
from bot.outside import record, rules
from bot.outside.approving import Approvals
from bot.outside.composing import edited, fresh
from bot.outside.drafting import draft as words_of
from bot.outside.keeping import call_once, keep, quote
from bot.outside.standing import Standing, standing
from bot.outside.ways import by_hand
from bot.outside.words import already, too_late
from bot.plan.models import DrPlan
from bot.store import incidents
from bot.store.database import Read, Store, Tx


class EditedMeanwhile(Refusal):
    """Somebody else changed the text after this person opened it; their words were not taken."""


@dataclass(frozen=True)
class Drafted:
    """The text that waits now, and whether this call wrote it."""

    publication: Publication
    is_new: bool


class Outside:
    """Every change is one transaction: row, journal entry, card, and on approval the outbound job."""

    def __init__(self, store: Store, plan: DrPlan, unset: frozenset[str] = frozenset()) -> None:
        """`unset` names the settings of the ways that are not there: `unset_ways`."""
        self._store = store
        self._plan = plan
        self._unset = unset
        self._approvals = Approvals(store, plan, unset)

    def get(self, number: int) -> Publication:
        """The publication as it stands. Raises UsageError where there is none of that number."""
        return _found(self._store.read, number)

    def standing(self, incident: int) -> Standing:
        """What the outside was told, what waits and what is due. Raises UsageError for no such incident."""
        found = incidents.get(self._store, incident)
        if found is None:
            raise UsageError(f"there is no INC-{incident}: `incidents` lists the open ones")
        return standing(self._store.read, found)

    def by_hand(self, one: Publication) -> str:
        """What to do where the way of a text is not set up; empty where it can go out."""
        found = incidents.get(self._store, one.incident)
        return by_hand(self._plan, found, one.kind, self._unset) if found else ""

    def draft(
        self, person: Person, incident: int, kind: Kind, stage: Stage | None = None, request_key: str = ""
    ) -> Drafted:
        """A text that waits for its approval. One of a kind waits at a time: asked again, it is the same one.

        Another stage drafts it anew, and so does the incident's end where what waits tells of its middle,
        unless a person has written in it (Refusal). Safe to repeat.
        """
        self._known(person, "draft a text for the outside")

        def work(tx: Tx) -> Drafted:
            before = record.of_request(tx.all, request_key)
            if before is not None:
                return Drafted(before, False)
            found = _incident(tx, incident)
            drafted = draft_within(tx, self._plan, found, person.id, kind, stage, request_key)
            if not rules.may_approve(self._plan, person):
                self._call(tx, found, drafted.publication)
            return drafted

        return self._store.write(work)

    def _call(self, tx: Tx, incident: Incident, one: Publication) -> None:
        """Whoever may let it out is told once that it waits."""
        said = f"{one.ref} ({one.kind.title}) waits in this thread: read it, edit it, approve it."
        if not self._plan.people_with(self._plan.communication.outside.approve):
            said = f"{one.ref} ({one.kind.title}) waits for {rules.approvers(self._plan)}."
        elif cannot := by_hand(self._plan, incident, one.kind, self._unset):
            said = f"{one.ref} ({one.kind.title}) is drafted in this thread. {cannot}"
        call_once(tx, self._plan, incident, f"waits:{one.id}", said)

    def edit(
        self,
        person: Person,
        number: int,
        text: str | None = None,
        subject: str | None = None,
        stage: Stage | None = None,
        next_update_s: int | None = None,
        seen: str = "",
    ) -> Publication:
        """Change what waits; what is None stays. `seen` is the digest of what the person had before them.

        Raises UsageError for a text that cannot go out, Refusal where it no longer waits, EditedMeanwhile.
        """
        self._known(person, "edit a text for the outside")

        def work(tx: Tx) -> Publication:
            found = _found(tx.all, number)
            incident = _incident(tx, found.incident)
            if found.state is not PublicationState.DRAFT:
                raise Refusal(
                    f"{already(self._plan, found)}. What is decided is not edited: say the next thing with"
                    f" `draft {incident.ref} {found.kind.value}`"
                )
            if seen and not found.digest.startswith(seen):
                by = self._plan.called(found.edited_by) if found.edited_by else "drbot"
                raise EditedMeanwhile(
                    f"{found.ref} was changed by {by} after you opened it. Your words were not taken;"
                    " open it again"
                )
            made = edited(self._plan, incident, found, subject, text, stage, next_update_s)
            if made.digest == found.digest:
                return found
            own = words_of(self._plan, incident, made.kind, made.stage, made.next_update_s)
            by = "" if (own.subject, own.text) == (made.subject, made.text) else person.id
            made = replace(made, edited_by=by, edited_at=tx.now)
            said = f"{person.name} edited {made.ref} ({made.stage.value}): {quote(made.text)}"
            keep(tx, self._plan, incident, made, "publication-edited", person.id, said)
            return made

        return self._store.write(work)

    def approve(self, person: Person, number: int, digest: str) -> Publication:
        """Let it go out, exactly as it was shown. See bot.outside.approving."""
        return self._approvals.approve(person, number, digest)

    def withdraw(self, person: Person, number: int) -> Publication:
        """Take it back before it is approved. Raises Refusal where that was decided already."""
        self._known(person, "withdraw a text for the outside")

        def work(tx: Tx) -> Publication:
            found = _found(tx.all, number)
            if found.state is not PublicationState.DRAFT:
                raise Refusal(already(self._plan, found))
            made = replace(found, state=PublicationState.WITHDRAWN, decided_by=person.id, decided_at=tx.now)
            said = f"{person.name} withdrew {made.ref} ({made.kind.title}); nothing was sent"
            incident = _incident(tx, found.incident)
            keep(tx, self._plan, incident, made, "publication-withdrawn", person.id, said)
            return made

        return self._store.write(work)

    def _known(self, person: Person, deed: str) -> None:
        if not person.known:
            raise Refusal(
                f"the plan does not name you, so you may not {deed}. Who may let one go out:"
                f" {rules.approvers(self._plan)}"
            )


def draft_within(
    tx: Tx,
    plan: DrPlan,
    incident: Incident,
    by: str,
    kind: Kind,
    stage: Stage | None = None,
    request_key: str = "",
) -> Drafted:
    """Draft inside a transaction, for a person or for drbot itself (`by`)."""
    if kind is Kind.MAIL and not rules.address(plan, kind):
        raise UsageError(
            "the plan names no address of customers (communication.outside.customers), so there is nobody"
            " to write to. Whoever keeps the plan can add it"
        )
    now = standing(tx.all, incident)
    wanted = stage or now.next_stage(kind)
    waiting = now.waits(kind)
    if waiting is not None and _still_fits(incident, waiting, stage):
        return Drafted(waiting, False)
    if waiting is not None and waiting.edited_by:
        raise Refusal(
            f"{waiting.ref} ({waiting.stage.value}) waits with the words of"
            f" {plan.called(waiting.edited_by)}: `edit {waiting.ref} stage={wanted.value}` keeps them and"
            f" changes the stage, `withdraw {waiting.ref}` makes room for a new draft"
        )
    number = waiting.id if waiting else record.next_id(tx)
    made = fresh(plan, incident, number, kind, wanted)
    key = waiting.request_key if waiting else request_key
    made = replace(made, drafted_by=by, drafted_at=tx.now, request_key=key)
    said = f"{plan.called(by)} drafted {made.ref} for the outside ({kind.title}, {wanted.value}): "
    keep(tx, plan, incident, made, "publication-drafted", by, said + quote(made.text))
    return Drafted(made, True)


def _still_fits(incident: Incident, waiting: Publication, stage: Stage | None) -> bool:
    """Whether the text that waits is the one asked for; asked for none, the one that still can go out."""
    if stage is None:
        return not too_late(incident, waiting)
    return waiting.stage is stage


def _found(read: Read, number: int) -> Publication:
    found = record.find(read, number)
    if found is None:
        raise UsageError(f"there is no PUB-{number}: `outside INC-7` lists what was drafted for an incident")
    return found


def _incident(tx: Tx, number: int) -> Incident:
    found = incidents.find(tx, number)
    if found is None:
        raise UsageError(f"there is no INC-{number}: `incidents` lists the open ones")
    return found.incident
