"""The images that a compose file names, also before its file of variables is there. No program is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from actions.failures import Refused
from actions.tools.containers.compose import FILE_LIMIT_BYTES, file_of
from actions.tools.containers.project import Project

_VARIABLE = re.compile(
    r"\$(?:(?P<escaped>\$)|\{(?P<braced>[A-Za-z_]\w*)(?::?[-?](?P<default>[^}]*))?\}|(?P<plain>[A-Za-z_]\w*))"
)


@dataclass(frozen=True)
class NamedImages:
    """Service to reference; `unset` are the variables in them that nobody gives a value."""

    references: Mapping[str, str]
    unset: tuple[str, ...]


def is_cloned(project: Project) -> bool:
    """Whether the compose file that the plan names is there."""
    return Path(project.directory, project.compose_file or "-").is_file()


def named_images(project: Project, values: Mapping[str, str]) -> NamedImages:
    """What each service's `image` says, its variables filled from `values`. Raises Refused where there is no
    file, or it cannot be read.
    """
    path = file_of(project)
    try:
        found = yaml.safe_load(path.read_bytes()[:FILE_LIMIT_BYTES])
    except (yaml.YAMLError, OSError) as error:
        raise Refused(f"{path} cannot be read ({type(error).__name__})") from error
    services = found.get("services") if isinstance(found, Mapping) else None
    references: dict[str, str] = {}
    unset: list[str] = []
    for name, service in services.items() if isinstance(services, Mapping) else ():
        image = service.get("image") if isinstance(service, Mapping) else None
        if isinstance(image, str):
            filled, missing = fill(image, values)
            unset += missing
            if filled and not missing:
                references[str(name)] = filled
    return NamedImages(references, tuple(dict.fromkeys(unset)))


def fill(text: str, values: Mapping[str, str]) -> tuple[str, list[str]]:
    """The text with Compose's variables filled in, and the names of those that have no value."""
    missing: list[str] = []

    def value(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "$"
        name = match["braced"] or match["plain"]
        if values.get(name):
            return values[name]
        if match["default"] is not None and "?" not in match[0].partition(match["default"] or "}")[0]:
            return match["default"]
        missing.append(name)
        return ""

    return _VARIABLE.sub(value, text), missing
