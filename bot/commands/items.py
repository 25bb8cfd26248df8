"""Verbs for action items: what is to be done after an incident, by whom and until when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from bot.action_items.export import as_github, as_markdown
from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.commands.verbs import verb
from bot.domain.action_item import ActionItem, ItemLine, ItemState, due_words, parse_item_ref
from bot.domain.answer import Answer, Table, UsageError
from bot.domain.entry import Json
from bot.domain.incident import parse_incident_ref

ALL = "all"
# An item's text keeps its own `pool=40`; only what the verb takes is taken out of it.
_OPTIONS = re.compile(r"(?<!\S)(?:owner|due)=(?:\"[^\"]*\"|\S*)")
_WRITERS = {"markdown": as_markdown, "github": as_github}


@verb("items", "items [INC-7] [owner=ana] [all]", strangers=True)
def items(desk: Desk, said: Said) -> Answer:
    """The open action items, what is due first comes first: of all incidents, of one, of one owner."""
    words = [word for word in said.words if word.lower() != ALL]
    every = len(words) < len(said.words)
    incident = desk.incidents.get(_incident(words[0])) if words else None
    room = desk.action_items
    if incident is not None:
        found = [one for one in room.of_incident(incident.id) if every or one.is_open]
        found.sort(key=lambda one: (not one.is_open, not one.due, one.due, one.id))
    else:
        found = list(room.every() if every else room.open())
    if owner := said.options.get("owner", ""):
        wanted = room.person(owner, said.person)
        found = [one for one in found if one.owner == wanted]
    today = room.today()
    lines: tuple[str, ...] = ()
    presses: tuple[tuple[str, str], ...] = ()
    if incident is not None and (count := len(room.proposed(incident.id))):
        lines = (f"The report proposes {count} that {'is' if count == 1 else 'are'} not kept yet.",)
        presses = ((keep_label(count), f"items take {incident.ref}"),)
    title = _title(found, today, every) + (f" ({incident.ref})" if incident else "")
    return _listed(desk, found, f"{title}.", lines, presses)


@verb("items take", "items take INC-7")
def items_take(desk: Desk, said: Said) -> Answer:
    """Keep what the incident's report proposes, with the owners and days that were said; each once."""
    kept = desk.action_items.take(said.person, _incident(said.word(0, "the incident")))
    open_ends = [f"{one.ref} has no {one.lacks.replace(' and ', ' and no ')}." for one in kept if one.lacks]
    helps = ("`item owner AI-… PERSON` and `item due AI-… DAY` say what nobody said.",) if open_ends else ()
    title = f"{len(kept)} action item{' is' if len(kept) == 1 else 's are'} kept."
    return _listed(desk, list(kept), title, (*open_ends[:10], *helps))


@verb("items export", "items export INC-7 [as=markdown|github]", strangers=True)
def items_export(desk: Desk, said: Said) -> Answer:
    """An incident's action items as a Markdown task list, or as the text of an issue on GitHub."""
    form = said.options.get("as", "markdown").lower()
    write = _WRITERS.get(form)
    if write is None:
        raise UsageError(f"{form[:20]!r} is no form: say as=markdown or as=github")
    incident = desk.incidents.get(_incident(said.word(0, "the incident")))
    found = desk.action_items.of_incident(incident.id)
    if not found:
        return Answer(f"{incident.ref} has no action items: `items take {incident.ref}` keeps the report's.")
    text = write(desk.plan, incident, found)
    where = {"github": "The first line is the title, the rest the issue's text."}.get(form, "")
    lines = (where,) if where else ()
    if said.where.face == "slack":
        text = _copied(text)
    data: dict[str, Json] = {"as": form, "text": text}
    return Answer(f"{incident.ref}: {_counted(len(found))}, to copy.", lines, document=text, data=data)


@verb("item add", "item add INC-7 TEXT [owner=ana] [due=2026-12-01|friday|3d]")
def item_add(desk: Desk, said: Said) -> Answer:
    """Write an action item of an incident, with who does it and until when."""
    text = _OPTIONS.sub(" ", said.text_after(1)).strip().strip('"')
    incident = _incident(said.word(0, "the incident"))
    owner, due = said.options.get("owner", ""), said.options.get("due", "")
    item = desk.action_items.add(said.person, incident, text, owner, due, said.where.request_key)
    return _listed(desk, [item], f"{item.ref} is kept.")


