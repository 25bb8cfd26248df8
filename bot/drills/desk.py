"""Where drills are held. Every face and the clockwork call these; `Drilling` does the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from actions.plan import AnyAction, Risk
from bot.domain.answer import Refusal, UsageError
from bot.domain.drill import Drill, DrillPart, DrillState
from bot.domain.person import Person
from bot.domain.schedule import SCHEDULE
from bot.domain.walk import Doing
from bot.drills.record import begin
from bot.drills.words import clock
from bot.plan.models import DrPlan
from bot.plan.promises import PlannedTest
from bot.runs import Runs
from bot.store import drills as rows
from bot.store.database import Store, Tx, iso, utc_now


class Drills:
    """The drills of the plan's section 5. Refusal says which rule and who can, UsageError what to say."""

    def __init__(self, store: Store, plan: DrPlan, runs: Runs, actions: Mapping[str, AnyAction]) -> None:
        self._store = store
        self._plan = plan
        self._runs = runs
        self._actions = actions

    def hold(self, person: Person, name: str, request_key: str = "") -> Drill:
        """Begin it; the bot that is the engine runs it to its end. The same request begins one drill.

        `person` confirms with it what the plan's test `does`: its runs are asked for and approved in that
        name. A schedule of the plan holds it as `Person("schedule:NAME", …)`; its runs are asked for in the
        schedule's name. Raises Refusal, UsageError; nothing was begun then.
        """
        key, test = self.find(name)
        parts = self._parts(key, test)
        self._may(person, key, parts)
        drill = Drill(0, key, test.title, DrillState.UNDER_WAY, person.id, iso(utc_now()), parts=parts)
        channel = self._plan.communication.channel

        def work(tx: Tx) -> Drill | Refusal:
            made = rows.find_request(tx, request_key)
            if made is not None:
                return made
            busy = rows.find_active(tx, key)
            if busy is not None:
                return Refusal(self._under_way(busy))
            return begin(tx, channel, drill, request_key)

        done = self._store.write(work)
        if isinstance(done, Refusal):
            raise done
        return done

    def get(self, drill: int) -> Drill:
        """The drill. Raises UsageError where there is none of that number."""
        found = rows.get(self._store, drill)
        if found is None:
            raise UsageError(f"there is no DRILL-{drill}: `drills` lists those that were held")
        return found

    def recent(self, name: str = "", limit: int = 20) -> Sequence[Drill]:
        """The newest drills, of one name or of all."""
        return rows.recent(self._store, name, limit)

    def find(self, name: str) -> tuple[str, PlannedTest]:
        """A drill by its plan id or title. Raises UsageError naming those of the plan."""
        tests = self._plan.testing.tests if self._plan.testing else {}
        wanted = " ".join(name.split()).lower()
        for key, test in tests.items():
            if wanted in (key.lower(), test.title.lower()):
                return key, test
        if not tests:
            raise UsageError("the plan has no drills: add one under `testing.tests`")
        near = get_close_matches(wanted, tests, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise UsageError(f"the plan has no drill {name[:60]!r}: {hint}it has {', '.join(tests)}")

    def _parts(self, name: str, test: PlannedTest) -> tuple[DrillPart, ...]:
        """What the plan has drbot do, each an action that may run in a drill."""
        if not test.does:
            raise Refusal(
                f"“{test.title}” is held by people: the plan's testing.tests.{name} has no `does`, so drbot"
                " would run nothing and prove nothing"
            )
        parts = []
        for offer in test.does:
            action = self._actions.get(offer.action)
            if action is None:
                raise Refusal(
                    f"the plan has {name} do {offer.action!r}, and there is no such action here: nothing was"
                    " begun. `plan check` names its line"
                )
            if action.risk not in (Risk.LOOK, Risk.LOW):
                raise Refusal(
                    f"{offer.action} is {action.risk.value} risk, and a drill never risks what it rehearses:"
                    " it does only what is of risk look or low. Change `does` in the plan"
                )
            doing = Doing(offer.action, offer.label or action.title, dict(offer.params))
            parts.append(DrillPart(doing, only_looks=action.risk is Risk.LOOK))
        return tuple(parts)

    def _may(self, person: Person, name: str, parts: Sequence[DrillPart]) -> None:
        """Whoever may ask for everything it does; a schedule, where it is the plan's and names this drill."""
        if person.known and person.id.startswith(SCHEDULE):
            schedule = self._plan.schedules.get(person.id.removeprefix(SCHEDULE))
            if schedule is None or schedule.drill != name:
                raise Refusal(
                    f"no schedule of the plan is named {person.id[:80]!r} and holds the drill {name}"
                )
            return
        for part in parts:
            self._runs.may_ask_for(person, part.doing.action)

    def _under_way(self, busy: Drill) -> str:
        since = clock(busy.started_at, iso(utc_now()))
        return (
            f"{busy.ref} ({busy.title}) is under way since {since}, begun by"
            f" {self._plan.called(busy.started_by)}: one of a kind at a time. Its card says how far it is"
        )
