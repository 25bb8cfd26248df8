"""Seats that nobody holds, approvals that nobody can give, reviews that nobody did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from bot.domain.severity import Severity
from bot.plan.fields import FREQUENCY_DAYS
from bot.plan.finding import Finding, Review


def unfilled_seats(review: Review, today: date) -> Iterator[Finding]:
    """Vacant seats (each), too few approvers, unknown accounts, an unapproved or overdue document."""
    yield from _rotation(review)
    yield from _approvers(review)
    yield from _accounts(review)
    yield from _document(review, today)


def _rotation(review: Review) -> Iterator[Finding]:
    plan = review.plan
    for key, seat in plan.on_call.items():
        for name, person in (("primary", seat.primary), ("secondary", seat.secondary)):
            if person is None:
                said = f"the {name} seat of {seat.role} is vacant: write a person's id from `people`"
                yield review.warning(("on_call", key, name), said)
    for number, told in enumerate(plan.communication.internal):
        if told.roles and not plan.people_with(told.roles):
            said = f"{told.tell} is to be told, and nobody has the role {' or '.join(told.roles)}"
            yield review.warning(("communication", "internal", number), said)
    yield from _unreachable(review)
    yield from _untimed(review)
    if not plan.people_with(("on-call",)):
        yield review.fault(("people",), "nobody has the role on-call: no alert reaches a person")


def _unreachable(review: Review) -> Iterator[Finding]:
    """Whoever the table tells while nobody answers, and drbot has no way to."""
    told = {role for line in review.plan.communication.internal for role in line.roles}
    for person in review.plan.people_with(tuple(told)):
        entry = review.plan.people[person.id]
        if not entry.email and not entry.slack:
            said = f"{entry.name} is to be told while nobody answers, and has neither `email` nor `slack`"
            yield review.warning(("people", person.id), said)


def _untimed(review: Review) -> Iterator[Finding]:
    """A severity that alerts can have, and nobody has to answer."""
    plan = review.plan
    if not plan.communication.internal:
        return
    for level in Severity:
        if level is not Severity.NONE and level.value not in plan.severities:
            said = f"{level.value} has no response time: nobody is told when nobody answers"
            yield review.warning(("severities",), said)


def _approvers(review: Review) -> Iterator[Finding]:
    for risk, rule in review.plan.risks.items():
        able = review.plan.people_with(rule.approve or rule.ask)
        where = ("risks", risk)
        if risk == "destructive" and not rule.second_person:
            said = "destructive runs without `second_person: true`: one person alone could lose the data"
            yield review.fault(where, said)
        elif rule.second_person and not able:
            yield review.fault(where, f"nobody can approve a {risk} run: give people the role first")
        elif rule.second_person and len(able) == 1:
            said = f"only {able[0].name} can approve a {risk} run, and not their own: name a second approver"
            yield review.warning(where, said)


def _accounts(review: Review) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for person_id, entry in review.plan.people.items():
        account = entry.slack.removeprefix("@")
        if not account:
            said = f"{entry.name} has no `slack`: they can press nothing there"
            yield review.warning(("people", person_id), said)
        elif account in seen:
            said = f"{seen[account]} has the same Slack account: who pressed could not be told"
            yield review.fault(("people", person_id, "slack"), said)
        seen.setdefault(account, entry.name)


def _document(review: Review, today: date) -> Iterator[Finding]:
    document = review.plan.document
    if document is None:
        return
    if document.approved_by is None:
        said = "nobody has approved the document: the seat is vacant"
        yield review.warning(("document", "approved_by"), said)
    where = ("document", "next_review")
    if document.next_review is not None:
        due, why = _last_day(document.next_review), "as the document says"
    else:
        due = _last_day(document.last_updated) + timedelta(days=FREQUENCY_DAYS[document.review])
        why = f"{document.review}, last updated {document.last_updated}; the next date is vacant"
    if due < today:
        said = f"the review has been overdue since {due.isoformat()} ({why}): review it and set the date"
        yield review.warning(where, said)
    elif document.next_review is None:
        yield review.warning(where, f"the next review has no date: it is due by {due.isoformat()} ({why})")


def _first_day(written: str) -> date:
    return date.fromisoformat(written if len(written) > 7 else f"{written}-01")


def _last_day(written: str) -> date:
    if len(written) > 7:
        return date.fromisoformat(written)
    return (_first_day(written) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
