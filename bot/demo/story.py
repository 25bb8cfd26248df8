"""The storyline: one bad night, played by the plan's people through the page's own deeds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from bot.demo.plan import END_QUERIES
from bot.demo.world import World
from bot.workspace.person import Person, Told
from bot.workspace.seen import SeenMessage

Tell = Callable[[str], None]
PATIENCE_S = 60.0
HOME = "belezza-alerts"


@dataclass(frozen=True)
class Cast:
    """Who plays: Ana is on call, Bruno approves, Carla watches."""

    ana: Person
    bruno: Person
    home: str


def cast_of(world: World) -> Cast:
    """The people at the world's page."""
    ana, bruno = (Person(world.page_url, name, name) for name in ("ana", "bruno"))
    home = next(str(one["id"]) for one in ana.channels() if one["name"] == HOME)
    return Cast(ana, bruno, home)


def play_story(world: World, cast: Cast, tell: Tell, pause_s: float = 2.0) -> None:
    """Pool exhausted → card → button → second person → verified → resolved → report; a restore; a drill.

    Raises TimeoutError or LookupError naming what did not come.
    """
    _pool_runs_dry(world, cast, tell, pause_s)
    _restore_staging(cast, tell, pause_s)
    _hold_drill(cast, tell, pause_s)


def _pool_runs_dry(world: World, cast: Cast, tell: Tell, pause_s: float) -> None:
    tell("03:00. A forgotten report eats every connection of the booking service …")
    world.break_pool()
    card = cast.ana.wait_for(lambda: open_card(cast), PATIENCE_S)
    tell("The alert came through the real webhook: the card is up.")
    time.sleep(pause_s)
    _acknowledge(cast, card)
    cast.ana.say("on it, bookings fail for everyone", cast.home, card.ts)
    time.sleep(pause_s)
    tell("Ana presses the plan's runbook: end the long-running queries.")
    _done(cast.ana.press(card, END_QUERIES))
    plan = cast.bruno.wait_for(lambda: _in_thread(cast.bruno, card, "Approve"), PATIENCE_S)
    time.sleep(pause_s)
    tell("Bruno reads the plan card and approves it.")
    _done(cast.bruno.press(plan, "Approve"))
    cast.ana.wait_for(lambda: _proven(cast.ana, card, plan), PATIENCE_S)
    tell("Verified: the queries are gone, the pool breathes.")
    said = cast.ana.say("root cause: the monthly report joined without an index", cast.home, card.ts)
    cast.bruno.react(said, "mag")
    cast.ana.wait_for(lambda: _resolved(cast, card), PATIENCE_S)
    tell("The monitor says it is over: the incident resolves and its report is drafted in the thread.")
    time.sleep(pause_s)


def _restore_staging(cast: Cast, tell: Tell, pause_s: float) -> None:
    tell("Next morning. Ana types /dr restore staging.")
    known = {message.ts for message in cast.bruno.channel(cast.home)}
    _done(cast.ana.slash("/dr restore staging", cast.home))
    plan = cast.bruno.wait_for(lambda: _plan_card(cast, known), PATIENCE_S)
    time.sleep(pause_s)
    tell("It can lose data, so a second person types the name of what is replaced.")
    _done(cast.bruno.press(plan, "Approve…"))
    modal = cast.bruno.wait_for_modal(timeout_s=PATIENCE_S)
    _done(cast.bruno.submit(modal, {"typed": "staging"}))
    cast.ana.wait_for(lambda: _says(cast.ana, cast.home, plan, "verified"), PATIENCE_S)
    tell("Restored into a shadow, verified row for row, swapped in, undoable.")


def _hold_drill(cast: Cast, tell: Tell, pause_s: float) -> None:
    tell("Would it work again? Ana types /dr drill restore: isolated, measured, certified.")
    known = {message.ts for message in cast.ana.channel(cast.home)}
    _done(cast.ana.slash("/dr drill restore", cast.home))
    cast.ana.wait_for(lambda: _drill_passed(cast, known), PATIENCE_S)
    tell("Passed: the time to recover, and what a loss would cost, stand beside what the plan promises.")
    time.sleep(pause_s)


def open_card(cast: Cast) -> SeenMessage | None:
    """The newest card that offers the runbook: one of an earlier night has folded."""
    for message in reversed(cast.ana.channel(cast.home)):
        if END_QUERIES in message.buttons:
            return message
    return None


def _plan_card(cast: Cast, known: set[str]) -> SeenMessage | None:
    """The restore's card that was not there before: those of other days stay in the channel."""
    for message in cast.bruno.channel(cast.home):
        if message.ts not in known and "Approve…" in message.buttons:
            return message
    return None


def _drill_passed(cast: Cast, known: set[str]) -> bool | None:
    """Whether the drill that was not there before has passed."""
    fresh = (one for one in cast.ana.channel(cast.home) if one.ts not in known)
    return True if any("Drill passed" in one.words for one in fresh) else None


def _acknowledge(cast: Cast, card: SeenMessage) -> None:
    """Ana takes it, unless somebody at the page was quicker."""
    now = open_card(cast)
    if now is not None and "Acknowledge" in now.buttons:
        _done(cast.ana.press(card, "Acknowledge"))


def _done(told: Told) -> None:
    """Raises LookupError with what the person was told, where a deed was refused."""
    if not told.ok:
        raise LookupError(f"the page said: {told.error or told.errors}")


def _in_thread(person: Person, card: SeenMessage, button: str) -> SeenMessage | None:
    """The newest message of the card's thread that carries this button."""
    thread = person.thread(card.channel, card.ts)[1:]
    return next((message for message in reversed(thread) if button in message.buttons), None)


def _proven(person: Person, card: SeenMessage, plan: SeenMessage) -> bool | None:
    """Whether this very plan ran and was verified; an earlier night's words stay in the thread too."""
    now = next((one for one in person.thread(card.channel, card.ts) if one.ts == plan.ts), None)
    return True if now is not None and "verified" in now.words.lower() else None


def _resolved(cast: Cast, card: SeenMessage) -> bool | None:
    return _says(cast.ana, cast.home, card, "resolved")


def _says(person: Person, channel: str, message: SeenMessage, words: str) -> bool | None:
    """Whether the message, as it stands now, carries the words; None while it does not."""
    now = next((one for one in person.channel(channel) if one.ts == message.ts), None)
    return True if now is not None and words in now.words.lower() else None
