"""Verbs about who leads, talks and works for an incident."""

from __future__ import annotations

from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.commands.verbs import verb
from bot.domain.answer import Answer, Table, UsageError
from bot.domain.duty import Duty, Held
from bot.domain.entry import Json
from bot.domain.incident import parse_incident_ref
from bot.plan.models import DrPlan

NOBODY = frozenset({"none", "nobody"})


@verb("duty", "duty INC-7 commander [PERSON]")
def duty(desk: Desk, said: Said) -> Answer:
    """Take a duty of an incident, or give it to somebody: commander, communications or operations.

    Without a person it is yours; `none` leaves it free. Taking command also answers the incident.
    """
    number = which(said)
    try:
        wanted = Duty.parse(said.word(1, "the duty"))
    except ValueError as error:
        raise UsageError(str(error)) from error
    who = said.text_after(2)
    if who.strip().lower() in NOBODY:
        change = desk.duties.leave(said.person, number, wanted)
    else:
        change = desk.duties.take(said.person, number, wanted, person_called(desk.plan, who) if who else "")
    return Answer(
        f"{change.said}.",
        (wanted.purpose, f"{change.incident.ref}: its thread says so too."),
        incident=number,
        data=_as_json(desk.duties.of(number), change.incident.ref),
    )


@verb("duties", "duties INC-7", strangers=True)
def duties(desk: Desk, said: Said) -> Answer:
    """Who holds which duty of an incident, since when, and what each is for."""
    incident = desk.incidents.get(which(said))
    found = desk.duties.of(incident.id)
    by_duty = {one.duty: one for one in found}
    rows = tuple(
        (one.value, desk.plan.called(held.person), f"{held.since[11:16]} UTC", one.purpose)
        if (held := by_duty.get(one))
        else (one.value, "nobody", "", one.purpose)
        for one in Duty
    )
    lead = by_duty.get(Duty.COMMANDER)
    title = (
        f"{desk.plan.called(lead.person)} leads {incident.ref}." if lead else f"Nobody leads {incident.ref}."
    )
    hint = () if lead or not incident.is_open else (f"Take command with `duty {incident.ref} commander`.",)
    return Answer(
        title, hint, Table(("duty", "who", "since", "what for"), rows), data=_as_json(found, incident.ref)
    )


def person_called(plan: DrPlan, text: str) -> str:
    """The plan id of `ana`, `@ana`, `Ana`, `Ana Souza` or a Slack handle or id. Raises UsageError."""
    wanted = text.strip().strip('"').removeprefix("@")
    if plan.person(wanted.lower()):
        return wanted.lower()
    by_slack = plan.person_by_slack(wanted, wanted.lower())
    if by_slack:
        return by_slack.id
    named = [
        key
        for key, entry in plan.people.items()
        if wanted.casefold() in (entry.name.casefold(), entry.name.partition(" ")[0].casefold())
    ]
    if len(named) == 1:
        return named[0]
    names = ", ".join(named or list(plan.people)[:20])
    several = "several people are" if named else "nobody in the plan is"
    raise UsageError(f"{several} called {wanted[:40]!r}: say one of {names}")


def which(said: Said) -> int:
    """The incident that the first word names."""
    try:
        return parse_incident_ref(said.word(0, "the incident"))
    except ValueError as error:
        raise UsageError(str(error)) from error


def _as_json(held: tuple[Held, ...], ref: str) -> dict[str, Json]:
    by_duty = {one.duty: one for one in held}
    told: dict[str, Json] = {
        one.value: {"person": by_duty[one].person, "since": by_duty[one].since} if one in by_duty else None
        for one in Duty
    }
    return {"incident": ref, "duties": told}
