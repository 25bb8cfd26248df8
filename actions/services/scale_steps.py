"""The steps of scaling a service up or down, one replica at a time, and back to the count from before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from actions.amounts import counted
from actions.failures import NotVerified, Refused
from actions.plan import Context, Evidence
from actions.services.replica_pins import ReplicaPin, moved_replica, pin_of
from actions.tools.containers.clone import Clone, find_clone, make_clone
from actions.tools.containers.engine_calls import Engine, engine_of
from actions.tools.containers.replica import find_replicas, read_replica, wait_good


@dataclass(frozen=True)
class ScaleParams:
    """`replicas` is how many there shall be."""

    environment: str
    replicas: int
    service: str = "api"

    def __post_init__(self) -> None:
        if self.replicas < 1:
            raise ValueError("replicas is 1 or more; stop-service takes a service away")


@dataclass(frozen=True)
class NewReplica:
    """A replica to add."""

    number: int
    name: str


@dataclass(frozen=True)
class ScaleFacts:
    """`adds` and `removes`: one of them is empty."""

    project: str
    service: str
    replicas: tuple[ReplicaPin, ...]
    adds: tuple[NewReplica, ...]
    removes: tuple[str, ...]
    at_most: int
    healthy_within_s: float
    stop_within_s: float


class Scaling:
    """Over the replicas that were shown and the numbers that were named."""

    def __init__(self, params: ScaleParams, facts: ScaleFacts) -> None:
        self.params = params
        self.facts = facts
        self.stay = tuple(pin for pin in facts.replicas if pin.id not in facts.removes)

    @contextmanager
    def _engine(self, context: Context) -> Iterator[Engine]:
        with engine_of(context.tools.services(self.params.environment)) as opened:
            yield opened

    def check_same(self, context: Context) -> Evidence:
        """Guard: the replicas are those shown."""
        moved = moved_replica(self.facts.replicas, self._now(context))
        if moved:
            raise Refused(f"{moved}: nothing was changed; ask again")
        return Evidence(f"{counted(len(self.facts.replicas), 'replica')} as shown")

    def _now(self, context: Context) -> tuple[ReplicaPin, ...]:
        project = context.tools.services(self.params.environment)
        with self._engine(context) as engine:
            found = [engine.container(one.id) for one in find_replicas(engine, project, self.facts.service)]
        return tuple(pin_of(one) for one in found if one is not None)

    def add(self, new: NewReplica, context: Context) -> Evidence:
        """Step: one more replica like the first, healthy."""
        facts, clone = self.facts, self._clone(new, context, "scale")
        with self._engine(context) as engine:
            try:
                made = make_clone(engine, facts.project, facts.service, clone)
            except Refused as error:  # a refusal says that nothing was changed
                if find_clone(engine, facts.project, facts.service, clone) is None:
                    raise
                raise NotVerified(f"{new.name} was made, but {error}") from error
            seen = wait_good(engine, made, facts.healthy_within_s, context.progress, new.name)
        return Evidence(f"{new.name} was {seen.state}", {"id": seen.id[:12]})

    def _clone(self, new: NewReplica, context: Context, made: str) -> Clone:
        like = self.stay[0]
        return Clone(context.run, made, new.number, new.name, like.id, like.reference, like.image_id)

    def stop(self, pin: ReplicaPin, context: Context) -> Evidence:
        """Step: stop one that goes, as long as those that stay are healthy."""
        with self._engine(context) as engine:
            self._stay_good(engine)
            engine.stop(pin.id, self.facts.stop_within_s)
        return Evidence(f"{pin.name} was stopped, with {self.facts.stop_within_s:g} s to finish its work")

    def _stay_good(self, engine: Engine) -> None:
        for pin in self.stay:
            found = engine.container(pin.id)
            if found is None or not read_replica(found).good:
                raise NotVerified(f"{pin.name}, which is to stay, is not healthy: no more is taken away")

    def remove(self, context: Context) -> Evidence:
        """Step: remove the stopped ones. Volumes stay."""
        with self._engine(context) as engine:
            self._stay_good(engine)
            for which in self.facts.removes:
                engine.remove(which)
        return Evidence(f"removed {len(self.facts.removes)} stopped containers")

    def check(self, context: Context) -> Evidence:
        """Check: as many as wished, each of them healthy."""
        facts, project = self.facts, context.tools.services(self.params.environment)
        with self._engine(context) as engine:
            found = find_replicas(engine, project, facts.service)
            if len(found) != self.params.replicas:
                raise NotVerified(
                    f"{facts.service} has {counted(len(found), 'replica')}, not {self.params.replicas}"
                )
            for one in found:
                wait_good(engine, one.id, facts.healthy_within_s, context.progress)
        return Evidence(f"{counted(len(found), 'healthy replica')} of {facts.service}")

    def take_away(self, context: Context) -> Evidence:
        """Undo of more: stop and remove what this run added, and nothing else."""
        facts, gone = self.facts, []
        with self._engine(context) as engine:
            for new in reversed(facts.adds):
                clone = self._clone(new, context, "scale")
                made = find_clone(engine, facts.project, facts.service, clone)
                if made is not None:
                    engine.stop(str(made["Id"]), facts.stop_within_s)
                    engine.remove(str(made["Id"]), its_volumes=True)
                    gone.append(new.name)
        return Evidence(f"removed {', '.join(gone)}" if gone else "nothing that this run added was there")

    def bring_back(self, pin: ReplicaPin, context: Context) -> Evidence:
        """Undo of fewer: start it again, or make it anew like those that stayed."""
        facts = self.facts
        with self._engine(context) as engine:
            which = pin.id
            if engine.container(which) is None:
                clone = self._clone(NewReplica(pin.number, pin.name), context, "back")
                which = make_clone(engine, facts.project, facts.service, clone)
            engine.start(which)
            seen = wait_good(engine, which, facts.healthy_within_s, context.progress, pin.name)
        return Evidence(f"{pin.name} was {seen.state} again")

    def check_back(self, context: Context) -> Evidence:
        """Undo: the count is the one from before."""
        now = self._now(context)
        if len(now) != len(self.facts.replicas):
            raise NotVerified(f"{self.facts.service} has {len(now)} replicas, not {len(self.facts.replicas)}")
        return Evidence(f"{counted(len(now), 'replica')} of {self.facts.service}, as before")
