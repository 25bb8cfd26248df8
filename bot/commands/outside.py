"""Verbs for telling the outside: status page, mail to customers, social post."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.commands.verbs import verb
from bot.domain.answer import Answer, Exit, Table, UsageError
from bot.domain.entry import Json
from bot.domain.incident import parse_incident_ref
from bot.domain.outbound import Later, Never
from bot.domain.publication import (
    DIGEST_PREFIX,
    Kind,
    Publication,
    PublicationState,
    Stage,
    parse_kind,
    parse_publication_ref,
    parse_stage,
)
from bot.outside import EditedMeanwhile, rules
from bot.outside.standing import Standing
from bot.outside.words import clock, doubts, goes_to, too_late
from bot.plan.models import read_duration_s, say_duration
from bot.store.database import iso, utc_now

# What `edit` takes before the text. Behind the first other word everything is the text, key=value or not.
_LEADING = re.compile(r'(subject|stage|next|seen)=(?:"([^"]*)"|(\S*))\s*')
_END_OF_OPTIONS = "--"
_TEXT = "text="
BRIEF = 80


@verb("outside", "outside INC-7 | PUB-3", strangers=True)
def outside(desk: Desk, said: Said) -> Answer:
    """What the outside was told of an incident, what waits and when the next is due; or one text, whole."""
    which = said.word(0, "the incident")
    if which.upper().startswith("PUB"):
        return _whole(desk, desk.outside.get(_publication(said)))
    now = desk.outside.standing(_incident(said))
    title = _title(now)
    if not now.publications:
        return Answer(
            title, (f"`draft {now.incident.ref} status` drafts the first text; nothing goes out by itself.",)
        )
    rows = tuple(
        (one.ref, one.kind.title, one.stage.value, _state(desk, one), _brief(one.text))
        for one in now.publications
    )
    data: dict[str, Json] = {
        "incident": now.incident.ref,
        "next_update_at": now.next_update_at,
        "publications": [as_json(one) for one in now.publications],
    }
    table = Table(("text", "where", "stage", "state", "it says"), rows)
    return Answer(title, table=table, data=data, incident=now.incident.id)


@verb("outside components")
def components(desk: Desk, said: Said) -> Answer:
    """The status page's components with their ids, for `communication.outside.components` of the plan."""
    del said
    if desk.page_components is None:
        raise UsageError("no status page is connected: set STATUSPAGE_API_KEY and STATUSPAGE_PAGE_ID")
    try:
        found = desk.page_components()
    except (Later, Never) as trouble:
        return Answer("The status page did not tell its components.", (str(trouble),), exit=Exit.FAILED)
    known = {page_id: name for name, page_id in desk.plan.communication.outside.components.items()}
    rows = tuple((one_id, name, state, known.get(one_id, "–")) for one_id, name, state in found)
    data: dict[str, Json] = {"components": [list(row) for row in rows]}
    return Answer(
        f"The status page has {len(rows)} component{'' if len(rows) == 1 else 's'}.",
        table=Table(("id", "name", "state", "in the plan"), rows),
        data=data,
    )


@verb("draft", "draft INC-7 status|mail|social [stage]")
def draft(desk: Desk, said: Said) -> Answer:
    """Draft a text for the outside, from what customers notice; it waits for a person's approval."""
    number = _incident(said)
    kind, stage = _kind_and_stage(said)
    drafted = desk.outside.draft(said.person, number, kind, stage, said.where.request_key)
    one = drafted.publication
    if drafted.is_new:
        able = rules.approvers(desk.plan)
        title = f"{one.ref} is drafted ({kind.title}, {one.stage.value}) and waits for {able}."
    else:
        title = f"{one.ref} ({kind.title}, {one.stage.value}) was drafted already: {_state(desk, one)}."
    return _told(desk, said, one, title)


@verb("edit", 'edit PUB-3 [subject="…"] [stage=…] [next=30m|none] [TEXT]', also=("seen", "text"))
def edit(desk: Desk, said: Said) -> Answer:
    """Change a text that waits; whatever is not given stays. next= is how soon an update is promised."""
    number = _publication(said)
    options, text = _options_and_text(said.text_after(1))
    if not options.keys() - {"seen"} and not text:
        raise UsageError("the text is missing")
    kind = desk.outside.get(number).kind
    try:
        stage = parse_stage(kind, options["stage"]) if options.get("stage") else None
        next_s = _next_s(options["next"]) if "next" in options else None
    except ValueError as error:
        raise UsageError(str(error)) from error
    try:
        one = desk.outside.edit(
            said.person, number, text or None, options.get("subject"), stage, next_s, options.get("seen", "")
        )
    except EditedMeanwhile as refused:
        return Answer(f"{refused}.", ("What you wrote:", *text.splitlines()), exit=Exit.REFUSED)
    return _told(desk, said, one, f"{one.ref} is changed and waits for {rules.approvers(desk.plan)}.")


@verb("publish", "publish PUB-3 digest=…")
def publish(desk: Desk, said: Said) -> Answer:
    """Approve the text you saw, by its digest, and let it go out. Only the plan's role may."""
    one = desk.outside.approve(said.person, _publication(said), said.options.get("digest", ""))
    title = f"{one.ref} is approved by {said.person.name} and on its way to {goes_to(one)}."
    due = desk.outside.standing(one.incident).next_update_at
    lines = (f"The next update was promised by {clock(due)}.",) if one.kind is Kind.STATUS and due else ()
    return Answer(title, lines, publication=one.id, data=as_json(one))


