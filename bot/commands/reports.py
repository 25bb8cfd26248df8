"""Verbs about the report: print it, change it, draft it anew, have it read, publish it, hand it out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.commands.desk import Desk
from bot.commands.grammar import Said, take_apart, yes_or_no
from bot.commands.verbs import verb
from bot.domain.answer import Answer, Exit, Refusal, UsageError
from bot.domain.incident import parse_incident_ref
from bot.report import Done, Shown, State
from bot.report.cost import measure
from bot.report.exporting import KINDS, export
from bot.report.paper import read_paper
from bot.report.telling import differences, handed, state_words

FILE_LIMIT_BYTES = 2_000_000
DIFFERENCES_SHOWN = 8


@verb("report", "report INC-7", strangers=True)
def report(desk: Desk, said: Said) -> Answer:
    """The incident report: a person's version where there is one, else drafted from the timeline in the
    plan's template."""
    number = _which(said)
    trouble = measure(desk.store, desk.plan, desk.toolbox, number)
    shown = desk.reports.shown(number)
    ref = shown.incident.ref
    document = handed(shown, desk.plan)
    lines: tuple[str, ...]
    if shown.written is None:
        lines = (f"`report edit {ref}` makes it yours; `report review {ref}` asks others to read it.",)
    else:
        lines = _beside(shown)
    return Answer(
        f"The report of {ref}: {state_words(shown, desk.plan)}.",
        (*([trouble] if trouble else []), *lines),
        document=document,
        presses=_presses(shown),
        data={
            "markdown": document,
            "state": _state(shown),
            "version": shown.standing.version if shown.standing else 0,
        },
    )


@verb("report diff", "report diff INC-7", strangers=True)
def report_diff(desk: Desk, said: Said) -> Answer:
    """What a new draft would say where people wrote something else. Nothing is changed."""
    shown = desk.reports.shown(_which(said))
    ref = shown.incident.ref
    if shown.merged is None:
        return Answer(f"Nobody has changed the report of {ref}: it is drafted anew each time.")
    renewed = ", ".join(shown.merged.renewed)
    lines = (f"`report redraft {ref}` would renew, as nobody changed them: {renewed}.",) if renewed else ()
    if not shown.merged.kept:
        return Answer(f"A new draft says nothing else where people wrote in the report of {ref}.", lines)
    return Answer(
        f"Where people wrote in the report of {ref}, a new draft would say otherwise.",
        (*lines, "What people wrote stays. `-` is theirs, `+` the draft's."),
        document=differences(shown.merged.kept),
    )


@verb("report edit", "report edit INC-7 [section=Root-Cause text=…] [file=PATH]", also=("on",))
def report_edit(desk: Desk, said: Said) -> Answer:
    """Change the report: a section's words, or (in a shell) the whole from a Markdown file. Each change is a
    version; what was there before is kept."""
    number = _which(said)
    told, text = _told(said)
    if "file" in told:
        return _changed(desk.reports.edit(said.person, number, _file(said, told["file"])))
    section = told.get("section", "")
    if section and text:
        seen = told.get("on", "")
        done = desk.reports.edit_section(
            said.person, number, section, text, int(seen) if seen.isdecimal() else -1
        )
        return _changed(done)
    return _sections(desk, number, section, said.where.face == "slack")


def _sections(desk: Desk, number: int, named: str, in_slack: bool) -> Answer:
    """Which sections there are: buttons to their forms in Slack, the line to type in a shell."""
    shown = desk.reports.shown(number)
    ref = shown.incident.ref
    titles = [one.title for one in read_paper(shown.text).sections]
    if in_slack:
        written = [title for title in titles if not title.startswith("Appendix")]
        return Answer(
            f"Which section of {ref}'s report?",
            ("The appendices are drafted from the record; a shell changes them, too.",),
            forms=tuple((title, f"report edit {ref} section={_slug(title)}", "report") for title in written),
        )
    return Answer(
        f"Which section of {ref}'s report?",
        (
            f"`dr report edit {ref} section={_slug(named or titles[0])} text=…` changes one,",
            f"or the whole: `dr report {ref} > report.md`, change it, `dr report edit {ref} file=report.md`.",
            f"It has {', '.join(titles)}.",
        ),
        exit=Exit.USAGE,
    )


@verb("report redraft", "report redraft INC-7")
def report_redraft(desk: Desk, said: Said) -> Answer:
    """Draft anew every section that no person changed. What people wrote stays as it is."""
    number = _which(said)
    measure(desk.store, desk.plan, desk.toolbox, number)
    done = desk.reports.redraft(said.person, number)
    kept = done.merged.kept if done.merged else ()
    lines = [f"Renewed: {', '.join(done.changed)}."]
    if kept:
        where = ", ".join(one.title for one in kept)
        lines.append(f"People's words stay in {where}; the draft says otherwise:")
    return Answer(
        f"The report of {done.incident.ref} is drafted anew, as version {done.standing.version}.",
        tuple(lines),
        document=differences(kept) if kept else "",
    )


