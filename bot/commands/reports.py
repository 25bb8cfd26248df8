"""Verbs about the report that look: print it, compare it with a new draft, hand it out as a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.commands.verbs import verb
from bot.domain.answer import Answer, Table, UsageError
from bot.domain.incident import parse_incident_ref
from bot.report import Shown, State, versions_of
from bot.report.cost import measure
from bot.report.exporting import KINDS, export, files_of
from bot.report.telling import differences, handed, left_words, state_words

DIFFERENCES_SHOWN = 8
PRINTED = "Open it in a browser and print it, there also into a PDF (“Save as PDF”)."


@verb("report", "report INC-7 [version=2]", strangers=True)
def report(desk: Desk, said: Said) -> Answer:
    """The incident report: a person's version where there is one, else drafted from the timeline in the
    plan's template. version=2 shows that version as it was."""
    number = which(said)
    trouble = measure(desk.store, desk.plan, desk.toolbox, number)
    shown = desk.reports.shown(number, version_said(said.options))
    ref = shown.incident.ref
    document = handed(shown, desk.plan)
    lines: tuple[str, ...]
    if shown.written is None:
        lines = (f"`report edit {ref}` makes it yours; `report review {ref}` asks others to read it.",)
    else:
        lines = _of_earlier(shown) if shown.is_earlier else (*_beside(shown), *_others(shown))
    return Answer(
        f"The report of {ref}: {state_words(shown, desk.plan)}.",
        (*([trouble] if trouble else []), *lines),
        document=document,
        presses=_presses(shown),
        data={
            "markdown": document,
            "state": _state(shown),
            "version": shown.written.number if shown.written else 0,
        },
    )


@verb("report versions", "report versions INC-7", strangers=True)
def report_versions(desk: Desk, said: Said) -> Answer:
    """Every version of the report that was kept, the newest first, and what people did to it."""
    number = which(said)
    ref = desk.reports.shown(number).incident.ref
    found = versions_of(desk.store, number)
    if not found:
        return Answer(f"The report of {ref} has no versions yet: it is drafted anew each time.")
    rows = tuple((f"{one.number}", f"{one.at[:10]} {one.at[11:16]}", "; ".join(one.said)) for one in found)
    return Answer(
        f"The report of {ref} has {len(found)} version{'' if len(found) == 1 else 's'}.",
        (f"`report {ref} version=1` shows the first; `report edit {ref} version=1` brings it back.",),
        Table(("Version", "Since (UTC)", "What people did"), rows),
        data={"versions": [{"version": one.number, "at": one.at, "said": list(one.said)} for one in found]},
    )


@verb("report diff", "report diff INC-7", strangers=True)
def report_diff(desk: Desk, said: Said) -> Answer:
    """What a new draft would say where people wrote something else. Nothing is changed."""
    shown = desk.reports.shown(which(said))
    ref = shown.incident.ref
    if shown.merged is None:
        return Answer(f"Nobody has changed the report of {ref}: it is drafted anew each time.")
    renewed = ", ".join(shown.merged.renewed)
    lines = [f"`report redraft {ref}` would renew, as nobody changed them: {renewed}."] if renewed else []
    if left_out := shown.merged.left_out:
        lines.append(f"{left_words(left_out, shown.incident.id)}.")
    if not shown.merged.kept:
        return Answer(
            f"A new draft says nothing else where people wrote in the report of {ref}.", tuple(lines)
        )
    return Answer(
        f"Where people wrote in the report of {ref}, a new draft would say otherwise.",
        (*lines, "What people wrote stays. `-` is theirs, `+` the draft's."),
        document=differences(shown.merged.kept),
    )


