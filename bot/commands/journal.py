"""Verbs about the evidence: the timeline, the report, the chain itself."""

from __future__ import annotations

from collections.abc import Mapping

from bot import messages
from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.commands.verbs import verb
from bot.domain.answer import Answer, Exit, Table, UsageError
from bot.domain.incident import parse_incident_ref
from bot.report import report_markdown
from bot.store import journal
from bot.timeline import timeline as fold

MOMENTS_SHOWN = 60


@verb("timeline", "timeline INC-7", strangers=True)
def timeline(desk: Desk, said: Said) -> Answer:
    """What happened to an incident, moment by moment, each with its evidence."""
    incident = desk.incidents.get(_which(said))
    entries = journal.of_incident(desk.store, incident.id)
    moments = fold(entries, messages.of_incident(desk.store, incident.id), _names(desk))
    rows = tuple((one.at[11:19], one.who, one.what, one.evidence) for one in moments[-MOMENTS_SHOWN:])
    left = f" The last {len(rows)} are shown." if len(moments) > len(rows) else ""
    return Answer(
        f"{incident.ref} has {len(moments)} moments.{left}",
        table=Table(("UTC", "who", "what", "evidence"), rows),
        data={"moments": [list(row) for row in rows]},
    )


@verb("report", "report INC-7", strangers=True)
def report(desk: Desk, said: Said) -> Answer:
    """The incident report, drafted from the timeline in the plan's template."""
    incident = desk.incidents.get(_which(said))
    document = report_markdown(desk.store, incident.id, _names(desk))
    return Answer(
        f"The report of {incident.ref}, as a draft.", document=document, data={"markdown": document}
    )


@verb("journal verify")
def journal_verify(desk: Desk, said: Said) -> Answer:
    """Check the chain of the journal: any edit, deletion or reorder is found."""
    del said
    broken = journal.verify(desk.store)
    if broken is None:
        return Answer("The journal is whole: every entry follows from the one before.", data={"whole": True})
    return Answer(str(broken), exit=Exit.FAILED, data={"whole": False})


def _names(desk: Desk) -> Mapping[str, str]:
    return {person_id: entry.name for person_id, entry in desk.plan.people.items()}


def _which(said: Said) -> int:
    try:
        return parse_incident_ref(said.word(0, "the incident"))
    except ValueError as error:
        raise UsageError(str(error)) from error
