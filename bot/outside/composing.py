"""A publication's content: drbot's first words, a person's words over them, and what the plan adds."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.answer import UsageError
from bot.domain.incident import Incident
from bot.domain.publication import Kind, Publication, Stage, read_subject, read_text
from bot.outside import rules
from bot.outside.drafting import draft, promise_words
from bot.plan.models import DrPlan

PROMISE_LIMIT_S = 24 * 3600


def fresh(plan: DrPlan, incident: Incident, number: int, kind: Kind, stage: Stage) -> Publication:
    """What drbot would tell now, in nobody's name yet."""
    next_s = rules.next_update_s(plan, incident, kind, stage)
    words = draft(plan, incident, kind, stage, next_s)
    made = Publication(
        number,
        incident.id,
        kind,
        stage,
        read_subject(kind, words.subject),
        read_text(kind, words.text),
        next_update_s=next_s,
    )
    return as_of_now(plan, incident, made)


def as_of_now(plan: DrPlan, incident: Incident, one: Publication) -> Publication:
    """The same words with what the plan and the incident say now: whom, which components, how bad."""
    is_status = one.kind is Kind.STATUS
    return replace(
        one,
        to=rules.address(plan, one.kind),
        components=rules.components(plan, incident, one.stage) if is_status else {},
        impact=rules.impact(incident) if is_status else "",
    )


def renewed(plan: DrPlan, incident: Incident, one: Publication) -> Publication:
    """As it would go out now: words that nobody wrote follow the incident, a person's words stay."""
    if not one.edited_by:
        words = draft(plan, incident, one.kind, one.stage, one.next_update_s)
        one = replace(one, subject=words.subject, text=words.text)
    return as_of_now(plan, incident, one)


def edited(
    plan: DrPlan,
    incident: Incident,
    one: Publication,
    subject: str | None,
    text: str | None,
    stage: Stage | None,
    next_update_s: int | None,
) -> Publication:
    """The publication with what a person gave; what is None stays. Raises UsageError for what cannot go out.

    Words that nobody wrote follow the stage; the promise inside a text follows the time that is promised.
    """
    to_stage = stage or one.stage
    next_s = _next_s(plan, incident, one, to_stage, next_update_s)
    try:
        new_subject = one.subject if subject is None else read_subject(one.kind, subject)
        new_text = one.text if text is None else read_text(one.kind, text)
    except ValueError as error:
        raise UsageError(f"{error}. Nothing was changed") from error
    untouched = not one.edited_by and (new_subject, new_text) == (one.subject, one.text)
    if untouched and to_stage is not one.stage:
        words = draft(plan, incident, one.kind, to_stage, next_s)
        new_subject, new_text = words.subject, words.text
    else:
        new_text = _with_promise(new_text, one.next_update_s, next_s)
    made = replace(one, stage=to_stage, subject=new_subject, text=new_text, next_update_s=next_s)
    return as_of_now(plan, incident, made)


def _next_s(plan: DrPlan, incident: Incident, one: Publication, stage: Stage, given: int | None) -> int:
    if one.kind is not Kind.STATUS or stage.ends:
        return 0
    if given is None:
        return rules.next_update_s(plan, incident, one.kind, stage) if one.stage.ends else one.next_update_s
    if not 0 <= given <= PROMISE_LIMIT_S:
        raise UsageError("the next update is promised within a day: next=30m, or next=none for no promise")
    return given


def _with_promise(text: str, before_s: int, now_s: int) -> str:
    before, now = promise_words(before_s), promise_words(now_s)
    if before == now or not before or before not in text:
        return text
    return text.replace(before, now).strip()
