"""The forms of what is told outside: what to draft, and the text itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.domain.publication import STAGES, SUBJECT_LIMIT, TEXT_LIMIT, Kind, Stage, read_subject, read_text
from bot.outside.standing import Standing
from bot.outside.view import PublicationView
from bot.outside.words import goes_to
from bot.slack.blocks import Block, context
from bot.slack.cards.form_parts import Origin, field, form, option, words
from bot.slack.cards.publication import TITLE
from bot.slack.lines import option as as_option
from bot.slack.text import moment, one_line

NEXT = (("in 15 min", "15m"), ("in 30 min", "30m"), ("in 60 min", "60m"), ("not promised", "none"))
DIGEST_KEPT = 16
_DOUBLE_QUOTES = frozenset('"\u201c\u201d\u201e\u201f')


def outside_form(origin: Origin, now: Standing) -> Block:
    """What to tell the outside next; what is most likely is chosen already."""
    choices = {
        (kind, stage): option(f"{TITLE[kind]}: {stage.value}", f"{kind.value} {stage.value}")
        for kind in Kind
        for stage in STAGES[kind]
    }
    wanted = (Kind.STATUS, now.next_stage(Kind.STATUS))
    element: Block = {
        "type": "static_select",
        "options": list(choices.values()),
        "initial_option": choices[wanted],
    }
    blocks = [field("what", "What is said next?", element), context(*_told(now))]
    return form("outside", f"Tell outside: {now.incident.ref}", "Draft", origin, blocks)


def _told(now: Standing) -> list[str]:
    said = ["A draft appears in the incident's thread. Nothing is sent before somebody approves it there."]
    for kind in Kind:
        last = now.last(kind)
        if last is not None:
            said.append(f"{TITLE[kind]}: said {last.stage.value} {moment(last.decided_at, '{time}')}")
    said += [
        f"⚠️ {one_line(lack, 300)}. A text may be drafted and taken out by hand." for lack in now.unconnected
    ]
    if now.next_update_at:
        said.append(f"Next update promised by {moment(now.next_update_at, '{time}')}")
    return said


def publication_form(origin: Origin, view: PublicationView) -> Block:
    """Subject, text, stage and next update of a text that waits; it carries the digest it was opened on."""
    one = view.publication
    blocks: list[Block] = []
    if one.kind is not Kind.SOCIAL:
        blocks.append(words("subject", "Subject", one.subject, lines=False, limit=SUBJECT_LIMIT))
    blocks += [
        words("text", "Text, as it will appear", one.text, limit=TEXT_LIMIT),
        _select(
            "stage", "Stage", [(stage.value, stage.value) for stage in STAGES[one.kind]], one.stage.value
        ),
    ]
    if one.kind is Kind.STATUS:
        blocks.append(_next(one.next_update_s, one.stage))
    if view.by_hand:
        blocks.insert(0, context(f"⚠️ {one_line(view.by_hand, 500)}"))
    blocks.append(
        context(f"Goes to {one_line(goes_to(one), 200)}, once it is approved. Saving sends nothing.")
    )
    origin = replace(origin, word=f"{one.kind.value}:{one.digest[:DIGEST_KEPT]}")
    return form("publication", f"Edit {one.ref}", "Save", origin, blocks)


def edit_line(origin: Origin, given: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
    """The line that the form makes, or what is wrong at which field. The text comes last, behind `--`."""
    kind_said, _, seen = origin.word.partition(":")
    kind = Kind(kind_said)
    wrong: dict[str, str] = {}
    text, subject = given.get("text", "").replace("\r\n", "\n").replace("\r", "\n"), ""
    try:
        read_text(kind, text)
    except ValueError as error:
        wrong["text"] = f"{str(error).capitalize()}."
    try:
        subject = _quotable(read_subject(kind, given.get("subject", "")))
    except ValueError as error:
        wrong["subject"] = f"{str(error).capitalize()}."
    options = [as_option("seen", seen), as_option("stage", given.get("stage", ""))]
    options += [as_option("next", given["next"])] if given.get("next") else []
    options += [as_option("subject", subject)] if subject else []
    return f"{origin.line} {' '.join(options)} -- {text}", wrong


def _quotable(subject: str) -> str:
    """As an option of a line can carry it: no double quotes, which would end it."""
    return "".join("'" if one in _DOUBLE_QUOTES else one for one in subject if one.isprintable())


def _next(promised_s: int, stage: Stage) -> Block:
    """The usual times, and the plan's own where it is none of them."""
    minutes = promised_s // 60
    choices = list(NEXT)
    chosen = f"{minutes}m" if promised_s and not stage.ends else "none"
    if chosen not in [value for _, value in NEXT]:
        choices.insert(0, (f"in {minutes} min", chosen))
    return _select("next", "Next update", choices, chosen)


def _select(name: str, label: str, choices: list[tuple[str, str]], chosen: str) -> Block:
    options = {value: option(title, value) for title, value in choices}
    return field(
        name,
        label,
        {
            "type": "static_select",
            "options": list(options.values()),
            "initial_option": options[chosen],
        },
    )
