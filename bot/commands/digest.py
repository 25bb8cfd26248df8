"""The verb for the digest: what a week or a month of incidents says."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.commands.verbs import verb
from bot.digest import digest_of
from bot.digest.period import Kind, Period, holding, last_whole, named
from bot.digest.reading import opened_in
from bot.digest.suggestion import suggestion
from bot.domain.answer import Answer, UsageError
from bot.domain.entry import Json
from bot.store.database import utc_now

KINDS: dict[str, Kind] = {"weekly": "weekly", "week": "weekly", "monthly": "monthly", "month": "monthly"}
UNITS: dict[Kind, str] = {"weekly": "week", "monthly": "month"}


@verb("digest", "digest [weekly|monthly] [of=2026-W47|2026-11|now]", strangers=True)
def digest(desk: Desk, said: Said) -> Answer:
    """The last whole week or month: incidents, times against promises, noise, buttons, what is overdue."""
    now = utc_now()
    period = _period(said, desk.plan.local(now))
    if period.begins > now:
        raise UsageError(f"{period.name} has not begun")
    made = digest_of(desk.store, desk.plan, period, now)
    told: dict[str, Json] = msgspec.to_builtins(made.figures)
    data: dict[str, Json] = {
        "period": period.name,
        "begins": period.begins.astimezone(UTC).isoformat(),
        "ends": period.ends.astimezone(UTC).isoformat(),
        "figures": told,
        "suggestions": [msgspec.to_builtins(suggestion(one)) for one in made.figures.noisy],
        "standing": msgspec.to_builtins(made.standing),
        "markdown": made.markdown,
    }
    title = f"{period.days} ({period.name}): {made.title}"
    return Answer(title, _running(desk, period, now), document=made.markdown, data=data)


def _running(desk: Desk, told: Period, now: datetime) -> tuple[str, ...]:
    """What the week or month that still runs has, where another was told."""
    running = holding(told.kind, desk.plan.local(now))
    if running == told:
        return ()
    count = opened_in(desk.store.read, running)
    has = f"{count} incident{'' if count == 1 else 's'}" if count else "no incident"
    return (
        f"That {UNITS[told.kind]} is over. The running one, {running.days}, has {has} so far:"
        f" `digest {told.kind} of=now`.",
    )


def _period(said: Said, now: datetime) -> Period:
    word = said.words[0].lower() if said.words else ""
    if word and word not in KINDS:
        raise UsageError(f"{word[:20]!r} is no digest: say weekly or monthly")
    of = said.options.get("of", "")
    kind = KINDS.get(word, "weekly")
    if not of:
        return last_whole(kind, now)
    if of.lower() in ("now", "this"):
        return holding(kind, now)
    try:
        period = named(of, now.tzinfo or UTC)
    except ValueError as error:
        raise UsageError(str(error)) from error
    if word and period.kind != kind:
        raise UsageError(f"{period.name} is not a {kind.removesuffix('ly')}")
    return period
