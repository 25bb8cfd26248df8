"""Where runs are asked for: propose, approve, deny, cancel, undo. Every face calls these."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from actions.plan import AnyAction, Risk, to_json
from actions.tools.toolbox import Toolbox
from bot.domain.answer import Refusal, UsageError
from bot.domain.person import Person
from bot.domain.run import PlanText, Run, RunState
from bot.plan.models import DrPlan
from bot.runs.decision import Decisions
from bot.runs.proposal import Draft, draft, plan_of, plan_text, read_params
from bot.runs.record import entry, proposed_data
from bot.runs.rules import Rules
from bot.runs.told import show_around, show_run
from bot.store import incidents
from bot.store import runs as rows
from bot.store.database import Clock, Store, Tx, from_iso, iso, utc_now
from bot.store.journal import append

WAIT_STEP_S = 0.05


class Runs:
    """The life of a run up to its approval, and its way back. Executing it is the engine's work.

    Refusals are `Refusal` (policy, a guard of the survey, too late) with who can; what cannot be read is
    `UsageError`. Both leave everything as it was, unless the sentence says that the run has ended.
    """

    def __init__(
        self,
        store: Store,
        plan: DrPlan,
        toolbox: Toolbox,
        actions: Mapping[str, AnyAction],
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._plan = plan
        self._toolbox = toolbox
        self._actions = actions
        self._clock = clock
        self._rules = Rules(plan)
        self._decisions = Decisions(store, plan, self._rules, toolbox, actions)
        self.channel = plan.communication.channel

    def propose(
        self,
        person: Person,
        action_name: str,
        given: Mapping[str, str],
        incident: int | None = None,
        request_key: str = "",
        dry_run: bool = False,
    ) -> Run:
        """Survey, plan and put it before the approvers; a look runs at once.

        The same `request_key` returns the run that it made. With `dry_run` anyone of the plan may see the
        plan, nothing is stored, and the run has the number 0.
        """
        action = self._action(action_name)
        if dry_run:
            self._rules.looking(person)
        else:
            self._rules.asking(person, action.risk.value, action.title)
        made = rows.of_request(self._store, request_key)
        if made is not None:
            return made
        self._check_incident(incident)
        drawn = draft(self._toolbox, action, read_params(action, given, self._plan))
        run = self._run(person, drawn, incident)
        if dry_run:
            return run
        return self._store.write(lambda tx: self._store_new(tx, run, request_key))

    def approve(self, person: Person, run_id: int, digest: str = "", typed: str = "") -> Run:
        """Approve exactly the plan that was shown; the engine starts it. See Decisions.approve."""
        return self._decisions.approve(person, self.get(run_id), digest, typed)

    def deny(self, person: Person, run_id: int, reason: str = "") -> Run:
        """Say no to a proposal. Refusal where it was decided already."""
        return self._decisions.deny(person, self.get(run_id), reason)

    def cancel(self, person: Person, run_id: int) -> Run:
        """Take back what has not begun. A run that began is not cancelled: it ends, or is undone."""
        return self._decisions.cancel(person, self.get(run_id))

    def undo(self, person: Person, run_id: int, request_key: str = "") -> Run:
        """Ask to take a verified run back: a run of its own, with its own approval by the same risk.

        Once, and only while its way back is open. While such a proposal waits, the same one is returned.
        """
        original = self.get(run_id)
        action = self._action(original.action)
        self._rules.asking(person, original.risk, f"Undo {original.ref}")
        undo, digest = plan_of(action, replace(original, undo_of=original.id))
        run = replace(
            self._stub(person, original.risk),
            action=original.action,
            title=f"Undo {original.ref}: {original.title}",
            target=original.target,
            environment=original.environment,
            params=original.params,
            facts=original.facts,
            plan=replace(plan_text(undo), facts=original.plan.facts),
            digest=digest,
            incident=original.incident,
            undo_of=original.id,
        )

        def work(tx: Tx) -> Run | Refusal:
            found = rows.find(tx, run_id) or original
            closed = self._way_back_closed(found, tx.now)
            if closed:
                return Refusal(closed)
            for earlier in rows.find_undos(tx, run_id):
                if earlier.state is RunState.PROPOSED and earlier.expires_at > tx.now:
                    return earlier
                if not earlier.state.ended or earlier.state is RunState.VERIFIED:
                    return Refusal(f"{found.ref} is already being taken back by {earlier.ref}")
            return self._store_new(
                tx, replace(run, expires_at=min(run.expires_at, found.undo_until)), request_key
            )

        done = self._store.write(work)
        if isinstance(done, Refusal):
            raise done
        return done

    def expire(self) -> Sequence[Run]:
        """End the proposals that nobody approved in time. Safe to call often, from anywhere."""
        if not rows.any_expired(self._store, iso(self._clock())):
            return []
        return self._decisions.expire()

    def get(self, run_id: int) -> Run:
        """The run. Raises UsageError where there is none of that number."""
        found = rows.get(self._store, run_id)
        if found is None:
            raise UsageError(f"there is no RUN-{run_id}: `runs` lists the newest ones")
        return found

    def recent(self, limit: int = 20) -> Sequence[Run]:
        """The newest runs."""
        return rows.recent(self._store, max(1, min(limit, 200)))

    def open(self) -> Sequence[Run]:
        """What waits for an approval, starts or runs, oldest first."""
        return rows.in_states(self._store, RunState.PROPOSED, RunState.APPROVED, RunState.RUNNING)

    def may_ask(self, person: Person, risk: str, title: str) -> None:
        """Raise Refusal, with who can, where the person may not ask for a run of this risk."""
        self._rules.asking(person, risk, title)

    def approvers(self, run: Run) -> Sequence[Person]:
        """Who could approve it, for the card."""
        return self._rules.approvers(run)

    def confirm_word(self, run: Run) -> str:
        """What the approver must type, empty where nothing must be typed."""
        return self._decisions.confirm_word(run)

    def wait(self, run_id: int, timeout_s: float) -> Run:
        """The run once it ended, or as it is when the time is over (for a shell that waits)."""
        end = time.monotonic() + timeout_s
        while not (run := self.get(run_id)).state.ended and time.monotonic() < end:
            time.sleep(WAIT_STEP_S)
        return run

    def _action(self, name: str) -> AnyAction:
        action = self._actions.get(name)
        if action is None:
            known = ", ".join(sorted(self._actions)) or "none yet"
            raise UsageError(f"there is no action {name!r}: `actions` lists them ({known})")
        return action

    def _check_incident(self, incident: int | None) -> None:
        if incident is not None and incidents.get(self._store, incident) is None:
            raise UsageError(f"there is no INC-{incident}: `incidents` lists the open ones")

    def _stub(self, person: Person, risk: str) -> Run:
        now = self._clock()
        lives = timedelta(seconds=self._rules.of(risk).lives_s)
        return Run(
            id=0,
            action="",
            title="",
            risk=risk,
            target="",
            environment="",
            params={},
            facts={},
            plan=PlanText((), (), (), ()),
            digest="",
            state=RunState.PROPOSED,
            requested_by=person.id,
            requested_at=iso(now),
            expires_at=iso(now + lives),
        )

    def _run(self, person: Person, drawn: Draft, incident: int | None) -> Run:
        action = drawn.action
        return replace(
            self._stub(person, action.risk.value),
            action=action.name,
            title=action.title,
            target=action.target(drawn.params),
            environment=action.environment(drawn.params),
            params=to_json(drawn.params),
            facts=to_json(drawn.facts),
            plan=plan_text(drawn.plan),
            digest=drawn.digest,
            incident=incident,
        )

    def _store_new(self, tx: Tx, run: Run, request_key: str) -> Run:
        made = rows.find_request(tx, request_key)
        if made is not None:
            return made
        if run.risk == Risk.LOOK.value:
            run = replace(run, state=RunState.APPROVED, approved_at=tx.now)
            tx.ring("runs")
        stored = rows.insert(tx, run, request_key)
        append(tx, entry(stored, "run-proposed", run.requested_by, proposed_data(stored)))
        show_run(tx, self.channel, stored)
        show_around(tx, self.channel, stored)
        return stored

    def _way_back_closed(self, run: Run, now: str) -> str:
        if run.undone_by is not None:
            return f"{run.ref} was already taken back by RUN-{run.undone_by}"
        if run.undo_of is not None:
            return f"{run.ref} is itself an undo: ask for the action again instead"
        if run.state is not RunState.VERIFIED:
            return f"{run.ref} is {run.state.value}; only a verified run can be taken back"
        if not run.undo_until:
            return f"{run.title} has no way back: its plan says so"
        if run.undo_until <= now:
            until = from_iso(run.undo_until).strftime("%Y-%m-%d %H:%M")
            return f"the way back of {run.ref} was open until {until} UTC and is closed now"
        return ""
