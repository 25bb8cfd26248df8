"""Verbs for the life of an incident."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.announce import own_channel_follows, place_of
from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.commands.incident_text import answer_by, standing_lines
from bot.commands.verbs import verb
from bot.domain.answer import Answer, Table, UsageError
from bot.domain.entry import Json
from bot.domain.incident import Incident, parse_incident_ref
from bot.domain.severity import Severity
from bot.duties.times import length
from bot.escalation.promised import asked_anew, promised
from bot.escalation.rows import clock_of
from bot.report import drafted_anew
from bot.store.database import iso, utc_now

# A title keeps its own `usage=95%`; only the severity is taken out of it.
_SEVERITY_OPTION = re.compile(r"(?<!\S)sev=\S*")


@verb("incidents", strangers=True)
def incidents(desk: Desk, said: Said) -> Answer:
    """The open incidents, the worst first: who has each, how old it is, and until when it wants an answer."""
    del said
    found = desk.incidents.open()
    if not found:
        return Answer("No incident is open.", data={"incidents": []})
    now = iso(utc_now())
    rows = tuple(_row(desk, one, now) for one in found)
    table = Table(("incident", "severity", "state", "what", "who", "age", "answer", "alerts firing"), rows)
    title = f"{len(found)} incident{'s are' if len(found) > 1 else ' is'} open."
    return Answer(title, table=table, data={"incidents": [as_json(one) for one in found]})


@verb("incident", "incident INC-7", strangers=True)
def incident(desk: Desk, said: Said) -> Answer:
    """One incident as it stands: who has it, by when, alerts, runs, what waits; in Slack its card."""
    found = desk.incidents.get(_which(said))
    shell = said.where.face == "shell"  # in Slack the card beside the words says all of it
    return _card(found, lines=standing_lines(desk, found, iso(utc_now())) if shell else ())


@verb("declare", "declare TITLE [sev=2]")
def declare(desk: Desk, said: Said) -> Answer:
    """Open an incident by hand; it gets a card, and a channel of its own from SEV-2 up."""
    severity = _severity(said.options.get("sev", "3"))
    title = _SEVERITY_OPTION.sub(" ", said.text_after(0)).strip().strip('"')
    opened = desk.incidents.declare(said.person, title, severity)
    where = f"Its card is in {place_of(desk.store.read, desk.plan, said.where.face)}."
    if own_channel_follows(desk.plan, opened):
        where += " A channel of its own is made."
    next_up = promised(desk.store.read, opened)
    answer = _card(opened, f"{opened.ref} is open as {opened.severity.value}.", (where, next_up))
    return replace(answer, presses=((f"Show {opened.ref}", f"incident {opened.ref}"),))


@verb("ack", "ack INC-7")
def ack(desk: Desk, said: Said) -> Answer:
    """Say that you have it; the response clock stops."""
    taken = desk.incidents.acknowledge(said.person, _which(said))
    return _card(taken, f"{taken.ref} is yours, {said.person.name}.")


@verb("sev", "sev INC-7 2 [REASON]")
def sev(desk: Desk, said: Said) -> Answer:
    """Set the severity by hand; it sticks, whatever the rules say afterwards."""
    number = _which(said)
    severity = _severity(said.word(1, "the severity"))
    before = desk.incidents.get(number)
    changed = desk.incidents.set_severity(said.person, number, severity, said.text_after(2))
    title = f"{changed.ref} is {severity.value} now, and stays so until a person changes it."
    return _card(changed, title, _asked_again(desk, said, before, changed))


@verb("note", "note INC-7 TEXT")
def note(desk: Desk, said: Said) -> Answer:
    """Put a line on the timeline, for the report."""
    noted = desk.incidents.note(said.person, _which(said), said.text_after(1))
    return _card(noted, f"Noted on {noted.ref}.")


@verb("resolve", "resolve INC-7")
def resolve(desk: Desk, said: Said) -> Answer:
    """End the incident; the draft of its report follows."""
    ended = desk.incidents.resolve(said.person, _which(said))
    anew = drafted_anew(desk.store.read, ended.id).replace("this thread", "its thread")
    report = anew or "The report's draft follows in its thread."
    return _card(ended, f"{ended.ref} is resolved. {report}", _still_firing(ended))


@verb("why", "why INC-7", strangers=True)
def why(desk: Desk, said: Said) -> Answer:
    """Why it has its severity: the rule trace, input by input."""
    found = desk.incidents.get(_which(said))
    title = f"{found.ref} is {found.severity.value} because:"
    return Answer(title, tuple(f"{i}. {line}" for i, line in enumerate(found.why, 1)), data=as_json(found))


def _asked_again(desk: Desk, said: Said, before: Incident, changed: Incident) -> tuple[str, ...]:
    """Who has to answer once more: what was acknowledged before counts no longer where it grew graver."""
    if not asked_anew(desk.store.read, changed):
        return ()
    lines = [promised(desk.store.read, changed)]
    if by := changed.acknowledged_by:
        whose = "Your" if by == said.person.id else f"{desk.plan.called(by)}'s"
        was = before.severity.value
        lines.insert(0, f"{whose} acknowledgement was for {was}: {changed.severity.value} needs a new one.")
    return tuple(lines)


def _still_firing(ended: Incident) -> tuple[str, ...]:
    count = ended.alerts_firing
    if not count:
        return ()
    fires, goes, it = ("fires", "it goes", "it") if count == 1 else ("fire", "they go", "them")
    return (
        f"{count} of its alerts still {fires}. While {goes} on, nobody is told again and {ended.ref} stays"
        " over; what fires anew opens a new incident.",
        f"Not over? `declare TITLE` opens one to work in. Known? `silence {ended.ref} for=2h` hushes {it}.",
    )


def as_json(one: Incident) -> dict[str, Json]:
    """An incident for `--json`."""
    return {
        "incident": one.ref,
        "severity": one.severity.value,
        "state": one.state.value,
        "title": one.title,
        "component": one.component,
        "environment": one.environment,
        "opened_at": one.opened_at,
        "acknowledged_by": one.acknowledged_by,
        "resolved_at": one.resolved_at,
        "alerts_firing": one.alerts_firing,
        "alerts_total": one.alerts_total,
        "why": list(one.why),
    }


def _row(desk: Desk, one: Incident, now: str) -> tuple[str, ...]:
    return (
        one.ref,
        one.severity.value,
        one.state.value,
        one.title[:80],
        desk.plan.called(one.acknowledged_by) or "nobody",
        length(one.opened_at, now),
        answer_by(clock_of(desk.store.read, one.id), now),
        str(one.alerts_firing),
    )


def _card(one: Incident, title: str = "", lines: tuple[str, ...] = ()) -> Answer:
    title = title or f"{one.ref} · {one.severity.value} · {one.title}"
    return Answer(title, tuple(filter(None, lines)), incident=one.id, data=as_json(one))


def _which(said: Said) -> int:
    try:
        return parse_incident_ref(said.word(0, "the incident"))
    except ValueError as error:
        raise UsageError(str(error)) from error


def _severity(text: str) -> Severity:
    try:
        return Severity.parse(text)
    except ValueError as error:
        raise UsageError(str(error)) from error
