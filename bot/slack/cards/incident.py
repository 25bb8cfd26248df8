"""The incident's card: how bad, where, who has it, why, and what can be pressed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.domain.incident import Incident, IncidentState
from bot.domain.person import DRBOT
from bot.domain.run import Run, RunState
from bot.domain.walk import StepState, Walk, standing_at
from bot.plan.models import OfferedAction
from bot.slack.blocks import (
    Block,
    Card,
    actions,
    button,
    confirm,
    context,
    facts,
    form_button,
    header,
    plain_words,
    section,
)
from bot.slack.cards.looked import looked_blocks
from bot.slack.cards.words import COLOUR, RUN_WORD, Namer, as_written, holder, place, run_sign
from bot.slack.fit import fit_card
from bot.slack.lines import option, word
from bot.slack.scene import Aid, Press
from bot.slack.text import code, counted, lasted, moment, one_line, plain

NAMES_SHOWN = 5
WHY_SHOWN = 3
WHY_TEXT = 120
RUNS_SHOWN = 4
OFFERS_SHOWN = 5
WALKS_SHOWN = 2
RUNBOOKS_SHOWN = 2
NO_AID = Aid()
REVIEWS_SHOWN = 2
_PROOF = re.compile(r"\. Rule |: [a-z_]+(?:=~|!~|!=|=)\"")


def incident_card(
    incident: Incident,
    runs: Sequence[Run] = (),
    offers: Sequence[OfferedAction] = (),
    name: Namer = as_written,
    aid: Aid = NO_AID,
) -> Card:
    """The one message of an incident, edited in place. Resolved, it folds to a line and a report button.

    `runs` are the incident's, any order; `offers` the plan's runbook actions for it; `name` writes people;
    `aid` are the runbooks that fit, those under way, and what drbot found by itself.
    """
    said = f"{incident.severity.value} {incident.ref} {one_line(incident.title, 200)}"
    if not incident.is_open:
        return fit_card(Card(f"Resolved: {said}", _resolved(incident, runs, name, aid)))
    blocks = [
        header(f"{COLOUR[incident.severity]} {incident.severity.value}  {incident.title}"),
        context(f"*{incident.ref}*  ·  {place(incident)}  ·  {_since(incident, aid.reopened_at)}"),
        facts([*_facts(incident, name), *aid.facts]),
        *_alerts(incident),
        *looked_blocks(incident.ref, aid.findings, aid.reopened_at),
        *_runs(runs, aid),
        *_buttons(incident, runs, offers, aid),
        *_why(incident),
    ]
    return fit_card(Card(f"{said} ({place(incident)})", blocks))


def _since(incident: Incident, reopened_at: str) -> str:
    if not reopened_at:
        return f"since {moment(incident.opened_at)}"
    return f"*reopened {moment(reopened_at)}*, first opened {moment(incident.opened_at)}"


def _facts(incident: Incident, name: Namer) -> list[tuple[str, str]]:
    rows = [("Who", holder(incident, name)), ("Alerts", _count(incident))]
    if incident.own_channel:
        rows.append(("Talk", f"<#{incident.channel}>"))
    if incident.impact:
        rows.append(("Impact", one_line(incident.impact, 200)))
    return rows


def _count(incident: Incident) -> str:
    if not incident.alerts_total:
        return "declared by a person"
    quiet = incident.alerts_total - incident.alerts_firing
    return f"{incident.alerts_firing} firing" + (f", {quiet} over" if quiet > 0 else "")


def _alerts(incident: Incident) -> list[Block]:
    shown = [code(alert, 60) for alert in incident.alert_names[:NAMES_SHOWN]]
    more = len(incident.alert_names) - len(shown)
    if more > 0:
        shown.append(f"and {more} more")
    if incident.truncated:
        shown.append(f"(the monitor left out {counted(incident.truncated, 'alert')})")
    return [context("  ".join(shown))] if shown else []


def _why(incident: Incident) -> list[Block]:
    """The trace in short, as plain text: a matcher's `*` and `~` are not bold and strike-through."""
    lines = [plain(_brief(line), WHY_TEXT) for line in incident.why[:WHY_SHOWN]]
    held = ["severity set by a person"] if incident.severity_held else []
    said = "  ·  ".join(line for line in [*held, *lines] if line)
    if not said:
        return []
    return [{"type": "context", "elements": [plain_words(f"Why {incident.severity.value}: {said}", 2000)]}]


def _brief(line: str) -> str:
    """What was found, without the rule and the matcher that found it: `why` tells those."""
    return _PROOF.split(line, maxsplit=1)[0]


def _runs(runs: Sequence[Run], aid: Aid) -> list[Block]:
    """Runbooks under way, then what people had run; drbot's own looks stand above with their findings.

    What ended before it reopened is no success of now: it has no tick, and says so.
    """
    asked = [run for run in runs if run.requested_by != DRBOT]
    newest = sorted(asked, key=lambda run: (run.state.ended, -run.id))[:RUNS_SHOWN]
    lines = [_run_line(run, run.state.ended and run.ended_at < aid.reopened_at) for run in newest]
    lines = [*map(_walk_line, aid.walks[:WALKS_SHOWN]), *lines]
    return [section("\n".join(lines))] if lines else []


