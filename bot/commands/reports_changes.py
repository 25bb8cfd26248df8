"""Verbs that change the report: edit it, draft it anew, have it read, publish it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.commands.desk import Desk
from bot.commands.grammar import Said, take_apart, yes_or_no
from bot.commands.reports import next_presses, version_said, which
from bot.commands.verbs import verb
from bot.domain.answer import Answer, Exit, Refusal, UsageError
from bot.report import Done, State
from bot.report.cost import measure
from bot.report.editing import listed
from bot.report.paper import read_paper
from bot.report.telling import differences, left_words

FILE_LIMIT_BYTES = 2_000_000


@verb(
    "report edit",
    "report edit INC-7 [section=Root-Cause text=…] [file=PATH [remove=yes]] [version=2]",
    also=("on",),
)
def report_edit(desk: Desk, said: Said) -> Answer:
    """Change the report: a section's words, or (in a shell) the whole from a Markdown file. Each change is a
    version; what was there before is kept. A file that lacks sections needs remove=yes to take them out.
    version=2 brings that version back."""
    number = which(said)
    told, text = _told(said)
    if "file" in told:
        text = _file(said, number, told["file"])
        return _changed(desk.reports.edit(said.person, number, text, yes_or_no(told, "remove")))
    version = version_said(told)
    if version is not None:
        return _changed(desk.reports.go_back(said.person, number, version))
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
    if not titles:
        return Answer(
            f"The report of {ref} has no sections left.",
            (f"`report redraft {ref} removed=yes` brings back those that people took out.",),
            exit=Exit.USAGE,
        )
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


@verb("report redraft", "report redraft INC-7 [removed=yes]")
def report_redraft(desk: Desk, said: Said) -> Answer:
    """Draft anew every section that no person changed. What people wrote stays as it is. removed=yes brings
    back the sections that people took out."""
    number = which(said)
    measure(desk.store, desk.plan, desk.toolbox, number)
    done = desk.reports.redraft(said.person, number, yes_or_no(said.options, "removed"))
    kept = done.merged.kept if done.merged else ()
    left_out = done.merged.left_out if done.merged else ()
    lines = [f"Renewed: {listed(done.changed)}."]
    if left_out:
        lines.append(f"{left_words(left_out, number)}.")
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
    done = desk.reports.review(said.person, which(said), back)
    ref = done.incident.ref
    if back:
        return Answer(f"The report of {ref} is a draft again.")
    return Answer(
        f"The report of {ref} is in review, version {done.standing.version}.",
        (
            _asked(done) or "The plan names nobody to read it: its thread asks whoever was there.",
            f"`report publish {ref}` publishes it as it then stands.",
        ),
        presses=((f"Publish {ref}", f"report publish {ref}"),),
    )


@verb("report publish", "report publish INC-7")
def report_publish(desk: Desk, said: Said) -> Answer:
    """Publish the report that is in review. It is frozen from then on; a later edit makes a new version."""
    done = desk.reports.publish(said.person, which(said))
    ref = done.incident.ref
    return Answer(
        f"The report of {ref} is published, version {done.standing.version}.",
        (f"`report export {ref} as=print` hands it out for a printer, or to be saved as PDF.",),
    )


def _asked(done: Done) -> str:
    who = " and ".join(done.asked)
    return f"{who} {'is' if len(done.asked) == 1 else 'are'} asked in its thread to read it." if who else ""


def _changed(done: Done) -> Answer:
    ref = done.incident.ref
    lines = ["Words that look like secrets were taken out."] if done.hidden else []
    if done.beside:
        lines.append(
            f"Somebody else changed {listed(done.beside)} since your copy was written: both texts stand"
            f" there, yours below. `dr report {ref} > report.md` writes a new copy."
        )
    if done.standing.state is State.REVIEW and done.standing.published:
        kept = done.standing.published
        shows = f"`report {ref} version={kept}` shows it"
        lines.append(f"Version {kept} stays as it was published ({shows}); this one is in review.")
    if done.asked:
        lines.append(_asked(done))
    return Answer(
        f"The report of {ref} is changed: {listed(done.changed)}. It is version {done.standing.version} now.",
        tuple(lines),
        presses=next_presses(done.standing.state, ref),
    )


def _file(said: Said, number: int, name: str) -> str:
    if said.where.face != "shell":
        raise Refusal(
            f"a file is read where the bot's shell is; here, `report edit INC-{number}` shows the sections"
        )
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
