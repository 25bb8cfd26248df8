"""The report of an incident of the bot's own, drafted anew from journal and messages when asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.announce import card_key, note_key
from bot.domain.answer import UsageError
from bot.domain.entry import Entry, NewEntry
from bot.domain.incident import Incident
from bot.domain.moment import slack_time
from bot.findings.drafting import draft
from bot.findings.records import (
    MARK_MEANINGS,
    Case,
    FollowUp,
    Human,
    Meaning,
    Promised,
    Report,
    Said,
    Target,
)
from bot.messages import Message, of_incident
from bot.plan.models import DrPlan
from bot.redact import mentioned, named_in, plain, redact
from bot.report import keeping
from bot.report.prose import render
from bot.store import incidents as rows
from bot.store import journal
from bot.store.database import Read, Store, Tx
from bot.store.outbox import Wanted, want
from bot.timeline import timeline

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
    (entry,) = journal.append(tx, NewEntry("report-drafted", "drbot", {"key": key}, incident.id))
    if tx.one("SELECT 1 FROM outbox WHERE key = ? AND ts <> ''", (key,)):
        said, note = _anew(tx, incident), note_key(incident.id, entry.seq)
        rank = incident.severity.rank
        want(tx, Wanted(note, "incident-note", incident.id, channel, parent=parent, rank=rank, payload=said))


def drafted_anew(read: Read, incident: int) -> str:
    """What the thread was told of a report that was there before its incident's newest end; else ''."""
    (newest,) = read(
        "SELECT COALESCE(MAX(seq), 0) FROM journal WHERE incident = ? AND kind = 'report-drafted'",
        (incident,),
    )
    found = read("SELECT payload FROM outbox WHERE key = ?", (note_key(incident, int(newest[0])),))
    return str(found[0][0]) if found else ""


def _anew(tx: Tx, incident: Incident) -> str:
    """Its message is edited where it stands, which nobody would see."""
    if keeping.standing(tx.all, incident.id) is None:
        return "The report further up in this thread is drafted anew, with the new end."
    return (
        "The report further up in this thread stays as people wrote it:"
        f" `/dr report diff {incident.ref}` shows what the new end changes."
    )


def show_report(tx: Tx, incident: Incident) -> None:
    """Bring the message of the report up to date, where there is one. Safe to ask twice."""
    key = f"incident:{incident.id}:report"
    posted = tx.one("SELECT channel, parent FROM outbox WHERE key = ?", (key,))
    if posted:
        channel, parent = map(str, posted)
        want(tx, Wanted(key, "report", incident.id, channel, parent=parent, rank=incident.severity.rank))


def report_markdown(
    store: Store, incident: int, names: Mapping[str, str] | None = None, plan: DrPlan | None = None
) -> str:
    """The report as Markdown, as things stand now: a person's version where there is one, else the draft.

    Raises UsageError where there is no such incident.
    """
    stands = keeping.standing(store.read, incident)
    newest = keeping.version(store.read, incident, stands.version) if stands else None
    if newest is not None:
        return newest.text
    return render(report_for(store, incident, names, plan=plan), plan.incident_template if plan else None)


def report_for(
    store: Store,
    incident: int,
    names: Mapping[str, str] | None = None,
    zones: Sequence[str] = (),
    plan: DrPlan | None = None,
) -> Report:
    """The draft of one incident, as things stand now.

    `names` tells people's ids (of the plan, of Slack) as names, `zones` their IANA time zones; `plan` what
    the times are held against. Raises UsageError where there is no such incident, StoreDown where the store
    cannot be read.
    """
    return draft(case_for(store, incident, names or {}, zones, plan))


def follow_ups_of(store: Store, plan: DrPlan, incident: int) -> tuple[FollowUp, ...]:
    """What people agreed to do so that it does not happen again, as the record has it now."""
    return report_for(store, incident, names_of(plan), plan=plan).follow_ups


def names_of(plan: DrPlan) -> Mapping[str, str]:
    """The people of the plan by their ids."""
    return {person_id: entry.name for person_id, entry in plan.people.items()}


def case_for(
    store: Store,
    incident: int,
    names: Mapping[str, str],
    zones: Sequence[str] = (),
    plan: DrPlan | None = None,
) -> Case:
    """Everything that the store holds about one incident. Raises UsageError where there is none."""
    found = rows.get(store, incident)
    if found is None:
        raise UsageError(f"there is no INC-{incident}: `incidents` lists the open ones")
    entries = journal.of_incident(store, incident)
    titles = {
        int(number): str(title)
        for number, title in store.read("SELECT id, title FROM runs WHERE incident = ?", (incident,))
    }
    messages = of_incident(store, incident)
    if plan is not None and plan.timezone is not None and not zones:
        zones = (str(plan.timezone),)
    case = case_of(found, [_titled(one, titles) for one in entries], messages, names, zones)
    return replace(case, promised=promised_by(plan)) if plan else case


def promised_by(plan: DrPlan) -> Promised:
    """What a plan promises of an incident's times (sections 1.1 and 4.1)."""
    return Promised(
        response_s={level: one.response for level, one in plan.severities.items()},
        targets=tuple(
            Target(key, one.title, one.target, one.priority) for key, one in plan.objectives.items()
        ),
    )


def case_of(
    incident: Incident,
    entries: Sequence[Entry],
    messages: Sequence[Message],
    names: Mapping[str, str],
    zones: Sequence[str] = (),
) -> Case:
    """The case of an incident. Pure.

    A message is labelled by the entry that its first arrival has in the journal, so that a label in a
    person's text leads to the same message for ever, whoever takes back another.
    """
    labels = {
        f"{one.data.get('channel')}/{one.data.get('ts')}": f"m{one.seq}"
        for one in reversed(entries)
        if one.kind in ("message-posted", "message-edited")
    }
    called = {key: name for one in messages for key, name in named_in(one.text).items()}
    known = {**called, **{one.author: one.author_name for one in messages if one.author_name}, **names}
    moments = timeline(entries, (), known)
    return Case(
        ref=incident.ref,
        title=redact(incident.title),
        severity=incident.severity.value,
        said=tuple(
            _said(labels.get(f"{one.channel}/{one.ts}", f"m0{number}"), one, known)
            for number, one in enumerate(messages, 1)
        ),
        moments=moments,
        humans={key: Human(key, name, (key,)) for key, name in known.items()},
        zones=tuple(zones),
        component=incident.component,
        environment=incident.environment,
        state=incident.state.value,
    )


def _said(label: str, one: Message, names: Mapping[str, str]) -> Said:
    marks: dict[Meaning, tuple[str, ...]] = {}
    for mark in one.marks:
        meaning = MARK_MEANINGS.get(mark.mark.split("::")[0])
        if meaning is not None:
            marks[meaning] = (*marks.get(meaning, ()), names.get(mark.by, mark.by))
    return Said(
        ref=label,
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
