"""Yes, no or too late: each decision about a proposal is one transaction, so one press wins."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from msgspec import ValidationError

from actions.plan import AnyAction
from actions.tools.toolbox import Toolbox
from bot.domain.answer import Refusal, UsageError
from bot.domain.entry import Json
from bot.domain.person import Person
from bot.domain.policy import DESTRUCTIVE
from bot.domain.run import Run, RunState
from bot.plan.models import DrPlan
from bot.runs.brakes import Brakes
from bot.runs.proposal import Unsure, survey
from bot.runs.record import entry, keep
from bot.runs.rules import Rules
from bot.store import incidents
from bot.store import runs as rows
from bot.store.database import Store, Tx
from bot.store.journal import append

DIGEST_PREFIX = 8
REASON_LIMIT = 500
_DECIDERS = 16


class Decisions:
    """Approve, deny, cancel, expire. A refused press is journalled, with the rule that refused it."""

    def __init__(
        self,
        store: Store,
        plan: DrPlan,
        rules: Rules,
        brakes: Brakes,
        toolbox: Toolbox,
        actions: Mapping[str, AnyAction],
    ) -> None:
        self._store = store
        self._rules = rules
        self._brakes = brakes
        self._toolbox = toolbox
        self._actions = actions
        self._channel = plan.communication.channel
        # Fifty presses on one run look at the world one after the other: the first decides for them all.
        self._deciding = tuple(threading.Lock() for _ in range(_DECIDERS))

    def approve(self, person: Person, run: Run, digest: str, typed: str) -> Run:
        """Check policy, digest, typed word and time, look again, then decide in one transaction.

        Drift ends the run as `refused`. Raises Refusal in every case but the one approval that won.
        """
        with self._deciding[run.id % _DECIDERS]:
            run = rows.get(self._store, run.id) or run
            self._check(person, run, digest, typed)
            drifted = self._drift(run)

            def work(tx: Tx) -> Run | Refusal:
                found = rows.find(tx, run.id) or run
                try:
                    self._allowed(tx, person, found, digest, typed)
                except Refusal as refusal:
                    return refusal
                if drifted:
                    return self._void(tx, person, found, drifted)
                return self._approved(tx, person, found)

            return _done(self._store.write(work))

    def deny(self, person: Person, run: Run, reason: str) -> Run:
        """A person says no."""

        def change(tx: Tx, found: Run) -> Run:
            because = " ".join(reason.split())[:REASON_LIMIT]
            outcome = f"denied by {person.name}" + (f": {because}" if because else "")
            ended = replace(found, state=RunState.DENIED, ended_at=tx.now, outcome=outcome)
            return keep(tx, self._channel, ended, "run-denied", person.id, {"reason": because})

        return self._stop("deny", person, run, (RunState.PROPOSED,), change)

    def cancel(self, person: Person, run: Run) -> Run:
        """Taken back before it began."""

        def change(tx: Tx, found: Run) -> Run:
            outcome = f"cancelled by {person.name}"
            ended = replace(found, state=RunState.CANCELLED, ended_at=tx.now, outcome=outcome)
            return keep(tx, self._channel, ended, "run-cancelled", person.id, {})

        return self._stop("cancel", person, run, (RunState.PROPOSED, RunState.APPROVED), change)

    def expire(self) -> Sequence[Run]:
        """End what waited too long."""
        return self._store.write(lambda tx: [self._expired(tx, run) for run in rows.find_expired(tx)])

    def confirm_word(self, run: Run) -> str:
        """What must be typed to approve: the action's word, or the target where data can be lost."""
        action = self._actions.get(run.action)
        if run.risk != DESTRUCTIVE or action is None:
            return ""
        return action.confirm_word(action.read_params(run.params)) if action.confirm_word else run.target

    def _stop(
        self,
        press: str,
        person: Person,
        run: Run,
        while_in: Sequence[RunState],
        change: Callable[[Tx, Run], Run],
    ) -> Run:
        def work(tx: Tx) -> Run | Refusal:
            found = rows.find(tx, run.id) or run
            try:
                self._rules.stopping(person, found)
            except Refusal as refusal:
                return self._remember(tx, person, found, press, refusal)
            if found.state not in while_in:
                return Refusal(f"{found.ref} {self._rules.decided(found)}. Nothing was stopped.")
            return change(tx, found)

        return _done(self._store.write(work))

    def _check(self, person: Person, run: Run, digest: str, typed: str) -> None:
        """The same questions as inside the transaction, before the world is looked at for nothing."""

        def work(tx: Tx) -> Refusal | None:
            found = rows.find(tx, run.id) or run
            try:
                self._allowed(tx, person, found, digest, typed)
            except Refusal as refusal:
                decided = found.state is not RunState.PROPOSED
                return refusal if decided else self._remember(tx, person, found, "approve", refusal)
            return None

        refusal = self._store.write(work)
        if refusal is not None:
            raise refusal

    def _allowed(self, tx: Tx, person: Person, run: Run, digest: str, typed: str) -> None:
        self._rules.still_proposed(run)
        if run.expires_at <= tx.now:
            self._expired(tx, run)
            raise Refusal(f"{run.ref} expired at {run.expires_at[11:19]} UTC. Nothing was done; ask again.")
        self._rules.approving(person, run, _incident_open(tx, run))
        self._brakes.approving(tx.all, tx.now, run)
        if digest and len(digest) < DIGEST_PREFIX:
            raise UsageError(f"digest={digest} is too short: give at least {DIGEST_PREFIX} of its characters")
        if digest and not run.digest.startswith(digest):
            raise Refusal(
                f"that is not the plan of {run.ref} as it stands: read its newest card, and press there."
            )
        word = self.confirm_word(run)
        if word and typed.strip() != word:
            raise Refusal(f"{run.title} can lose data: type {word!r} to approve {run.ref}. Nothing was done.")
        held = rows.find_lock(tx, run.target)
        if held is not None:
            raise Refusal(
                f"RUN-{held.run} works on {run.target} since {held.since[11:19]} UTC; one run at a time."
                f" {run.ref} still waits: approve it when that one has ended."
            )

    def _drift(self, run: Run) -> str:
        """How the world moved since the plan was shown, or nothing. An undo answers for itself."""
        action = self._actions.get(run.action)
        if action is None:
            return f"the action {run.action} is no longer there"
        if run.undo_of is not None:
            return ""
        try:
            params, planned = action.read_params(run.params), action.read_facts(run.facts)
        except ValidationError as error:
            return f"the action {run.action} no longer understands this plan ({error})"
        try:
            return action.drift(planned, survey(self._toolbox, action, params)) or ""
        except Unsure:
            raise
        except Refusal as refusal:
            return str(refusal)

    def _void(self, tx: Tx, person: Person, run: Run, drifted: str) -> Refusal:
        ended = replace(run, state=RunState.REFUSED, ended_at=tx.now, outcome=f"{drifted}; ask again")
        keep(tx, self._channel, ended, "run-refused", person.id, {"because": drifted, "at": "approval"})
        return Refusal(
            f"{run.ref} was not approved: {drifted}. Nothing was changed; ask again to see it as it is now."
        )

    def _approved(self, tx: Tx, person: Person, run: Run) -> Run:
        approved = replace(run, state=RunState.APPROVED, approved_by=person.id, approved_at=tx.now)
        tx.ring("runs")
        return keep(tx, self._channel, approved, "run-approved", person.id, {"digest": run.digest})

    def _expired(self, tx: Tx, run: Run) -> Run:
        ended = replace(run, state=RunState.EXPIRED, ended_at=tx.now, outcome="nobody approved it in time")
        return keep(tx, self._channel, ended, "run-expired", "drbot", {"expires_at": run.expires_at})

    def _remember(self, tx: Tx, person: Person, run: Run, press: str, refusal: Refusal) -> Refusal:
        data: dict[str, Json] = {"press": press, "because": str(refusal)}
        append(tx, entry(run, "press-refused", person.id, data))
        return refusal


def _done(result: Run | Refusal) -> Run:
    if isinstance(result, Refusal):
        raise result
    return result


def _incident_open(tx: Tx, run: Run) -> bool:
    """Whether the run's own incident is open; of a run without one, whether any is."""
    if run.incident is not None:
        found = incidents.find(tx, run.incident)
        return found is not None and found.incident.is_open
    return tx.one("SELECT 1 FROM incidents WHERE state <> 'resolved' LIMIT 1") is not None