@verb("report export", "report export INC-7 [as=md|html|print] [to=FOLDER]")
def report_export(desk: Desk, said: Said) -> Answer:
    """The report as a file: Markdown with its chart beside, HTML in one file, or HTML to print or save as
    PDF. Slack sends it to you, a shell writes it into a folder."""
    number = which(said)
    kind = _kind(said.options.get("as", "html").lower(), number)
    shown = desk.reports.shown(number)
    words = f"The report of {shown.incident.ref} ({state_words(shown, desk.plan)})"
    lines = (PRINTED,) if kind == "print" else ()
    if said.where.face != "shell":
        files = tuple(files_of(desk.store, desk.plan, shown, kind).items())
        sent = " and ".join(name for name, _ in files)
        return Answer(f"{words} comes to you in a direct message: {sent}.", lines, files=files)
    done = export(desk.store, desk.plan, shown, kind, Path(said.options.get("to") or "."))
    return Answer(
        f"{words} is in {done[0]}.",
        (*lines, *(f"Beside it: {one}." for one in done[1:])),
        data={"files": [str(one) for one in done]},
    )


def _kind(named: str, number: int) -> str:
    if named == "pdf":
        raise UsageError(
            f"drbot writes no PDF itself: `report export INC-{number} as=print` makes a page for it."
            f" {PRINTED} Nothing was written"
        )
    if named not in KINDS:
        raise UsageError(f"as={named[:20]} is none of {', '.join(KINDS)}. Nothing was written")
    return named


def _beside(shown: Shown) -> tuple[str, ...]:
    """What a new draft would change of a person's version, in few lines."""
    merged, ref = shown.merged, shown.incident.ref
    if merged is None or not (merged.renewed or merged.kept or merged.left_out):
        return ("A new draft would change nothing.",)
    lines = [f"{left_words(merged.left_out, shown.incident.id)}."] if merged.left_out else []
    if merged.renewed:
        lines.append(f"`report redraft {ref}` renews what nobody changed: {', '.join(merged.renewed)}.")
    for one in merged.kept:
        lines.append(f"A draft of now would say otherwise in {one.title}, where people's words stay:")
        lines += [line[:300] for line in one.lines[:DIFFERENCES_SHOWN]]
        left = len(one.lines) - DIFFERENCES_SHOWN
        lines += [f"… {left} more lines: `report diff {ref}`"] if left > 0 else []
    return tuple(lines[:30])


def _others(shown: Shown) -> tuple[str, ...]:
    ref, newest = shown.incident.ref, shown.standing.version if shown.standing else 0
    return (f"It has {newest} versions: `report versions {ref}` lists them.",) if newest > 1 else ()


def _of_earlier(shown: Shown) -> tuple[str, ...]:
    ref, number = shown.incident.ref, shown.written.number if shown.written else 0
    return (f"`report edit {ref} version={number}` brings it back; `report versions {ref}` lists all.",)


def _presses(shown: Shown) -> tuple[tuple[str, str], ...]:
    ref = shown.incident.ref
    if shown.is_earlier and shown.written:
        return (("Bring it back", f"report edit {ref} version={shown.written.number}"),)
    state = shown.standing.state if shown.standing else State.DRAFT
    redraft = shown.merged is not None and bool(shown.merged.renewed)
    return (
        *([("Renew what nobody changed", f"report redraft {ref}")] if redraft else []),
        ("Edit", f"report edit {ref}"),
        *next_presses(state, ref),
    )


def next_presses(state: State, ref: str) -> tuple[tuple[str, str], ...]:
    """The button for what comes next."""
    if state is State.DRAFT:
        return (("To review", f"report review {ref}"),)
    return (("Publish", f"report publish {ref}"),) if state is State.REVIEW else ()


def _state(shown: Shown) -> str:
    return shown.standing.state.value if shown.standing else State.DRAFT.value


def version_said(options: Mapping[str, str]) -> int | None:
    """The version that an option names; 0, which no version is, where it is no number."""
    told = options.get("version")
    return None if told is None else int(told) if told.isdecimal() and len(told) < 7 else 0


def which(said: Said) -> int:
    """The incident that a line about its report names. Raises UsageError where it names none."""
    try:
        return parse_incident_ref(said.word(0, "the incident"))
    except ValueError as error:
        raise UsageError(str(error)) from error
