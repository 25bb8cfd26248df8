"""The one door to the outside: a person of the plan's role approves what they saw, and one press wins."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.answer import Refusal, UsageError
from bot.domain.entry import Json, NewEntry
from bot.domain.incident import Incident
from bot.domain.person import Person
from bot.domain.publication import DIGEST_PREFIX, Kind, Publication, PublicationState
from bot.outside import promise, record, rules
from bot.outside.composing import renewed
from bot.outside.keeping import keep, quote, show
from bot.outside.sending import job_of
from bot.outside.ways import by_hand
from bot.outside.words import already, brought_up, clock, too_late
from bot.plan.models import DrPlan
from bot.store import incidents
from bot.store.database import Store, Tx, from_iso, iso
from bot.store.journal import append
from bot.store.outbound import send_later


class Approvals:
    """Approve, once. A refused press is journalled, with the rule that refused it."""

    def __init__(self, store: Store, plan: DrPlan, unset: frozenset[str] = frozenset()) -> None:
        self._store = store
        self._plan = plan
        self._unset = unset

    def approve(self, person: Person, number: int, digest: str) -> Publication:
        """Check role, state and digest, then row, journal, card and job in one transaction.

        Raises UsageError without a digest, Refusal in every case but the one approval that wins.
        """

        def work(tx: Tx) -> Publication | Refusal:
            found = record.find(tx.all, number)
            grouped = incidents.find(tx, found.incident) if found else None
            if found is None or grouped is None:
                raise UsageError(f"there is no PUB-{number}: `outside INC-7` lists what was drafted")
            incident = grouped.incident
            if found.state is not PublicationState.DRAFT:
                return Refusal(already(self._plan, found))
            now = renewed(self._plan, incident, found)
            why = self._why_not(tx, person, incident, found, now, digest)
            if why:
                return self._remember(tx, person, found, why)
            return self._let_out(tx, person, incident, now)

        result = self._store.write(work)
        if isinstance(result, Refusal):
            raise result
        return result

    def _why_not(
        self, tx: Tx, person: Person, incident: Incident, found: Publication, now: Publication, digest: str
    ) -> str:
        """`found` is as it was shown last, `now` as it would go out."""
        if not rules.may_approve(self._plan, person):
            return (
                f"{person.name} may not let a text out: the plan leaves that to"
                f" {rules.approvers(self._plan)}. {found.ref} still waits; nothing was sent"
            )
        cannot = by_hand(self._plan, incident, found.kind, self._unset)
        if cannot:
            return f"{cannot} {found.ref} still waits; nothing was sent"
        if not digest:
            raise UsageError(
                f"name the digest of the text that you read: `outside {found.ref}` shows it; nothing was sent"
            )
        if len(digest) < DIGEST_PREFIX:
            raise UsageError(f"digest={digest[:20]} is too short: give at least {DIGEST_PREFIX} characters")
        if now.digest != found.digest:
            record.save(tx, now)
            show(tx, self._plan, incident, now.id)
        if not now.digest.startswith(digest):
            by = f" by {self._plan.called(found.edited_by)}" if found.edited_by else ""
            return (
                f"{found.ref} was changed{by} since you read it: read it again and approve it there."
                " Nothing was sent"
            )
        if too_late(incident, found):
            return (
                f"{incident.ref} was resolved at {clock(incident.resolved_at)}, and {found.ref} still says"
                f" {found.stage.value}. Nothing was sent; {brought_up(incident, found)}"
            )
        return ""

    def _let_out(self, tx: Tx, person: Person, incident: Incident, found: Publication) -> Publication:
        job = job_of(found, [one for one in record.of_incident(tx.all, incident.id) if one.id != found.id])
        made = replace(
            found,
            state=PublicationState.APPROVED,
            decided_by=person.id,
            decided_at=tx.now,
            job=job.key,
        )
        promise_next(tx, person, made)
        what = f"{made.ref} ({made.kind.title}, {made.stage.value})"
        said = f"{person.name} approved {what}: {quote(made.text)}"
        send_later(tx, job)
        keep(tx, self._plan, incident, made, "publication-approved", person.id, said)
        return made

    def _remember(self, tx: Tx, person: Person, found: Publication, why: str) -> Refusal:
        data: dict[str, Json] = {"press": f"publish {found.ref}", "because": why}
        append(tx, NewEntry("press-refused", person.id, data, found.incident))
        return Refusal(why)


def promise_next(tx: Tx, person: Person, made: Publication) -> None:
    """What was promised before is kept with this text; what it promises itself is due next."""
    if made.kind is not Kind.STATUS:
        return
    due_at = ""
    if made.next_update_s:
        due_at = iso(from_iso(tx.now) + timedelta(seconds=made.next_update_s))
    promise.save(tx, replace(promise.find(tx.all, made.incident), next_update_at=due_at))
    if due_at:
        said = f"the outside was promised the next update by {clock(due_at)}"
        data: dict[str, Json] = {"publication": made.ref, "due_at": due_at, "said": said}
        append(tx, NewEntry("update-promised", person.id, data, made.incident))
