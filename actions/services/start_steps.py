"""The steps of starting a project, one service at a time, and the way back to what was there before."""

from __future__ import annotations

from dataclasses import dataclass

from actions.amounts import counted
from actions.failures import NotVerified, Refused
from actions.plan import Context, Evidence
from actions.services.replica_pins import ReplicaPin, moved_replica, pin_of
from actions.tools.containers.compose import read_file, up
from actions.tools.containers.engine_calls import Engine, engine_of
from actions.tools.containers.project import Project
from actions.tools.containers.replacement import RUN_LABEL
from actions.tools.containers.replica import SERVICE_LABEL, Replica, find_replicas, wait_good


@dataclass(frozen=True)
class ServicePlan:
    """One service to start: its image, and how many replicas it shall have."""

    name: str
    image: str
    replicas: int


@dataclass(frozen=True)
class StartFacts:
    """`before`: the containers of these services that were there; `sha256`: of the file and its variables."""

    project: str
    file: str
    sha256: str
    services: tuple[ServicePlan, ...]
    before: tuple[ReplicaPin, ...]
    healthy_within_s: float
    stop_within_s: float


class Starting:
    """Over the services that were named and nothing else."""

    def __init__(self, environment: str, facts: StartFacts) -> None:
        self.environment = environment
        self.facts = facts

    def _project(self, context: Context) -> Project:
        return context.tools.services(self.environment)

    def check_file(self, context: Context) -> Evidence:
        """Guard: the compose file and its variables are those shown, and Compose accepts them."""
        if read_file(self._project(context)).sha256 != self.facts.sha256:
            raise Refused(f"{self.facts.file} or its variables changed since the plan was shown; ask again")
        return Evidence(f"{self.facts.file} was as shown, and valid")

    def check_same(self, context: Context) -> Evidence:
        """Guard: the containers that are there are those shown."""
        project = self._project(context)
        with engine_of(project) as engine:
            found = [engine.container(one.id) for one in self._present(engine, project)]
        moved = moved_replica(self.facts.before, [pin_of(one) for one in found if one is not None])
        if moved:
            raise Refused(f"{moved}: nothing was changed; ask again")
        return Evidence(f"{counted(len(self.facts.before), 'container')} there before")

    def _present(self, engine: Engine, project: Project, service: str = "") -> tuple[Replica, ...]:
        wanted = {service} if service else {one.name for one in self.facts.services}
        found = find_replicas(engine, project)
        return tuple(one for one in found if one.labels.get(SERVICE_LABEL) in wanted)

    def start(self, service: ServicePlan, context: Context) -> Evidence:
        """Step: let Compose create and start one service, and wait until it is healthy."""
        project = self._project(context)
        with engine_of(project) as engine:
            there = self._present(engine, project, service.name)
            if len(there) < service.replicas or not all(one.running for one in there):
                self.check_file(context)
                context.progress(f"compose starts {service.name}")
                up(project, service.name, service.replicas)
            seen = self._good(engine, project, service, context)
        return Evidence(f"{service.name} was {seen[0].state}", {one.name: one.state for one in seen})

    def _good(
        self, engine: Engine, project: Project, service: ServicePlan, context: Context
    ) -> list[Replica]:
        found = self._present(engine, project, service.name)
        if len(found) < service.replicas:
            raise NotVerified(f"{service.name} has {len(found)} containers, not {service.replicas}")
        within_s = self.facts.healthy_within_s
        return [wait_good(engine, one.id, within_s, context.progress, one.name) for one in found]

    def check_all(self, context: Context) -> Evidence:
        """Check: every container of every service runs and is healthy."""
        project, values = self._project(context), {}
        with engine_of(project) as engine:
            for service in self.facts.services:
                for one in self._good(engine, project, service, context):
                    values[one.name] = one.state
        return Evidence(f"{len(values)} of {counted(len(values), 'container')} running and healthy", values)

    def take_back(self, service: ServicePlan, context: Context) -> Evidence:
        """Undo: remove the containers that were not there before, and stop those that did not run. Volumes
        and networks stay. Refused where a later run of drbot has made one of them: that is taken back first.
        """
        project, before = self._project(context), {pin.id: pin for pin in self.facts.before}
        places = {pin.name for pin in self.facts.before}  # whoever is there now was put there by somebody
        removed, stopped = [], []
        with engine_of(project) as engine:
            for one in self._present(engine, project):
                if one.id not in before and RUN_LABEL in one.labels:
                    raise Refused(
                        f"{one.name} was made by RUN-{one.labels[RUN_LABEL]} since: take that back first."
                        f" {service.name} was left as it is"
                    )
            for one in self._present(engine, project, service.name):
                pin = before.get(one.id)
                if pin is None and one.name not in places:
                    engine.stop(one.id, self.facts.stop_within_s)
                    engine.remove(one.id)
                    removed.append(one.name)
                elif pin is not None and one.running and not pin.running:
                    engine.stop(one.id, self.facts.stop_within_s)
                    stopped.append(one.name)
        said = [f"removed {', '.join(removed)}"] if removed else []
        said += [f"stopped {', '.join(stopped)}"] if stopped else []
        return Evidence("; ".join(said) or f"{service.name} was as before")

    def check_back(self, context: Context) -> Evidence:
        """Undo: only what was there before is there."""
        project, before = self._project(context), {pin.id for pin in self.facts.before}
        with engine_of(project) as engine:
            more = [one.name for one in self._present(engine, project) if one.id not in before]
        if more:
            raise NotVerified(f"{', '.join(more[:5])} came since and is still there")
        return Evidence(f"{counted(len(before), 'container')}, as before; volumes and networks stay")
