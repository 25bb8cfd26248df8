"""The container engine of a host that is to be filled anew: its version, what is on it, how much room."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from actions.tools.containers.engine_calls import LOCAL_SOCKET, engine_of, told
from actions.tools.containers.project import Project

CALL_S = 4.0


@dataclass(frozen=True)
class EngineSeen:
    """One engine. `free_bytes` is the room where its images and volumes are, None where that is on another
    machine than drbot's.
    """

    version: str
    api: str
    system: str
    root: str
    containers: int
    images: int
    memory_bytes: int
    cores: int
    free_bytes: int | None


def see_engine(project: Project) -> EngineSeen:
    """Ask it. Raises Transient where it does not answer, Refused where it says no."""
    with engine_of(project, CALL_S) as engine, told("look at the engine itself"):
        version = cast(Mapping[str, object], engine.api.version())
        info = cast(Mapping[str, object], engine.api.info())
    root = str(info.get("DockerRootDir") or "")
    local = (project.engine or LOCAL_SOCKET).startswith("unix://")
    return EngineSeen(
        version=str(version.get("Version") or "?"),
        api=str(version.get("ApiVersion") or "?"),
        system=str(info.get("OperatingSystem") or "?"),
        root=root,
        containers=_whole(info.get("Containers")),
        images=_whole(info.get("Images")),
        memory_bytes=_whole(info.get("MemTotal")),
        cores=_whole(info.get("NCPU")),
        free_bytes=_free(root) if local else None,
    )


def _free(root: str) -> int | None:
    """The free space of the folder, or of the nearest one above that drbot may see."""
    if not root.startswith("/"):
        return None
    for folder in (Path(root), *Path(root).parents):
        try:
            return shutil.disk_usage(folder).free
        except OSError:
            continue
    return None


def _whole(found: object) -> int:
    return int(found) if isinstance(found, int | float) else 0
