"""Guards, steps and checks on a service's containers that more than one action takes."""

from __future__ import annotations

import time
from dataclasses import dataclass

from actions.failures import NotVerified, Refused, Transient
from actions.plan import Context, Evidence, Step
from actions.services.replicas import ReplicaFacts, facts_of, moved, names
from actions.tools.containers.engine_calls import Engine, engine_of
from actions.tools.containers.logs import read_tail
from actions.tools.containers.power import restart_once, seen, start_once, stop_once, stop_started
from actions.tools.containers.replica import find_replicas, read_replica, wait_good

CALL_S = 5.0
NOTICE_S = 1.5
LAST_WORDS = 3
SLACK_S = 30.0


@dataclass(frozen=True)
class Group:
    """The containers of one service in the order in which they are touched, and how long each may take."""

    environment: str
    service: str
    replicas: tuple[ReplicaFacts, ...]
    grace_s: float
    healthy_within_s: float

    @property
    def step_s(self) -> float:
        """The time limit of a step: stop, wait for another, be healthy, be noticed."""
        return self.grace_s + 2 * self.healthy_within_s + NOTICE_S + SLACK_S

    def unmoved(self) -> Step:
        """Guard: each container is still the one that was shown."""

        def check(context: Context) -> Evidence:
            project = context.tools.services(self.environment)
            with engine_of(project, CALL_S) as engine:
                now = [facts_of(one) for one in find_replicas(engine, project, self.service)]
            why = moved(self.replicas, [one for one in now if one.id in {each.id for each in self.replicas}])
            if why:
                raise Refused(f"{why}. Nothing was changed; ask again to see what there is now.")
            return Evidence(f"{names(self.replicas)} as shown")

        count = len(self.replicas)
        which = f"the {count} containers of {self.service} are" if count > 1 else f"{self.service} is"
        return Step(f"Check that {which} as shown here", check)

    def restarts(self) -> tuple[Step, ...]:
        """Steps: restart each once and wait for it; the first that stays away ends the run."""
        count = len(self.replicas)

        def step(index: int) -> Step:
            one = self.replicas[index]
            of = f" ({index + 1} of {count})" if count > 1 else ""

            def do(context: Context) -> Evidence:
                return self._restart(context, one, last=index + 1 == count)

            return Step(f"Restart {one.name}{of} and wait until it is well", do, self.step_s)

        return tuple(map(step, range(count)))

    def _restart(self, context: Context, one: ReplicaFacts, last: bool) -> Evidence:
        project = context.tools.services(self.environment)
        began = time.monotonic()
        with engine_of(project, CALL_S) as engine:
            found = seen(engine, one.pin)
            if one.pin.names(found) and found.good:
                self._wait_for_another(engine, context, one)
            done = restart_once(engine, one.pin, self.grace_s)
            said = self._wait(engine, context, one)
        took = f" after {time.monotonic() - began:.1f} s" if done else ""
        if not last:
            _be_noticed(context, one)
        verb = "was restarted" if done else "had been restarted already"
        return Evidence(f"{one.name} {verb} and {said}{took}")

    def _wait_for_another(self, engine: Engine, context: Context, one: ReplicaFacts) -> None:
        """While a replica that serves is away, another must serve: wait for it, or refuse."""
        others = [other for other in self.replicas if other.id != one.id]
        if not others:
            return
        deadline = time.monotonic() + self.healthy_within_s
        while not any(_serves(engine, other) for other in others):
            if time.monotonic() > deadline:
                raise Refused(
                    f"no other replica of {self.service} is well, so {one.name}, which serves, was left alone"
                )
            context.progress(f"waiting until one of {names(others)} serves")
            time.sleep(0.1)

    def _wait(self, engine: Engine, context: Context, one: ReplicaFacts) -> str:
        try:
            state = wait_good(engine, one.id, self.healthy_within_s, context.progress, one.name).state
        except NotVerified as error:
            raise NotVerified(f"{error}{last_words(engine, one)}") from error
        except Refused as error:  # what was asked for is done: a refusal would say that nothing was changed
            raise NotVerified(f"whether {one.name} is well could not be seen: {error}") from error
        return "is healthy" if state == "healthy" else "keeps running"

    def stops(self) -> tuple[Step, ...]:
        """Steps: stop each."""

        def step(one: ReplicaFacts) -> Step:
            def do(context: Context) -> Evidence:
                with engine_of(context.tools.services(self.environment), CALL_S) as engine:
                    done = stop_once(engine, one.pin, self.grace_s)
                return Evidence(f"{one.name} {'was stopped' if done else 'had ended already'}")

            return Step(f"Stop {one.name}", do, self.step_s)

        return tuple(map(step, self.replicas))

    def starts(self) -> tuple[Step, ...]:
        """Steps: start each and wait for it."""

        def step(one: ReplicaFacts) -> Step:
            def do(context: Context) -> Evidence:
                with engine_of(context.tools.services(self.environment), CALL_S) as engine:
                    done = start_once(engine, one.pin)
                    said = self._wait(engine, context, one)
                return Evidence(f"{one.name} {'was started' if done else 'was running already'} and {said}")

            return Step(f"Start {one.name} and wait until it is well", do, self.step_s)

        return tuple(map(step, self.replicas))

    def stops_again(self) -> tuple[Step, ...]:
        """Steps back: stop each that was started."""

        def step(one: ReplicaFacts) -> Step:
            def do(context: Context) -> Evidence:
                with engine_of(context.tools.services(self.environment), CALL_S) as engine:
                    done = stop_started(engine, one.pin, self.grace_s)
                return Evidence(f"{one.name} {'was stopped again' if done else 'did not run'}")

            return Step(f"Stop {one.name} again", do, self.step_s)

        return tuple(map(step, self.replicas))

    def all_well(self) -> Step:
        """Check: each is well."""

        def check(context: Context) -> Evidence:
            project = context.tools.services(self.environment)
            with engine_of(project, CALL_S) as engine:
                states = self._states(engine)
            bad = {name: state for name, state in states.items() if state not in ("healthy", "running")}
            if bad:
                raise NotVerified(", ".join(f"{name} is {state}" for name, state in bad.items()))
            return Evidence(f"{len(states)} of {len(states)} of {self.service} were well", states)

        return Step(f"Check that {self.service} is well", check)

    def all_down(self) -> Step:
        """Check: none of them runs."""

        def check(context: Context) -> Evidence:
            with engine_of(context.tools.services(self.environment), CALL_S) as engine:
                running = [one.name for one in self.replicas if _runs(engine, one)]
            if running:
                raise NotVerified(f"{', '.join(running)} runs (again)")
            return Evidence(f"none of {names(self.replicas)} ran")

        return Step(f"Check that {self.service} is down", check)

    def _states(self, engine: Engine) -> dict[str, str]:
        found = {one.name: engine.container(one.id) for one in self.replicas}
        return {name: read_replica(one).state if one else "gone" for name, one in found.items()}


def last_words(engine: Engine, one: ReplicaFacts) -> str:
    """The end of its log as a half-sentence, '' where it cannot be had."""
    try:
        tail = read_tail(engine, one.id, one.name, LAST_WORDS).lines
    except (Refused, Transient):
        return ""
    said = " / ".join(line.said for line in tail if line.said)
    return f"; its last words: {said[-250:]}" if said else ""


def _serves(engine: Engine, one: ReplicaFacts) -> bool:
    found = engine.container(one.id)
    return found is not None and read_replica(found).good


def _runs(engine: Engine, one: ReplicaFacts) -> bool:
    found = engine.container(one.id)
    return found is not None and read_replica(found).running


def _be_noticed(context: Context, one: ReplicaFacts) -> None:
    """Name servers keep what they know for a second: the next must not go before this one is known again."""
    context.progress(f"until {one.name} is known to what calls it")
    time.sleep(NOTICE_S)
