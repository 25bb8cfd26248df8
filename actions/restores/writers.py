"""Who writes to a database that customers are served from: they are stopped before it is replaced."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from actions.backups.choice import Manifest
from actions.failures import NotVerified, Refused
from actions.plan import Context, Evidence
from actions.restores.facts import RestoreParams, TargetFacts
from actions.tools.containers.project import Project
from actions.tools.containers.writers import running_containers
from actions.tools.toolbox import Toolbox

EMPTY_BYTES = 10_000_000


@dataclass(frozen=True)
class Writers:
    """The services that write, none of which runs. `seen`: whether the project has any container at all."""

    services: tuple[str, ...] = ()
    project: str = ""
    seen: bool = True


def stopped_writers(tools: Toolbox, params: RestoreParams) -> Writers:
    """Which services write to the environment's database, if they are stopped.

    Raises Refused where the plan does not say who writes, where one of them runs, or where the backup is
    not the environment's own.
    """
    environment = params.environment
    if params.from_environment != environment:
        raise Refused(
            f"customers are served from {environment}: it is restored from its own backups only, not from"
            f" those of {params.from_environment}. Nothing was changed."
        )
    project = _project(tools, environment)
    running, seen = running_containers(project, project.writers)
    if running:
        raise Refused(f"{_still(running, environment)} Nothing was changed.")
    return Writers(project.writers, project.name, seen)


def check_stopped(context: Context, environment: str, writers: tuple[str, ...]) -> Evidence:
    """Guard: none of them runs. Raises Refused naming the containers that do."""
    running, _ = running_containers(_project(context.tools, environment), writers)
    if running:
        raise Refused(f"{_still(running, environment)} Nothing was changed.")
    return Evidence(f"no container of {', '.join(writers)} was running")


def require_stopped(context: Context, environment: str, writers: tuple[str, ...]) -> None:
    """Inside a step that changes something: raises NotVerified where one of them runs again."""
    if not writers:
        return
    running, _ = running_containers(_project(context.tools, environment), writers)
    if running:
        raise NotVerified(f"{_still(running, environment)} The target was not touched.")


def _project(tools: Toolbox, environment: str) -> Project:
    add = (
        f"add environments.{environment}.services to the plan, with `writers`: the services that write to"
        " the database"
    )
    try:
        project = tools.services(environment)
    except Refused as error:
        raise Refused(
            f"customers are served from {environment}, so whoever writes must be stopped first, but"
            f" {str(error).split(';')[0]}: {add}. Nothing was changed."
        ) from error
    if not project.writers:
        raise Refused(
            f"the plan does not say which services of {environment} write to its database: {add}."
            " Nothing was changed."
        )
    return project


def _still(running: tuple[str, ...], environment: str) -> str:
    names = ", ".join(running[:5]) + (f" and {len(running) - 5} more" if len(running) > 5 else "")
    return (
        f"{names} still writes to the database of {environment}: stop it first (stop-service), so that"
        " nothing is written into what is being replaced."
    )


def against_doubt(writers: Writers, target: TargetFacts) -> Iterator[str]:
    """No container of the project, yet somebody is connected: it may be the wrong engine."""
    if not writers.seen and target.sessions:
        yield (
            f"no container of the project {writers.project} is on this engine, but {target.database} has"
            f" clients ({'; '.join(target.sessions)}): check the engine that the plan names"
        )


def customers_remarks(writers: Writers, target: TargetFacts, manifest: Manifest | None) -> Iterator[str]:
    """What a person should know before a database of customers is replaced."""
    yield (
        f"what customers wrote after {manifest.started_at if manifest else 'the backup was made'} is not in"
        f" the restored database; it stays readable in the {target.database} kept beside"
    )
    if writers.seen:
        yield f"{', '.join(writers.services)} stay stopped: start them once this is verified"
    else:
        yield f"no container of the project {writers.project} is on this engine, so none of them writes"
    if manifest and manifest.system_identifier != target.system_identifier:
        yield "the backup was made on another server: right for a new one, else look twice"
    if target.size_bytes <= EMPTY_BYTES:
        yield f"{target.database} looks empty: there is next to nothing to keep"
