"""Verbs about who leads, talks and works for an incident."""

from __future__ import annotations

from bot.commands.desk import Desk
from bot.commands.grammar import Said, yes_or_no
from bot.commands.verbs import verb
from bot.domain.answer import Answer, Table, UsageError
from bot.domain.duty import Duty, Held
from bot.domain.entry import Json
from bot.domain.incident import parse_incident_ref
from bot.domain.person import Person
from bot.duties.gathering import facts_of
from bot.duties.handover import handover_json, handover_markdown
from bot.duties.standing import Standing, standing
from bot.plan.models import DrPlan
from bot.store.database import iso, utc_now

ME = "me"
NOBODY = frozenset({"none", "nobody"})


@verb("duty", "duty INC-7 commander [PERSON] [vacant=yes]")
def duty(desk: Desk, said: Said) -> Answer:
    """Take a duty of an incident, or give it to somebody: commander, communications or operations.

    Without a person (or with `me`) it is yours; `none` leaves it free; vacant=yes takes it only from nobody.
    Taking command also answers the incident.
    """
    number = which(said)
    try:
        wanted = Duty.parse(said.word(1, "the duty"))
    except ValueError as error:
        raise UsageError(str(error)) from error
    who = " ".join(said.words[2:])
    if who.strip().lower() in NOBODY:
        change = desk.duties.leave(said.person, number, wanted)
    else:
        to = person_called(desk.plan, who, said.person) if who else ""
        change = desk.duties.take(said.person, number, wanted, to, yes_or_no(said.options, "vacant"))
    return Answer(
        f"{change.said}.",
        (wanted.purpose, f"The thread of {change.incident.ref} says so, too."),
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


@verb("handover", "handover INC-7 [PERSON]", strangers=True, also=("to",))
def handover(desk: Desk, said: Said) -> Answer:
    """Where an incident stands: what waits for a person, who does what, what was found, run and told.

    With a person command goes to them (to=ana says the same), and it is posted in the incident's thread.
    """
    incident = desk.incidents.get(which(said))
    facts = facts_of(desk.store, desk.plan, desk.runs, incident, iso(utc_now()))
    who = _receiver(said)
    if not who:
        stands = standing(facts)
        return Answer(_title(stands), document=handover_markdown(stands), data=handover_json(stands))
    to = person_called(desk.plan, who, said.person)
    stands = standing(facts.led_by(said.person.id, to))
    document = handover_markdown(stands)
    change = desk.duties.hand_over(said.person, incident.id, to, document)
    told = f"The thread of {incident.ref} has it too."
    return Answer(f"{change.said}.", (told,), document=document, data={**handover_json(stands), "to": to})


def _receiver(said: Said) -> str:
    """Who is to take over, named bare or by to=; '' where nobody is named."""
    bare, named = " ".join(said.words[1:]), said.options.get("to")
    if bare and named is not None:
        raise UsageError(f"{bare[:40]} or {named[:40]}: say one person. Nothing was done")
    if named is not None and not named.strip():
        raise UsageError("to= names nobody. Nothing was done")
    return bare or named or ""


def _title(stands: Standing) -> str:
    waits = len(stands.needs)
    said = f"{waits} thing{'s wait' if waits > 1 else ' waits'} for a person" if waits else "nothing waits"
    return f"{stands.ref}: {said}."


def person_called(plan: DrPlan, text: str, asking: Person | None = None) -> str:
    """The plan id of `ana`, `@ana`, `me`, `Ana`, `Ana Souza` or a Slack handle or id. Raises UsageError."""
    wanted = text.strip().strip('"').removeprefix("@")
    if asking and asking.known and wanted.lower() == ME:
        return asking.id
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