@verb("report review", "report review INC-7 [back=yes]")
def report_review(desk: Desk, said: Said) -> Answer:
    """Ask the others to read it; with back=yes it is a draft again."""
    back = yes_or_no(said.options, "back")
    done = desk.reports.review(said.person, _which(said), back)
    ref = done.incident.ref
    if back:
        return Answer(f"The report of {ref} is a draft again.")
    return Answer(
        f"The report of {ref} is in review, version {done.standing.version}.",
        (f"`report publish {ref}` publishes it as it then stands.",),
        presses=((f"Publish {ref}", f"report publish {ref}"),),
    )


@verb("report publish", "report publish INC-7")
def report_publish(desk: Desk, said: Said) -> Answer:
    """Publish the report that is in review. It is frozen from then on; a later edit makes a new version."""
    done = desk.reports.publish(said.person, _which(said))
    ref = done.incident.ref
    return Answer(
        f"The report of {ref} is published, version {done.standing.version}.",
        (f"`dr report export {ref} as=print to=FOLDER` in a shell writes it for a printer or as PDF.",),
    )


@verb("report export", "report export INC-7 [as=md|html|print] [to=FOLDER]")
def report_export(desk: Desk, said: Said) -> Answer:
    """Write the report into a folder: Markdown with its chart beside, HTML in one file, or HTML to print."""
    number = _which(said)
    if said.where.face != "shell":
        raise Refusal(
            f"the file is written where the bot's shell is: say `dr report export INC-{number}` there"
        )
    kind = said.options.get("as", "html").lower()
    if kind not in KINDS:
        raise UsageError(f"as={kind[:20]} is none of {', '.join(KINDS)}. Nothing was written")
    shown = desk.reports.shown(number)
    done = export(desk.store, desk.plan, shown, kind, Path(said.options.get("to") or "."))
    lines = ("Print it from a browser, or there: save as PDF.",) if kind == "print" else ()
    return Answer(
        f"The report of {shown.incident.ref} ({state_words(shown, desk.plan)}) is in {done[0]}.",
        (*lines, *(f"Beside it: {one}." for one in done[1:])),
        data={"files": [str(one) for one in done]},
    )


def _beside(shown: Shown) -> tuple[str, ...]:
    """What a new draft would change of a person's version, in few lines."""
    merged, ref = shown.merged, shown.incident.ref
    if merged is None or not (merged.renewed or merged.kept):
        return ("A new draft would change nothing.",)
    lines = []
    if merged.renewed:
        lines.append(f"`report redraft {ref}` renews what nobody changed: {', '.join(merged.renewed)}.")
    for one in merged.kept:
        lines.append(f"A draft of now would say otherwise in {one.title}, where people's words stay:")
        lines += [line[:300] for line in one.lines[:DIFFERENCES_SHOWN]]
        left = len(one.lines) - DIFFERENCES_SHOWN
        lines += [f"… {left} more lines: `report diff {ref}`"] if left > 0 else []
    return tuple(lines[:30])


def _changed(done: Done) -> Answer:
    ref = done.incident.ref
    lines = ["Words that look like secrets were taken out."] if done.hidden else []
    if done.standing.state is State.REVIEW and done.standing.published:
        lines.append(f"Version {done.standing.published} stays as it was published; this one is in review.")
    changed = ", ".join(done.changed[:12])
    return Answer(
        f"The report of {ref} is changed: {changed}. It is version {done.standing.version} now.",
        tuple(lines),
        presses=_next_presses(done.standing.state, ref),
    )


def _presses(shown: Shown) -> tuple[tuple[str, str], ...]:
    ref = shown.incident.ref
    state = shown.standing.state if shown.standing else State.DRAFT
    redraft = shown.merged is not None and bool(shown.merged.renewed)
    return (
        *([("Renew what nobody changed", f"report redraft {ref}")] if redraft else []),
        ("Edit", f"report edit {ref}"),
        *_next_presses(state, ref),
    )


def _next_presses(state: State, ref: str) -> tuple[tuple[str, str], ...]:
    if state is State.DRAFT:
        return (("To review", f"report review {ref}"),)
    return (("Publish", f"report publish {ref}"),) if state is State.REVIEW else ()


def _state(shown: Shown) -> str:
    return shown.standing.state.value if shown.standing else State.DRAFT.value


def _file(said: Said, name: str) -> str:
    if said.where.face != "shell":
        raise Refusal("a file is read where the bot's shell is; here, `report edit INC-…` shows the sections")
    path = Path(name)
    try:
        if path.stat().st_size > FILE_LIMIT_BYTES:
            raise UsageError(f"{path} has more than {FILE_LIMIT_BYTES // 1_000_000} MB. Nothing was changed")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read ({error}); nothing was changed") from error


def _told(said: Said) -> tuple[Mapping[str, str], str]:
    """The options before `text=`, and what follows it: several lines, signs and all, without its quotes.

    A `section=` inside somebody's words is a word.
    """
    head, _, text = said.rest.line.partition(" text=")
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    return take_apart(head).options, text


def _slug(title: str) -> str:
    return "-".join("".join(sign if sign.isalnum() else " " for sign in title).split())


def _which(said: Said) -> int:
    try:
        return parse_incident_ref(said.word(0, "the incident"))
    except ValueError as error:
        raise UsageError(str(error)) from error
