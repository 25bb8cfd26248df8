"""Verbs about people: who is on call, who gets told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.commands.verbs import verb
from bot.domain.answer import Answer, Table, UsageError
from bot.domain.entry import Json
from bot.domain.response import Via, with_or_without_pager
from bot.domain.severity import Severity
from bot.drills.words import span
from bot.escalation.lines import response_s
from bot.escalation.reach import Foretold, foretell
from bot.escalation.words import names, over
from bot.oncall import Roster, say
from bot.plan.models import DrPlan
from bot.store.database import iso, utc_now

LEVELS = (Severity.SEV1, Severity.SEV2, Severity.SEV3, Severity.SEV4)
NO_MAIL = "No mail goes out (it needs SMTP_URL and the plan's mail_from): a mention has to do."
VACANT = "vacant: the next line is told at once"
NO_PAGER = "PAGERDUTY_ROUTING_KEY is not set: whoever would be paged gets a mail and a mention instead."


@verb("oncall", "oncall [sev=1] [at=03:00]", strangers=True)
def oncall(desk: Desk, said: Said) -> Answer:
    """Who is on call, where that is known from, and who gets told at which severity while nobody answers:
    in which order, when, over what, and which seat is vacant. `at=` is UTC (`03:00`, or a whole moment).
    """
    plan, roster = desk.plan, desk.runs.roster()
    asked = _severity(said.options.get("sev", ""))
    given = said.options.get("at", "")
    begins = _moment(given, utc_now()) if given else utc_now()
    told = {
        one: foretell(plan, one, begins, roster, desk.pager, desk.mail)
        for one in ((asked,) if asked else LEVELS)
    }
    data: dict[str, Json] = {
        "on_call": list(roster.people),
        "source": roster.source,
        "begins_at": iso(begins),
        "severities": [_level_data(plan, one, lines) for one, lines in told.items()],
    }
    table = _one(plan, told[asked], bool(given)) if asked else _all(plan, told, bool(given))
    return Answer(
        f"On call: {say(plan, roster)}.",
        (
            *_known_from(roster, begins if given else None),
            *_times(plan, asked),
            *_missing(told, desk.pager, desk.mail),
        ),
        table=table,
        data=data,
    )


def _one(plan: DrPlan, lines: Sequence[Foretold], timed: bool) -> Table:
    """A row for each line of the plan's table."""
    return Table(
        ("when", "told", "who", "over"),
        tuple((_when(one, timed), one.step.tell, _who(plan, one), over(one.reach.ways)) for one in lines),
    )


def _all(plan: DrPlan, told: dict[Severity, tuple[Foretold, ...]], timed: bool) -> Table:
    """A row for each severity."""
    rows = []
    for severity, lines in told.items():
        within_s = response_s(plan, severity)
        said = " → ".join(f"{one.step.tell}{_brief(plan, one)} {_when(one, timed)}" for one in lines)
        rows.append(
            (severity.value, "not in the plan" if within_s is None else span(within_s), said or "nobody")
        )
    return Table(("severity", "respond within", "who is told, in order"), tuple(rows))


def _when(one: Foretold, timed: bool) -> str:
    if timed:
        return f"{one.at:%H:%M} UTC"
    return f"after {span(one.step.after_s)}" if one.step.after_s else "at once"


def _who(plan: DrPlan, one: Foretold) -> str:
    if Via.CHANNEL in one.reach.ways:
        return plan.communication.channel
    if not one.reach.who:
        return "whoever PagerDuty has on call" if one.reach.reached else VACANT
    named = names(one.reach.who)
    return named if one.reach.reached else f"{named}: no address that drbot can reach"


def _brief(plan: DrPlan, one: Foretold) -> str:
    if Via.CHANNEL in one.reach.ways:
        return ""
    return " (vacant)" if not one.reach.reached and not one.reach.who else f" ({_who(plan, one)})"


def _known_from(roster: Roster, at: datetime | None) -> tuple[str, ...]:
    source = f"Known from {roster.source}."
    if at is not None:
        source += (
            f" That is the roster of now, not of {at:%Y-%m-%d %H:%M} UTC: somebody else may be on call then."
            if roster.paged
            else " It knows no shifts: the same people at any hour."
        )
    return (source, *([f"{roster.trouble}."] if roster.trouble else []))


def _times(plan: DrPlan, asked: Severity | None) -> tuple[str, ...]:
    """What the table counts from."""
    if asked is None:
        return ()
    within_s = response_s(plan, asked)
    if within_s is None:
        return (f"The plan has no response time for {asked.value}: nobody is told but the channel.",)
    return (f"{asked.value} is to be answered within {span(within_s)}; an answer stops all of it.",)


def _missing(told: dict[Severity, tuple[Foretold, ...]], pager: bool, mail: bool) -> tuple[str, ...]:
    """Ways of the table that there are not."""
    lines = [one for each in told.values() for one in each]
    paged = any(Via.PAGE in one.step.ways for one in lines)
    mailed = any(Via.MAIL in with_or_without_pager(one.step.ways, pager) for one in lines)
    return (
        *((NO_PAGER,) if paged and not pager else ()),
        *((NO_MAIL,) if mailed and not mail else ()),
    )


def _level_data(plan: DrPlan, severity: Severity, lines: Sequence[Foretold]) -> dict[str, Json]:
    found: list[Json] = [
        {
            "tell": one.step.tell,
            "at": iso(one.at),
            "after_s": one.step.after_s,
            "ways": [way.value for way in one.reach.ways],
            "roles": list(one.step.roles),
            "people": [person.id for person in one.reach.who],
            "vacant": not one.reach.reached,
        }
        for one in lines
    ]
    return {"severity": severity.value, "response_s": response_s(plan, severity), "lines": found}


def _severity(text: str) -> Severity | None:
    if not text:
        return None
    try:
        found = Severity.parse(text)
    except ValueError as error:
        raise UsageError(str(error)) from error
    if found is Severity.NONE:
        raise UsageError("sev= takes 1, 2, 3 or 4: nobody is told of what is none")
    return found


def _moment(text: str, now: datetime) -> datetime:
    """`03:00` (the next one, UTC) or an ISO moment (UTC where it names no zone)."""
    try:
        if len(text) <= len("03:00"):
            hour = datetime.strptime(text, "%H:%M").replace(tzinfo=UTC)
            at = now.replace(hour=hour.hour, minute=hour.minute, second=0, microsecond=0)
            return at if at >= now else at + timedelta(days=1)
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        said = f"at={text[:40]} is no moment: write at=03:00 or at=2026-11-24T03:00 (UTC)"
        raise UsageError(said) from error
