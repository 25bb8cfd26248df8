"""Where runs are asked for: propose, approve, deny, cancel, undo. Every face calls these."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from actions.plan import AnyAction
from actions.tools.toolbox import Toolbox
from bot.domain.answer import UsageError
from bot.domain.breaker import Breaker
from bot.domain.person import Person
from bot.domain.policy import Rule
from bot.domain.run import Run, RunState
from bot.oncall import OnCall, Roster
from bot.plan.models import DrPlan
from bot.runs.asking import Asked, Asking, Wish
from bot.runs.brakes import Brakes
from bot.runs.breakers import Breakers
from bot.runs.decision import Decisions
from bot.runs.rules import Rules
from bot.store import incidents
from bot.store import runs as rows
from bot.store.database import Clock, Store, Tx, iso, utc_now

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
        on_call: OnCall | None = None,
    ) -> None:
        self._store = store
        self._actions = actions
        self._clock = clock
        self._rules = Rules(plan, on_call)
        brakes = Brakes(plan, self._rules)
        self._asking = Asking(store, plan, self._rules, brakes, toolbox, clock)
        self._decisions = Decisions(store, plan, self._rules, brakes, toolbox, actions)
        self._breakers = Breakers(store, plan, self._rules)
        self.channel = plan.communication.channel

    def propose(
        self,
        person: Person,
        action_name: str,
        given: Mapping[str, str],
        incident: int | None = None,
        request_key: str = "",
        dry_run: bool = False,
        break_glass: str = "",
        join: bool = False,
    ) -> Run:
        """Survey, plan and put it before the approvers; a look runs at once.

        The same `request_key` returns the run that it made. With `dry_run` anyone of the plan may see the
        plan, nothing is stored, and the run has the number 0. `break_glass` is the reason for overriding
        freezes, limits, breakers and the need of an open incident; it is not used where none stands in the
        way. With `join` the incident's run that waits or works on the very same is returned instead.
        """
        if not dry_run:
            return self.ask(person, action_name, given, incident, request_key, break_glass, join).run
        self._rules.roster()
        action = self._action(action_name)
        self._rules.looking(person)
        made = rows.of_request(self._store, request_key)
        if made is not None:
            return made
        self._check_incident(incident)
        return self._asking.show(action, Wish(person, given, incident, break_glass=break_glass))

    def ask(
        self,
        person: Person,
        action_name: str,
        given: Mapping[str, str],
        incident: int | None = None,
        request_key: str = "",
        break_glass: str = "",
        join: bool = False,
    ) -> Asked:
        """`propose`, and whether the run is new or one that had been asked for before."""
        self._rules.roster()
        action = self._action(action_name)
        self._rules.asking(person, action.risk.value, action.title)
        made = rows.of_request(self._store, request_key)
        if made is not None:
            return Asked(made, is_new=False)
        self._check_incident(incident)
        return self._asking.ask(action, Wish(person, given, incident, request_key, break_glass, join))

    def scheduled(self, name: str, action_name: str, given: Mapping[str, str], request_key: str) -> Run:
        """What the plan's schedule `name` asks for by itself: the plan approves it, no person.

        Only an action that the schedule (or its drill) names, of look or low risk. The same `request_key`
        returns the run that it made. Raises HeldBack where a freeze, a limit, a breaker or another run on
        the target stands in the way (ask again later), Refusal, UsageError; nothing is stored then.
        """
        action = self._action(action_name)
        plan = self._rules.scheduling(name, action.name, action.risk.value, action.title)
        made = rows.of_request(self._store, request_key)
        if made is not None:
            return made
        return self._asking.ask_for_the_plan(action, Wish(plan, given, request_key=request_key))

    def may_ask_for(self, person: Person, action_name: str) -> None:
        """Raise Refusal, with who can, where the person may not ask for this action."""
        action = self._action(action_name)
        self.may_ask(person, action.risk.value, action.title)

    def asked(self, run: Run) -> str:
        """`was already asked for by Ana Lima at 03:12:09 UTC`, and what became of it."""
        return self._rules.asked(run)

    def approve(self, person: Person, run_id: int, digest: str = "", typed: str = "") -> Run:
        """Approve exactly the plan that was shown; the engine starts it. See Decisions.approve."""
        self._rules.roster()
        return self._decisions.approve(person, self.get(run_id), digest, typed)

    def deny(self, person: Person, run_id: int, reason: str = "") -> Run:
        """Say no to a proposal. Refusal where it was decided already."""
        self._rules.roster()
        return self._decisions.deny(person, self.get(run_id), reason)

    def cancel(self, person: Person, run_id: int) -> Run:
        """Take back what has not begun. A run that began is not cancelled: it ends, or is undone."""
        self._rules.roster()
        return self._decisions.cancel(person, self.get(run_id))

    def undo(self, person: Person, run_id: int, request_key: str = "") -> Run:
        """Ask to take a verified run back: a run of its own, with its own approval by the same risk.

        Once, and only while its way back is open; freezes, limits and breakers do not hold it up. While
        such a proposal waits, the same one is returned.
        """
        self._rules.roster()
        original = self.get(run_id)
        action = self._action(original.action)
        self._rules.asking(person, original.risk, f"Undo {original.ref}")
        return self._asking.ask_back(action, person, original, request_key)

    def roster(self) -> Roster:
        """Who is on call now, and where that is known from; may take a few seconds."""
        return self._rules.roster()

    def breakers(self) -> Sequence[Breaker]:
        """The circuit breakers that are open, the oldest first."""
        return self._breakers.open()

    def close_breaker(self, person: Person, target: str, reason: str) -> Breaker:
        """Let new runs begin on a target again. Raises Refusal with who may, UsageError."""
        self._rules.roster()
        return self._breakers.close(person, target, reason)

    def note_end(self, tx: Tx, run: Run) -> None:
        """The engine ended a run, in this transaction: what follows from it. Safe to repeat."""
        self._breakers.note_end(tx, run)

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
        self._rules.roster()
        self._rules.asking(person, risk, title)

    def rule(self, risk: str) -> Rule:
        """The row of the risk table: the plan's, or the default where the plan has none."""
        return self._rules.of(risk)

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
