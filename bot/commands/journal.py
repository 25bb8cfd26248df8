"""Verbs about the evidence: the timeline, the chain itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot import messages
from bot.audit import export_journal
from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.commands.verbs import verb
from bot.domain.answer import Answer, Exit, Table, UsageError
from bot.domain.entry import Json
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


@verb("journal verify", "journal verify [head=HASH]")
def journal_verify(desk: Desk, said: Said) -> Answer:
    """Check the chain of the journal: any edit, deletion or reorder is found.

    With head= (what an earlier check said to keep), entries cut off at the end are found, too.
    """
    kept = _kept(said.options.get("head", ""))
    verdict = journal.examine(desk.store, kept)
    newest = f"Newest entry {verdict.head.seq}, hash {verdict.head.hash}."
    data: dict[str, Json] = {"whole": verdict.broken is None, "head": str(verdict.head)}
    if verdict.broken is not None:
        lines = (f"Up to there it holds. {newest}",)
        return Answer(str(verdict.broken), lines, exit=Exit.FAILED, data={**data, "at": verdict.broken.seq})
    held = " The hash that was kept is in it." if kept else ""
    keep = f"Keep this elsewhere, for a later `journal verify head={verdict.head}`."
    return Answer(
        f"The journal is whole: every entry follows from the one before.{held}", (newest, keep), data=data
    )


@verb("journal export", "journal export INC-7 [to=DIR]")
def journal_export(desk: Desk, said: Said) -> Answer:
    """Write an incident's journal into a folder that an auditor can read and check without drbot."""
    incident = desk.incidents.get(_which(said))
    if said.where.face != "shell":
        return Answer(
            f"The folder is written where the bot's shell is: say `dr journal export {incident.ref}` there.",
            exit=Exit.REFUSED,
        )
    folder = Path(said.options.get("to") or f"{incident.ref.lower()}-journal")
    done = export_journal(
        desk.store, incident.id, folder, report_markdown(desk.store, incident.id, _names(desk), desk.plan)
    )
    broken = journal.verify(desk.store)
    lines = (
        f"Whoever has it checks it with `python3 {done.folder / 'verify.py'}`; README.md says how and why.",
        f"The journal ends at entry {done.head.seq}, hash {done.head.hash}.",
        *([str(broken)] if broken else []),
    )
    return Answer(
        f"{done.entries} entries of {incident.ref} are in {done.folder}/.",
        lines,
        exit=Exit.FAILED if broken else Exit.DONE,
        data={"folder": str(done.folder), "entries": done.entries, "head": str(done.head)},
    )


def _kept(text: str) -> journal.Kept | None:
    try:
        return journal.Kept.parse(text) if text else None
    except ValueError as error:
        raise UsageError(str(error)) from error


def _names(desk: Desk) -> Mapping[str, str]:
    return {person_id: entry.name for person_id, entry in desk.plan.people.items()}


def _which(said: Said) -> int:
    try:
        return parse_incident_ref(said.word(0, "the incident"))
    except ValueError as error:
        raise UsageError(str(error)) from error
