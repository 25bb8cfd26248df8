"""Where runbooks are begun, continued and stopped. Every face calls these; the conductor does the rest."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from actions.plan import AnyAction, Risk
from bot.domain.answer import Refusal, UsageError
from bot.domain.entry import NewEntry
from bot.domain.incident import Incident
from bot.domain.person import Person
from bot.domain.walk import Doing, How, Walk, WalkState, WalkStep, continued, standing_at
from bot.domain.walk_clock import rested
from bot.plan.models import DrPlan, Runbook
from bot.runbooks.promised import find_incident, promised
from bot.runbooks.record import keep, keep_step, timed, withdraw
from bot.runbooks.view import WalkView, view
from bot.runs import Runs
from bot.runs.told import show_walk
from bot.store import incidents
from bot.store import walks as rows
from bot.store.database import Store, Tx, iso, utc_now
from bot.store.journal import append

REASON_LIMIT = 300


@dataclass(frozen=True)
class Begun:
    """A walk, and whether it began just now (`fresh`) or was under way already."""

    walk: Walk
    fresh: bool


class Runbooks:
    """The life of a walk as people see it. Refusal says which rule and who can, UsageError what to say."""

    def __init__(self, store: Store, plan: DrPlan, runs: Runs, actions: Mapping[str, AnyAction]) -> None:
        self._store = store
        self._plan = plan
        self._runs = runs
        self._actions = actions
        self._looking = frozenset(name for name, one in actions.items() if one.risk is Risk.LOOK)

    def start(
        self, person: Person, name: str, environment: str = "", incident: int | None = None, key: str = ""
    ) -> Begun:
        """Begin it, as the one who asks for its runs. The same runbook for the same trouble begins once."""
        named, runbook = self.find(name)
        trouble = self._incident(incident)
        where = self._environment(environment, trouble)
        steps = steps_of(runbook.offered_in(where), self._looking)
        if not any(step.does for step in steps):
            raise Refusal(
                f"{runbook.title} has no step that drbot takes in {where}: do it by hand, as `plan show` says"
            )
        self._may(person, steps, runbook.title)
        walk = Walk(0, named, runbook.title, where, person.id, iso(utc_now()), steps, incident=incident)

        def work(tx: Tx) -> Begun:
            found = rows.find_request(tx, key) or rows.find_active(tx, named, where, incident)
            if found is not None:
                return Begun(found, fresh=False)
            stored = rows.insert(tx, replace(walk, started_at=tx.now), key)
            data = {"walk": stored.ref, "runbook": named, "title": runbook.title, "environment": where}
            append(tx, NewEntry("runbook-started", person.id, data, incident))
            show_walk(tx, self._runs.channel, stored)
            tx.ring("walks")
            return Begun(stored, fresh=True)

        return self._store.write(work)

    def go_on(
        self, person: Person, walk_id: int, how: How = "on", reason: str = "", step: int | None = None
    ) -> Walk:
        """A person's word where it stands: done, try again, go on past it, skip. See `continued`.

        `step` (from 1) is the one that the person saw: a press on an older card changes nothing.
        """
        because = " ".join(reason.split())[:REASON_LIMIT]

        def change(tx: Tx, walk: Walk) -> Walk:
            index = standing_at(walk)
            if index is None:
                raise Refusal(
                    f"{walk.ref} waits for nobody's word: {self.view(walk).waits} Nothing was done."
                )
            if step is not None and step != index + 1:
                raise Refusal(
                    f"{walk.ref} is at step {index + 1} now: read its newest card, and press there."
                )
            try:
                changed = continued(walk, index, how, person.name, because)
            except ValueError as error:
                raise UsageError(f"step {index + 1}: {error}") from error
            kind = "runbook-continued" if changed.steps[index].attempt > walk.steps[index].attempt else ""
            return keep_step(tx, self._runs.channel, changed, index, person.id, kind, because)

        return self._change(person, walk_id, change)

    def stop(self, person: Person, walk_id: int, reason: str = "") -> Walk:
        """End it here. What runs goes on to its own end; what only waits for approval is taken back."""
        because = " ".join(reason.split())[:REASON_LIMIT]

        def change(tx: Tx, walk: Walk) -> Walk:
            said = f"stopped by {person.name}" + (f": {because}" if because else "")
            ended = replace(rested(walk, tx.now), state=WalkState.STOPPED, ended_at=tx.now, said=said)
            took, times = timed(tx, ended, promised(self._plan, ended, find_incident(tx, ended)))
            channel = self._runs.channel
            kept = keep(
                tx, channel, ended, "runbook-stopped", person.id, reason=because, took=took, times=times
            )
            waiting = rows.proposals_of(tx, walk.id)
            withdraw(tx, self._runs.channel, waiting, person.id, person.name, walk.ref)
            return kept

        return self._change(person, walk_id, change)

    def get(self, walk_id: int) -> Walk:
        """The walk. Raises UsageError where there is none of that number."""
        found = rows.get(self._store, walk_id)
        if found is None:
            raise UsageError(f"there is no RB-{walk_id}: `runbooks` lists those under way")
        return found

    def view(self, walk: Walk) -> WalkView:
        """The walk with its runs and what it waits for."""
        return view(self._store, self._plan, self._runs, walk)

    def active(self) -> Sequence[Walk]:
        """Every walk under way, oldest first."""
        return rows.active(self._store)

    def find(self, name: str) -> tuple[str, Runbook]:
        """A runbook by its plan id or title. Raises UsageError with what is near."""
        wanted = name.strip().lower()
        for key, runbook in self._plan.runbooks.items():
            if wanted in (key.lower(), runbook.title.lower()):
                return key, runbook
        near = get_close_matches(wanted, self._plan.runbooks, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "`runbooks` lists them"
        raise UsageError(f"the plan has no runbook {name[:60]!r}: {hint}")

    def _change(self, person: Person, walk_id: int, change: Callable[[Tx, Walk], Walk]) -> Walk:
        seen = self.get(walk_id)
        self._may(person, seen.steps, seen.title)

        def work(tx: Tx) -> Walk:
            walk = rows.find(tx, walk_id) or seen
            if walk.state is not WalkState.UNDER_WAY:
                raise Refusal(f"{walk.ref} is over: {walk.said}. Nothing was done.")
            tx.ring("walks")
            return change(tx, walk)

        return self._store.write(work)

    def _may(self, person: Person, steps: Sequence[WalkStep], title: str) -> None:
        """Whoever is of the plan may walk where drbot only looks; else as for a low risk."""
        asked = [self._actions.get(doing.action) for step in steps for doing in step.does]
        looks = all(action is not None and action.risk is Risk.LOOK for action in asked)
        self._runs.may_ask(person, Risk.LOOK.value if looks else Risk.LOW.value, title)

    def _incident(self, incident: int | None) -> Incident | None:
        found = incidents.get(self._store, incident) if incident is not None else None
        if incident is not None and found is None:
            raise UsageError(f"there is no INC-{incident}: `incidents` lists the open ones")
        return found

    def _environment(self, given: str, trouble: Incident | None) -> str:
        known = self._plan.environments
        where = (
            given
            or (trouble.environment if trouble else "")
            or (next(iter(known)) if len(known) == 1 else "")
        )
        if not where:
            raise UsageError(f"say where: environment={'|'.join(known)}")
        if known and where not in known:
            raise UsageError(f"the plan has no environment {where[:60]!r}; it has {', '.join(known)}")
        return where


def steps_of(runbook: Runbook, looking: Collection[str]) -> tuple[WalkStep, ...]:
    """The plan's steps as a walk keeps them: what the plan says later does not change it any more.

    `looking` are the names of the actions that change nothing.
    """
    return tuple(
        WalkStep(
            title=step.title,
            command=(step.instead or step.command).strip(),
            does=tuple(
                Doing(one.action, one.label, dict(one.params), one.action in looking) for one in step.does
            ),
            only_if_failed=step.only_if == "failed",
        )
        for step in runbook.steps
    )
