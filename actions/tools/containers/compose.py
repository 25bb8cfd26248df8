"""Compose by its command line, where the file itself must be read: one argument list, never a shell.

The program is `docker-compose` (version 1) or `docker compose`, whichever is installed.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from actions.failures import Refused, Transient
from actions.tools.command import Finished, run
from actions.tools.containers.engine_calls import LOCAL_SOCKET
from actions.tools.containers.project import Project
from actions.tools.redaction import redacted

LOOK_S = 30.0
UP_S = 300.0
FILE_LIMIT_BYTES = 1024 * 1024
PROGRAM = "docker-compose"


@dataclass(frozen=True)
class ComposeFile:
    """What a project's file names: services in their order of dependence, each with its image, and the
    SHA-256 of the file, of every file of variables and of what Compose makes of them (files that it extends,
    too), so that a change of any is seen.
    """

    services: tuple[str, ...]
    images: Mapping[str, str]
    sha256: str


def program() -> tuple[str, ...]:
    """The words that begin a command. Refused where neither is installed."""
    if shutil.which(PROGRAM):
        return (PROGRAM,)
    if shutil.which("docker") and run(["docker", "compose", "version"], LOOK_S).code == 0:
        return ("docker", "compose")
    raise Refused("neither docker-compose nor docker compose is installed where drbot runs: install one")


def file_of(project: Project) -> Path:
    """The project's compose file. Refused, naming it, where the plan names none or it is not there."""
    if not (project.directory and project.compose_file):
        raise Refused(
            f"the plan names no directory and compose_file for {project.name}: add both under services"
        )
    path = Path(project.directory, project.compose_file)
    if not path.is_file():
        raise Refused(
            f"the compose file {path} is not there; clone the repository first. Nothing was changed."
        )
    return path


def read_file(project: Project) -> ComposeFile:
    """The file, resolved and checked by Compose itself. Refused with its words where it is not valid, or
    naming the file of variables that is missing.
    """
    path = file_of(project)
    raw = _tree(path.read_bytes()[:FILE_LIMIT_BYTES], path)
    variables = _variable_files(raw, path.parent)
    missing = [str(one) for one in variables if not one.is_file()]
    if missing:
        raise Refused(
            f"the file of variables {missing[0]} is not there; render it from the secret first. Nothing was"
            " changed."
        )
    whole = _asked(project, "config").out.encode()
    resolved = _tree(whole, path)
    services = _mapping(resolved.get("services"))
    images = {name: str(_mapping(one).get("image") or "") for name, one in services.items()}
    sums = hashlib.sha256(whole)
    for one in (path, *variables, path.parent / ".env"):
        sums.update(one.read_bytes() if one.is_file() else b"-")
    return ComposeFile(_in_order(services), images, sums.hexdigest())


def up(project: Project, service: str, replicas: int) -> None:
    """Create what is missing of one service and start it; what is there is not made anew. Safe to repeat.

    Raises Transient with Compose's own words, without secrets, where it fails.
    """
    words = [
        "up",
        "-d",
        "--no-build",
        "--no-deps",
        "--no-recreate",
        "--scale",
        f"{service}={replicas}",
        service,
    ]
    done = run(_argv(project, words), UP_S, _variables(project))
    if done.code != 0:
        raise Transient(f"compose could not start {service}: {_words(done)}")


def _asked(project: Project, what: str) -> Finished:
    done = run(_argv(project, [what]), LOOK_S, _variables(project), FILE_LIMIT_BYTES)
    if done.code != 0:
        raise Refused(f"compose does not accept {project.compose_file}: {_words(done)}. Nothing was changed.")
    return done


def _argv(project: Project, words: list[str]) -> list[str]:
    path = file_of(project)
    return [*program(), "--project-directory", str(path.parent), "-f", str(path), "-p", project.name, *words]


def _variables(project: Project) -> dict[str, str]:
    return {"DOCKER_HOST": project.engine or LOCAL_SOCKET, "COMPOSE_HTTP_TIMEOUT": "60"}


def _words(done: Finished) -> str:
    """The last lines of what it said on its standard error."""
    lines = [line.strip() for line in done.err.splitlines() if line.strip()]
    return redacted("; ".join(lines[-4:]) or "it said nothing", 400)


def _tree(text: bytes, path: Path) -> Mapping[str, object]:
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise Refused(f"{path} is not valid YAML{where}. Nothing was changed.") from error
    return _mapping(found)


def _mapping(found: object) -> Mapping[str, object]:
    return {str(name): value for name, value in found.items()} if isinstance(found, Mapping) else {}


def _variable_files(raw: Mapping[str, object], directory: Path) -> tuple[Path, ...]:
    """Every `env_file` that the services name, as paths; those with variables in their name are Compose's."""
    names: list[str] = []
    for service in _mapping(raw.get("services")).values():
        given = _mapping(service).get("env_file") or []
        for one in given if isinstance(given, list) else [given]:
            name = one if isinstance(one, str) else _mapping(one).get("path")
            optional = _mapping(one).get("required") is False
            if isinstance(name, str) and "$" not in name and not optional:
                names.append(name)
    return tuple(directory / name for name in dict.fromkeys(names))


def _in_order(services: Mapping[str, object]) -> tuple[str, ...]:
    """Services after those that they depend on; a circle ends where it began."""
    placed: list[str] = []

    def place(name: str, above: tuple[str, ...]) -> None:
        if name in placed or name in above or name not in services:
            return
        needs = _mapping(services[name]).get("depends_on") or []
        for needed in needs if isinstance(needs, list) else _mapping(needs):
            place(str(needed), (*above, name))
        placed.append(name)

    for name in services:
        place(name, ())
    return tuple(placed)