@verb("item done", "item done AI-3")
def item_done(desk: Desk, said: Said) -> Answer:
    """Say that an action item is done."""
    item = desk.action_items.finish(said.person, _item(said))
    return _listed(desk, [item], f"{item.ref} is done.", (f"`item reopen {item.ref}` takes that back.",))


@verb("item drop", "item drop AI-3 REASON")
def item_drop(desk: Desk, said: Said) -> Answer:
    """Say that an action item will not be done, and why."""
    item = desk.action_items.drop(said.person, _item(said), said.text_after(1))
    return _listed(desk, [item], f"{item.ref} is dropped.")


@verb("item reopen", "item reopen AI-3 [REASON]")
def item_reopen(desk: Desk, said: Said) -> Answer:
    """Take back that an action item is done or dropped: it is open again, as it was."""
    item = desk.action_items.reopen(said.person, _item(said), said.text_after(1))
    return _listed(desk, [item], f"{item.ref} is open again.")


@verb("item owner", "item owner AI-3 PERSON|me|none")
def item_owner(desk: Desk, said: Said) -> Answer:
    """Give an action item to somebody; they are reminded of it."""
    item = desk.action_items.give(said.person, _item(said), said.text_after(1) or said.word(1, "the owner"))
    return _listed(desk, [item], f"{item.ref} is {desk.action_items.name(item.owner) or 'nobody'}’s.")


@verb("item due", "item due AI-3 DAY|none")
def item_due(desk: Desk, said: Said) -> Answer:
    """Set the day until when an action item is to be done."""
    item = desk.action_items.move(said.person, _item(said), said.text_after(1) or said.word(1, "the day"))
    return _listed(desk, [item], f"{item.ref}: {due_words(item, desk.action_items.today())}.")


def keep_label(count: int) -> str:
    """What the button says that keeps the report's action items."""
    return f"Keep {_counted(count)}"


def _listed(
    desk: Desk,
    found: Sequence[ActionItem],
    title: str,
    lines: tuple[str, ...] = (),
    presses: tuple[tuple[str, str], ...] = (),
) -> Answer:
    today = desk.action_items.today()
    shown = tuple(_line(desk, one, today) for one in found)
    columns = ("item", "incident", "what", "owner", "due", "state")
    rows = tuple((one.ref, one.incident, one.text, one.owner, one.due, one.state.value) for one in shown)
    table = Table(columns, rows) if rows else None
    data: dict[str, Json] = {"items": [_as_json(one) for one in found]}
    return Answer(title, lines, table, items=shown, presses=presses, data=data)


def _line(desk: Desk, one: ActionItem, today: date) -> ItemLine:
    return ItemLine(
        one.ref,
        f"INC-{one.incident}",
        one.text,
        desk.action_items.name(one.owner) or "no owner",
        due_words(one, today),
        one.state,
        one.is_overdue(today),
    )


def _as_json(one: ActionItem) -> dict[str, Json]:
    return {
        "item": one.ref,
        "incident": f"INC-{one.incident}",
        "text": one.text,
        "owner": one.owner,
        "due": one.due,
        "state": one.state.value,
        "evidence": list(one.evidence),
        "created_at": one.created_at,
        "ended_at": one.ended_at,
    }


def _title(found: Sequence[ActionItem], today: date, every: bool) -> str:
    still = [one for one in found if one.is_open]
    overdue = sum(1 for one in still if one.is_overdue(today))
    late = f", {overdue} overdue" if overdue else ""
    if every:
        done = sum(1 for one in found if one.state is ItemState.DONE)
        return f"{_counted(len(found))}: {len(still)} open{late}, {done} done"
    if not still:
        return "No action item is open"
    return f"{_counted(len(still))} {'is' if len(still) == 1 else 'are'} open{late}"


def _counted(count: int) -> str:
    return f"{count} action item{'' if count == 1 else 's'}"


def _copied(text: str) -> str:
    """In Slack a text to be copied stands in a block that draws nothing of it."""
    return f"```\n{text.rstrip()}\n```\n"


def _item(said: Said) -> int:
    try:
        return parse_item_ref(said.word(0, "the action item"))
    except ValueError as error:
        raise UsageError(str(error)) from error


def _incident(text: str) -> int:
    try:
        return parse_incident_ref(text)
    except ValueError as error:
        raise UsageError(str(error)) from error