def _walk_line(walk: Walk) -> str:
    done = sum(1 for step in walk.steps if step.state not in (StepState.TODO, StepState.DOING))
    at = standing_at(walk)
    number = min(len(walk.steps), done + 1) if at is None else at + 1
    said = f"step {number} of {len(walk.steps)}, {one_line(walk.steps[number - 1].title, 80)}"
    waits = "" if at is None else ", waits for a person"
    return f"🧭  *{walk.ref}* {one_line(walk.title, 80)}: {said}{waits}"


def _run_line(run: Run, of_before: bool) -> str:
    said = RUN_WORD[run.state]
    if run.state is RunState.RUNNING and run.current:
        said = one_line(run.current, 120)
    elif run.state is RunState.VERIFIED and run.outcome:
        said = one_line(run.outcome, 160)
    if of_before:
        return f"◻️  _Before it reopened:_ *{run.ref}* {one_line(run.title, 100)}: {said}"
    return f"{run_sign(run)}  *{run.ref}* {one_line(run.title, 100)}: {said}"


def _buttons(
    incident: Incident, runs: Sequence[Run], offers: Sequence[OfferedAction], aid: Aid
) -> list[Block]:
    ref = incident.ref
    fresh = incident.state is IncidentState.OPEN
    acknowledge = button("Acknowledge", f"ack {ref}", "ack", "primary") if fresh else None
    waiting = [run for run in runs if run.state is RunState.PROPOSED][:REVIEWS_SHOWN]
    reviews = [
        button(f"Review {run.ref}", f"show {run.ref}", f"review:{run.id}", "primary") for run in waiting
    ]
    walks = [
        button(f"{walk.ref}: where it stands", f"runbook {walk.ref}", f"walk:{walk.id}")
        for walk in aid.walks[:WALKS_SHOWN]
    ]
    books = [runbook_button(key, title, ref) for key, title in aid.runbooks[:RUNBOOKS_SHOWN]]
    single = [offer_button(offer, ref, number) for number, offer in enumerate(offers[:OFFERS_SHOWN])]
    silence = button("Silence 1 h", f"silence {ref} for=1h", "silence") if aid.silence else None
    rows = [actions(acknowledge, *reviews, *walks, *books, *single, silence, name="now")]
    sure = confirm(
        f"Resolve {ref}?",
        "The card folds, and a draft of the report is posted for you to complete.",
        "Resolve",
        "Keep open",
    )
    rows.append(
        actions(
            form_button("Severity", f"sev {ref}", "severity"),
            form_button("Note", f"note {ref}", "note"),
            button("Why", f"why {ref}", "why"),
            button("Report", f"report {ref}", "report"),
            button("Resolve", f"resolve {ref}", "resolve", confirm=sure),
            name="always",
        )
    )
    if aid.presses:
        rows.append(actions(*map(press_button, aid.presses), name="people"))
    return rows


def press_button(press: Press) -> Block:
    """A button that somebody's room asks for."""
    if press.form:
        return form_button(press.label, press.line, press.name)
    return button(press.label, press.line, press.name, "primary" if press.primary else "")


def runbook_button(key: str, title: str, incident_ref: str) -> Block | None:
    """Begins a runbook for this incident; None where its plan id cannot be said in a line."""
    try:
        line = f"runbook {word(key)} incident={incident_ref}"
    except ValueError:
        return None
    return button(f"Runbook: {title}", line, f"runbook:{key[:100]}")


def offer_button(offer: OfferedAction, incident_ref: str, number: int) -> Block | None:
    """A runbook's button: asks for the run; the plan card that follows is what gets approved.

    None where the parameters cannot be written in a line: a changed command must never be run.
    """
    try:
        given = [option(key, value) for key, value in offer.params.items()]
        line = " ".join(["run", word(offer.action), *given, f"incident={incident_ref}"])
    except ValueError:
        return None
    label = offer.label or offer.action.replace("-", " ").capitalize()
    return button(label, line, f"offer:{number}")


def _while_firing(incident: Incident) -> str:
    count = incident.alerts_firing
    return f" *while {counted(count, 'alert')} still fire{'s' if count == 1 else ''}*" if count else ""


def _resolved(incident: Incident, runs: Sequence[Run], name: Namer, aid: Aid) -> list[Block]:
    length = lasted(incident.opened_at, incident.resolved_at)
    parts = [
        f"{incident.severity.value}, {place(incident)}",
        f"lasted {length}" if length else "",
        holder(incident, name).replace("Resolved", "resolved", 1) + _while_firing(incident),
        counted(incident.alerts_total, "alert") if incident.alerts_total else "",
        counted(len(runs), "run") if runs else "",
    ]
    title = f"✅  *{incident.ref} is over:* {one_line(incident.title, 200)}"
    return [
        section(title),
        context("  ·  ".join(part for part in parts if part)),
        actions(
            button("Report", f"report {incident.ref}", "report"),
            button("Timeline", f"timeline {incident.ref}", "timeline"),
            *map(press_button, aid.presses),
        ),
    ]