@verb("withdraw", "withdraw PUB-3")
def withdraw(desk: Desk, said: Said) -> Answer:
    """Take back a text that waits for its approval."""
    one = desk.outside.withdraw(said.person, _publication(said))
    return Answer(f"{one.ref} is withdrawn; nothing was sent.", data=as_json(one))


def as_json(one: Publication) -> dict[str, Json]:
    """A publication for `--json`."""
    return {
        "publication": one.ref,
        "incident": f"INC-{one.incident}",
        "kind": one.kind.value,
        "stage": one.stage.value,
        "state": one.state.value,
        "to": one.to,
        "subject": one.subject,
        "text": one.text,
        "digest": one.digest,
        "components": dict(one.components),
        "next_update_s": one.next_update_s,
        "approved_by": one.decided_by if one.job else "",
        "said": one.said,
    }


def _brief(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= BRIEF else line[: BRIEF - 1].rsplit(" ", 1)[0] + " …"


def _title(now: Standing) -> str:
    told = len(now.told)
    said = f"The outside was told of {now.incident.ref} {'once' if told == 1 else f'{told} times'}"
    if not told:
        said = f"The outside was told nothing of {now.incident.ref} yet"
    if now.next_update_at:
        late = now.next_update_at <= iso(utc_now())
        due = "was promised by {} and is overdue" if late else "is promised by {}"
        return f"{said}; the next update {due.format(clock(now.next_update_at))}."
    return f"{said}; no update is promised."


def _state(desk: Desk, one: Publication) -> str:
    by = desk.plan.called(one.decided_by)
    words: Mapping[PublicationState, str] = {
        PublicationState.DRAFT: f"waits for {rules.approvers(desk.plan)}",
        PublicationState.APPROVED: f"approved by {by}, on its way",
        PublicationState.POSTED: f"posted {clock(one.ended_at)}, approved by {by}",
        PublicationState.REFUSED: f"not posted: {one.said}"[:160],
        PublicationState.UNSURE: f"nobody can say whether it arrived: {one.said}"[:160],
        PublicationState.WITHDRAWN: f"withdrawn by {by}",
    }
    return words[one.state]


def _told(desk: Desk, said: Said, one: Publication, title: str) -> Answer:
    """In Slack the card in the thread says the rest; a shell has only these lines."""
    if said.where.face != "shell":
        cannot = desk.outside.by_hand(one) if one.state is PublicationState.DRAFT else ""
        return Answer(title, (cannot,) if cannot else (), publication=one.id, data=as_json(one))
    return replace(_whole(desk, one), title=title)


def _whole(desk: Desk, one: Publication) -> Answer:
    """The text letter by letter, where it goes, and the line that lets it out."""
    incident = desk.outside.standing(one.incident).incident
    cannot = desk.outside.by_hand(one) if one.state is PublicationState.DRAFT else ""
    lines = [f"! {cannot}"] if cannot else []
    lines += [f"Goes to: {goes_to(one)}", f"Subject: {one.subject}" if one.subject else ""]
    lines += ["", *one.text.splitlines(), ""]
    if one.state is PublicationState.DRAFT:
        if one.next_update_s:
            lines.append(f"Next update: promised for {say_duration(one.next_update_s)} after its approval")
        lines += [f"! {doubt}" for doubt in doubts(desk.plan, incident, one)]
        if not cannot and not too_late(incident, one):
            lines.append(f"To let it out: publish {one.ref} digest={one.digest[:DIGEST_PREFIX]}")
    title = f"{one.ref} · {one.kind.title}, {one.stage.value} · {_state(desk, one)}"
    return Answer(title, tuple(lines), publication=one.id, data=as_json(one))


def _options_and_text(rest: str) -> tuple[dict[str, str], str]:
    options: dict[str, str] = {}
    while found := _LEADING.match(rest):
        options[found[1]] = found[2] if found[2] is not None else found[3]
        rest = rest[found.end() :]
    if rest.startswith(_TEXT):  # as `report edit` has it
        return options, rest.removeprefix(_TEXT).strip().strip('"')
    if rest == _END_OF_OPTIONS or rest.startswith((f"{_END_OF_OPTIONS} ", f"{_END_OF_OPTIONS}\n")):
        rest = rest.removeprefix(_END_OF_OPTIONS)
    return options, rest.strip()


def _next_s(text: str) -> int:
    return 0 if text.strip().lower() in ("none", "no", "0", "") else int(read_duration_s(text))


def _kind_and_stage(said: Said) -> tuple[Kind, Stage | None]:
    try:
        kind = parse_kind(said.word(1, "kind: status, mail or social"))
        return kind, parse_stage(kind, said.words[2]) if len(said.words) > 2 else None
    except ValueError as error:
        raise UsageError(str(error)) from error


def _incident(said: Said) -> int:
    try:
        return parse_incident_ref(said.word(0, "the incident"))
    except ValueError as error:
        raise UsageError(str(error)) from error


def _publication(said: Said) -> int:
    try:
        return parse_publication_ref(said.word(0, "the text"))
    except ValueError as error:
        raise UsageError(str(error)) from error
