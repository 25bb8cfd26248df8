"""Which containers of some services run: also paused ones, and those of `compose run`."""

from __future__ import annotations

from actions.tools.containers.engine_calls import engine_of
from actions.tools.containers.project import Project
from actions.tools.containers.replica import PROJECT_LABEL, SERVICE_LABEL, read_replica


def running_containers(project: Project, services: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
    """Names of those that run, paused or restarting ones too; and whether the project has any container.

    Raises Transient where the engine does not answer, Refused where it says no.
    """
    with engine_of(project) as engine:
        found = [engine.container(which) for which in engine.labelled({PROJECT_LABEL: project.name})]
    replicas = [read_replica(one) for one in found if one is not None]
    running = [one.name for one in replicas if one.running and one.labels.get(SERVICE_LABEL) in services]
    return tuple(sorted(running)), bool(replicas)
