"""The report of an incident of the bot's own, drafted anew from journal and messages when asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.announce import card_key
from bot.domain.answer import UsageError
from bot.domain.entry import Entry, NewEntry
from bot.domain.incident import Incident
from bot.messages import Message, of_incident
from bot.redact import mentioned, plain, redact
from bot.report.drafting import draft
from bot.report.prose import render
from bot.report.records import MARK_MEANINGS, Case, Human, Meaning, Report, Said
from bot.store import incidents as rows
from bot.store import journal
from bot.store.database import Store, Tx
from bot.store.outbox import Wanted, want
from bot.timeline import slack_time, timeline

DEFAULT_CHANNEL = "#belezza-alerts"


def request_report(tx: Tx, incident: Incident) -> None:
    """Ask for the draft to be posted where the incident is talked about. Safe to ask twice.

    The text is written when it is sent (`report_markdown`), so that it tells what is known by then.
    """
    card = tx.one("SELECT channel FROM outbox WHERE key = ?", (card_key(incident.id),))
    channel = str(card[0]) if card else incident.channel or DEFAULT_CHANNEL
    parent = card_key(incident.id) if card else ""
    key = f"incident:{incident.id}:report"
    want(tx, Wanted(key, "report", incident.id, channel, parent=parent, rank=incident.severity.rank))
    journal.append(tx, NewEntry("report-drafted", "drbot", {"key": key}, incident.id))


def report_markdown(store: Store, incident: int, names: Mapping[str, str] | None = None) -> str:
    """The draft as Markdown, as things stand now. Raises UsageError where there is no such incident."""
    return render(report_for(store, incident, names))


def report_for(
    store: Store, incident: int, names: Mapping[str, str] | None = None, zones: Sequence[str] = ()
) -> Report:
    """The draft of one incident, as things stand now.

    `names` tells people's ids (of the plan, of Slack) as names, `zones` their IANA time zones. Raises
    UsageError where there is no such incident, StoreDown where the store cannot be read.
    """
    found = rows.get(store, incident)
    if found is None:
        raise UsageError(f"there is no INC-{incident}: `incidents` lists the open ones")
    entries = journal.of_incident(store, incident)
    titles = {
        int(number): str(title)
        for number, title in store.read("SELECT id, title FROM runs WHERE incident = ?", (incident,))
    }
    messages = of_incident(store, incident)
    return draft(case_of(found, [_titled(one, titles) for one in entries], messages, names or {}, zones))


def case_of(
    incident: Incident,
    entries: Sequence[Entry],
    messages: Sequence[Message],
    names: Mapping[str, str],
    zones: Sequence[str] = (),
) -> Case:
    """The case of an incident. Pure."""
    known = {**{one.author: one.author_name for one in messages if one.author_name}, **names}
    moments = timeline(entries, (), known)
    return Case(
        ref=incident.ref,
        title=redact(incident.title),
        severity=incident.severity.value,
        said=tuple(_said(number, one, known) for number, one in enumerate(messages, 1)),
        moments=moments,
        humans={key: Human(key, name, (key,)) for key, name in known.items()},
        zones=tuple(zones),
        component=incident.component,
        environment=incident.environment,
        state=incident.state.value,
    )


def _said(number: int, one: Message, names: Mapping[str, str]) -> Said:
    marks: dict[Meaning, tuple[str, ...]] = {}
    for mark in one.marks:
        meaning = MARK_MEANINGS.get(mark.mark.split("::")[0])
        if meaning is not None:
            marks[meaning] = (*marks.get(meaning, ()), names.get(mark.by, mark.by))
    return Said(
        ref=f"m{number}",
        place=f"{one.channel}/{one.ts}",
        at=datetime.fromisoformat(slack_time(one.ts)),
        author=one.author,
        who=redact(one.author_name or names.get(one.author, one.author)),
        text=redact(plain(one.text, names)),
        thread=one.thread_ts,
        edited=one.edited,
        marks=marks,
        mentions=mentioned(one.text),
    )


def _titled(entry: Entry, titles: Mapping[int, str]) -> Entry:
    """A run's entry with the run's title, where the entry itself does not carry it."""
    title = titles.get(entry.run or 0)
    if title is None or not entry.kind.startswith("run-") or entry.data.get("title"):
        return entry
    return replace(entry, data={**entry.data, "title": title})
