"""Circuit breakers: opened by the end of a run, in its transaction; closed by a person who says why."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.answer import Refusal, UsageError
from bot.domain.breaker import CLOSERS, Breaker, opening
from bot.domain.entry import Json, NewEntry
from bot.domain.person import Person
from bot.domain.policy import LOOK, names
from bot.domain.run import Run, RunState
from bot.plan.models import DrPlan
from bot.runs.record import entry
from bot.runs.rules import Rules
from bot.runs.told import tell_breaker
from bot.store import breakers as rows
from bot.store.database import Store, Tx
from bot.store.history import find_ends
from bot.store.journal import append

REASON_LIMIT = 500
_BAD = (RunState.FAILED, RunState.UNDONE, RunState.STOPPED)


class Breakers:
    """The present state is in the rows, so it survives every restart; the journal says how it came to be."""

    def __init__(self, store: Store, plan: DrPlan, rules: Rules) -> None:
        self._store = store
        self._rules = rules
        self._rule = plan.limits.breaker_rule
        self._channel = plan.communication.channel

    def open(self) -> Sequence[Breaker]:
        """Every breaker that is open, the oldest first."""
        return rows.open_breakers(self._store.read)

    def note_end(self, tx: Tx, run: Run) -> None:
        """A run ended: open the breaker of its target where it was one failure too many. Safe to repeat."""
        if run.state not in _BAD or run.risk == LOOK or run.undo_of is not None:
            return
        if rows.find_open(tx, run.target) is not None:
            return
        ends = find_ends(tx, run.target, rows.last_closed(tx, run.target), self._rule.failures)
        failed = opening(self._rule, ends)
        if not failed:
            return
        opened = rows.open_breaker(tx, run.target, [f"{one.ref} ({one.state})" for one in failed])
        data: dict[str, Json] = {"target": opened.target, "runs": list(opened.runs)}
        append(tx, entry(run, "breaker-opened", "drbot", data))
        closers = names(self._rules.people(CLOSERS)) or "nobody of the plan"
        said = (
            f"The circuit breaker of {opened.target} is open: {', '.join(opened.runs)} ended badly one after"
            " the other, so nothing new begins there. Looks and undos still pass. Once it is known why,"
            f" {closers} can say `breaker close {opened.target} WHY IT IS SAFE NOW`."
        )
        tell_breaker(tx, self._channel, run, said)

    def close(self, person: Person, target: str, reason: str) -> Breaker:
        """Close it: what ended badly before counts no more. Raises Refusal, UsageError."""
        person = self._rules.seated(person)
        because = " ".join(reason.split())[:REASON_LIMIT]
        if not because:
            raise UsageError("say why it is safe now: others will read it")
        if not person.known or not person.roles & set(CLOSERS):
            able = names(self._rules.people(CLOSERS)) or "nobody yet: the plan can name someone"
            raise Refusal(f"a breaker is closed by {' or '.join(CLOSERS)} only. Ask {able}.")

        def work(tx: Tx) -> Breaker | None:
            found = rows.find_open(tx, target)
            if found is not None:
                rows.close_breaker(tx, target)
                data: dict[str, Json] = {"target": target, "reason": because, "runs": list(found.runs)}
                append(tx, NewEntry("breaker-closed", person.id, data))
            return found

        closed = self._store.write(work)
        if closed is None:
            opened = ", ".join(one.target for one in self.open()) or "none is"
            raise UsageError(f"no breaker of {target[:80]!r} is open; open now: {opened}")
        return closed
