"""An approved text as the job that takes it out: to the status page, into a letter, or as a post."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.outbound import NewJob
from bot.domain.publication import Kind, Publication, PublicationState
from bot.outbound import jobs


def job_of(one: Publication, before: Sequence[Publication]) -> NewJob:
    """The job of this text; `before` are the incident's other publications.

    The status page has one entry an incident: the first text makes it, the later ones are its updates.
    """
    key = f"publication:{one.id}"
    about = f"{one.ref}, {one.kind.title} ({one.stage.value})"
    if one.kind is Kind.MAIL:
        return jobs.mail(key, (one.to,), one.subject, one.text, about, one.incident, doubt="ask")
    if one.kind is Kind.SOCIAL:
        return jobs.post(one.incident, key, about, one.text)
    action = "update" if any(map(_has_entry, before)) else "create"
    return jobs.status_page(
        one.incident, action, key, about, one.subject, one.text, one.stage.value, one.impact, one.components
    )


def _has_entry(other: Publication) -> bool:
    """Whether this one made, or is making, the entry."""
    return other.kind is Kind.STATUS and went_out(other)


def went_out(one: Publication) -> bool:
    """Whether it was approved, and not refused for good at the other end."""
    told = (PublicationState.APPROVED, PublicationState.POSTED, PublicationState.UNSURE)
    return one.state in told
