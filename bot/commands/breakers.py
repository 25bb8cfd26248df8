"""Verbs about circuit breakers: what is held back after failures, and letting it go on."""

from __future__ import annotations

from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.commands.verbs import verb
from bot.domain.answer import Answer, Table


@verb("breakers", strangers=True)
def breakers(desk: Desk, said: Said) -> Answer:
    """Targets on which nothing new begins, since when, and the runs that ended badly there."""
    del said
    found = desk.runs.breakers()
    if not found:
        return Answer("Every circuit breaker is closed.", data={"open": []})
    rows = tuple((one.target, one.opened_at[:19].replace("T", " "), ", ".join(one.runs)) for one in found)
    count = "One circuit breaker is" if len(rows) == 1 else f"{len(rows)} circuit breakers are"
    return Answer(
        f"{count} open.",
        ("`breaker close TARGET REASON` lets runs begin there again, once it is known why they failed.",),
        Table(("target", "open since (UTC)", "what ended badly"), rows),
        data={"open": [one.target for one in found]},
    )


@verb("breaker close", "breaker close TARGET REASON")
def breaker_close(desk: Desk, said: Said) -> Answer:
    """Let runs begin on a target again, saying why that is safe now."""
    closed = desk.runs.close_breaker(said.person, said.word(0, "the target"), said.text_after(1))
    return Answer(
        f"The circuit breaker of {closed.target} is closed by {said.person.name}: runs may begin again.",
        data={"closed": closed.target},
    )
