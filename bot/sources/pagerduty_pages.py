"""What an event of PagerDuty tells of a page: who took it, ended it, passed it on, or wrote a note."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from bot.domain.pager import Agent, PagerEvent, Told
from bot.sources.body import MAX_NAME_CHARS, Malformed, Texts, decode

DATA = "event.data"
NOTE_CHARS = 4_000
NAMED = 5
_USER = "user"
_MERGED = "merge_resolve_reason"
_BY_KIND = {f"incident.{told.value}": told for told in Told}


class Reference(msgspec.Struct):
    """PagerDuty's way of naming anything; `email` only where it sends a whole user."""

    id: str = ""
    type: str = ""
    summary: str | None = None
    email: str | None = None

    @property
    def name(self) -> str:
        return self.summary or self.id


class ResolveReason(msgspec.Struct):
    """Why it was resolved, where that was not somebody saying so: it was merged into another incident."""

    type: str = ""
    incident: Reference | None = None


class Noted(msgspec.Struct):
    """The data of `incident.annotated`."""

    id: str
    incident: Reference
    content: str = ""


_NOTED = msgspec.json.Decoder(Noted)


def told_by(kind: str) -> Told | None:
    """What `incident.acknowledged` and its kind tell of a page, or None where it is nothing."""
    return _BY_KIND.get(kind)


def agent_of(reference: Reference | None, texts: Texts) -> Agent:
    """Who did it: a user is a person; integrations, automations and nobody are not."""
    if reference is None:
        return Agent()
    return Agent(
        texts.text(reference.id, MAX_NAME_CHARS),
        texts.text(reference.name, MAX_NAME_CHARS),
        texts.text(reference.email or "", MAX_NAME_CHARS),
        reference.type.startswith(_USER),
    )


def merged_into(reason: ResolveReason | None) -> str:
    """The id of the incident that swallowed this one, or ''."""
    if reason is None or reason.type != _MERGED or reason.incident is None:
        return ""
    return reason.incident.id[:MAX_NAME_CHARS]


def people(references: list[Reference], texts: Texts) -> str:
    """`Ana Souza, Bruno Lima`: the first few."""
    return ", ".join(texts.text(one.name, MAX_NAME_CHARS) for one in references[:NAMED] if one.name)


def note_of(key: str, occurred_at: datetime, data: bytes, agent: Agent, texts: Texts) -> PagerEvent:
    """A note that somebody wrote there. Raises Malformed."""
    noted = decode(_NOTED, data, DATA)
    if not noted.incident.id:
        raise Malformed(f"{DATA}.incident.id", "is missing")
    return PagerEvent(
        key=key,
        told=Told.ANNOTATED,
        occurred_at=moment(occurred_at),
        page=texts.text(noted.incident.id, MAX_NAME_CHARS),
        agent=agent,
        text=texts.text(noted.content, NOTE_CHARS),
    )


def moment(at: datetime) -> str:
    """ISO 8601 UTC that sorts as text. Raises Malformed beyond what a calendar holds."""
    try:
        return at.astimezone(UTC).isoformat(timespec="microseconds")
    except OverflowError as error:
        raise Malformed("event.occurred_at", f"{at.isoformat()} is out of range") from error
