"""From a wish to a proposal, and from a verified run to the proposal of its undo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from msgspec import ValidationError

from actions.plan import AnyAction, Risk, to_json
from actions.tools.toolbox import Toolbox
from actions.watch import Watch
from bot.domain.answer import Refusal
from bot.domain.entry import Json
from bot.domain.person import Person
from bot.domain.run import PlanText, Run, RunState
from bot.plan.models import DrPlan
from bot.runs.brakes import Brakes, clean_reason
from bot.runs.foretold import forecast_from_past
from bot.runs.proposal import draft, plan_of, plan_text, read_params, read_watch
from bot.runs.record import entry, proposed_data
from bot.runs.rules import Rules
from bot.runs.told import show_around, show_run, tell_glass
from bot.store import runs as rows
from bot.store.database import Clock, Store, Tx, from_iso, iso
from bot.store.journal import append


@dataclass(frozen=True)
class Wish:
    """What somebody asks for. See Runs.propose for each part."""

    person: Person
    given: Mapping[str, str]
    incident: int | None = None
    request_key: str = ""
    break_glass: str = ""
    join: bool = False


@dataclass(frozen=True)
class Asked:
    """The run that answers a wish. `is_new` is false where the same wish had made it before."""

    run: Run
    is_new: bool = True


class HeldBack(Refusal):
    """A rule of the plan or another run stands in the way for now: asked for later, it may be done."""


class Asking:
    """Makes proposals. Each is stored in one transaction with everything that it rests on checked again."""

    def __init__(
        self, store: Store, plan: DrPlan, rules: Rules, brakes: Brakes, toolbox: Toolbox, clock: Clock
    ) -> None:
        self._store = store
        self._plan = plan
        self._rules = rules
        self._brakes = brakes
        self._toolbox = toolbox
        self._clock = clock
        self._channel = plan.communication.channel

    def ask(self, action: AnyAction, wish: Wish) -> Asked:
        """Survey, plan, store. Raises Refusal, UsageError; nothing is stored then."""
        reason = clean_reason(wish.break_glass)
        given, watch = read_watch(wish.given)
        first = self._run(wish, action, read_params(action, given, self._plan))
        # Before the world is looked at for nothing; the transaction decides.
        self._brakes.release(self._store.read, iso(self._clock()), first, wish.person, reason)
        run = self._planned(action, first, watch)

        def work(tx: Tx) -> Asked | Refusal:
            made = rows.find_request(tx, wish.request_key)
            if made is not None:
                return Asked(made, is_new=False)
            try:
                released = self._brakes.release(tx.all, tx.now, run, wish.person, reason)
            except Refusal as refusal:
                same = self._same(tx, action, run, wish)
                return Asked(same, is_new=False) if same else refusal
            same = self._same(tx, action, released, wish)
            if same is not None:
                return Asked(same, is_new=False)
            return Asked(self._store_new(tx, released, wish.request_key))

        return _done(self._store.write(work))

    def ask_for_the_plan(self, action: AnyAction, wish: Wish) -> Run:
        """What a schedule of the plan asks for: approved by the plan as it is stored.

        No glass is broken for it: raises HeldBack where a rule or another run stands in the way now,
        Refusal where the survey says no, UsageError; nothing is stored then.
        """
        run = self._run(wish, action, read_params(action, wish.given, self._plan))
        held = self._brakes.holding(self._store.read, iso(self._clock()), run)
        if held:  # before the world is looked at for nothing; the transaction decides
            raise HeldBack(held)
        run = self._planned(action, run, None)

        def work(tx: Tx) -> Asked | Refusal:
            made = rows.find_request(tx, wish.request_key)
            if made is not None:
                return Asked(made, is_new=False)
            held = self._brakes.holding(tx.all, tx.now, run) or _lock_in_the_way(tx, run)
            if held:
                return HeldBack(held)
            by = wish.person.id
            approved = replace(run, state=RunState.APPROVED, approved_by=by, approved_at=tx.now)
            tx.ring("runs")
            stored = self._store_new(tx, approved, wish.request_key, f"asked for by {wish.person.name}")
            append(tx, entry(stored, "run-approved", by, {"digest": run.digest}))
            return Asked(stored)

        return _done(self._store.write(work)).run

    def show(self, action: AnyAction, wish: Wish) -> Run:
        """The same plan, stored nowhere, with what would stand in its way."""
        given, watch = read_watch(wish.given)
        run = self._planned(action, self._run(wish, action, read_params(action, given, self._plan)), watch)
        try:
            return self._brakes.release(
                self._store.read, iso(self._clock()), run, wish.person, clean_reason(wish.break_glass)
            )
        except Refusal as refusal:
            warned = (f"Asked for now it would be refused: {refusal}", *run.plan.warnings)
            return replace(run, plan=replace(run.plan, warnings=warned))

    def ask_back(self, action: AnyAction, person: Person, original: Run, request_key: str) -> Run:
        """The undo of a verified run, as a proposal of its own, or the one that waits already."""
        without_glass = replace(original.plan, glass=None)  # no rule holds up taking back
        undo, digest = plan_of(action, replace(original, undo_of=original.id, plan=without_glass))
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

        def work(tx: Tx) -> Asked | Refusal:
            made = rows.find_request(tx, request_key)
            if made is not None:
                return Asked(made, is_new=False)
            found = rows.find(tx, original.id) or original
            closed = way_back_closed(found, tx.now)
            if closed:
                return Refusal(closed)
            for earlier in rows.find_undos(tx, original.id):
                if earlier.state is RunState.PROPOSED and earlier.expires_at > tx.now:
                    return Asked(earlier, is_new=False)
                if not earlier.state.ended or earlier.state is RunState.VERIFIED:
                    return Refusal(f"{found.ref} is already being taken back by {earlier.ref}")
            ends = min(run.expires_at, found.undo_until)
            return Asked(self._store_new(tx, replace(run, expires_at=ends), request_key))

        return _done(self._store.write(work)).run

    def _same(self, tx: Tx, action: AnyAction, run: Run, wish: Wish) -> Run | None:
        """The incident's run that waits or works on the very same, where the world has not moved since."""
        if not wish.join or run.incident is None:
            return None
        same = (one for one in rows.find_same(tx, run) if one.plan.watch == run.plan.watch)
        return next((one for one in same if _as_free(one, run) and _still_true(action, one, run)), None)

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

    def _run(self, wish: Wish, action: AnyAction, params: object) -> Run:
        """Everything that is known before the world is looked at."""
        return replace(
            self._stub(wish.person, action.risk.value),
            action=action.name,
            title=action.title,
            target=action.target(params),
            environment=action.environment(params),
            params=to_json(params),
            incident=wish.incident,
        )

    def _planned(self, action: AnyAction, run: Run, watch: Watch | None) -> Run:
        drawn = draft(self._toolbox, action, action.read_params(run.params), watch)
        plan = forecast_from_past(self._store, run, plan_text(drawn.plan, drawn.watch))
        return replace(run, facts=to_json(drawn.facts), plan=plan, digest=drawn.digest)

    def _store_new(self, tx: Tx, run: Run, request_key: str, because: str = "") -> Run:
        if run.risk == Risk.LOOK.value:
            run = replace(run, state=RunState.APPROVED, approved_at=tx.now)
            tx.ring("runs")
        stored = rows.insert(tx, run, request_key)
        data = proposed_data(stored) | ({"because": because} if because else {})
        append(tx, entry(stored, "run-proposed", run.requested_by, data))
        show_run(tx, self._channel, stored)
        show_around(tx, self._channel, stored)
        if stored.plan.glass is not None:
            self._announce_glass(tx, stored)
        return stored

    def _announce_glass(self, tx: Tx, run: Run) -> None:
        glass = run.plan.glass
        if glass is None:
            return
        said = run.plan.warnings[0]
        data: dict[str, Json] = {"reason": glass.reason, "overrode": list(glass.overrode), "said": said}
        append(tx, entry(run, "glass-broken", glass.by, data))
        tell_glass(tx, self._channel, run, f"{run.ref} ({run.title}, {run.target}): {said}")


def way_back_closed(run: Run, now: str) -> str:
    """Why a run cannot be taken back any more, '' where it can."""
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


def _as_free(earlier: Run, now: Run) -> bool:
    """Whether the earlier one passes what stands in the way now: a proposal without the glass does not."""
    if earlier.state is not RunState.PROPOSED or now.plan.glass is None:
        return True
    return earlier.plan.glass is not None and set(now.plan.glass.overrode) <= set(earlier.plan.glass.overrode)


def _still_true(action: AnyAction, earlier: Run, now: Run) -> bool:
    try:
        return not action.drift(action.read_facts(earlier.facts), action.read_facts(now.facts))
    except ValidationError:  # it was planned by another version of the action
        return False


def _lock_in_the_way(tx: Tx, run: Run) -> str:
    """Who works on the target now; a look waits for nobody."""
    held = None if run.risk == Risk.LOOK.value else rows.find_lock(tx, run.target)
    if held is None:
        return ""
    return f"RUN-{held.run} works on {held.target} since {held.since[11:19]} UTC; one run at a time."


def _done(result: Asked | Refusal) -> Asked:
    if isinstance(result, Refusal):
        raise result
    return result
