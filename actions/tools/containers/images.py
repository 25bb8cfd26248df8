"""Images: what a registry has, what is here, pulling with the digest checked, keeping one from pruning.

Source: Docker Engine API (distribution, images/create), registry references as docker reads them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from docker.errors import APIError, NotFound
from requests.exceptions import ConnectionError, ReadTimeout

from actions.failures import NotVerified, Refused, Transient
from actions.tools.containers.engine_calls import Engine, in_one_line, split, told
from actions.tools.containers.engine_json import Json, words
from actions.tools.containers.project import Project

PULL_TIMEOUT_S = 900.0
LINES_AT_MOST = 200_000
KEPT = "drbot-kept"
KEPT_AT_MOST = 5
Standing: TypeAlias = Literal["there", "absent", "denied", "silent", "local"]
_ABSENT = ("manifest unknown", "name unknown", "not found")
_DENIED = ("unauthorized", "denied", "authentication required", "no basic auth", "forbidden")


@dataclass(frozen=True)
class Remote:
    """What the registry says of a reference: whether it is there, and its digest.

    `absent`: the registry has none of that name; `denied`: it asks for other credentials; `silent`: it
    does not answer; `local`: an image's id, of which no registry can be asked. `said` is for a person.
    """

    standing: Standing
    digest: str
    said: str


def check_reference(reference: str) -> str:
    """A reference as docker takes it. Raises ValueError where it is none."""
    if not re.fullmatch(r"[A-Za-z0-9][\w.:/@-]{0,255}", reference, re.ASCII) or "//" in reference:
        raise ValueError(
            f"{reference[:60]!r} is not an image: write name:tag, host/name:tag or name@sha256:…"
        )
    return reference


def bare(reference: str) -> bool:
    """Whether it is an image's id, not a name."""
    return re.fullmatch(r"(sha256:)?[0-9a-f]{12,64}", reference) is not None


def ask_registry(engine: Engine, project: Project, reference: str) -> Remote:
    """What the registry has under the reference now; never raises for the registry's own refusals."""
    if bare(reference):
        return Remote("local", "", "it is named by its id, so no registry can be asked for a newer one")
    with told(f"ask the registry about {reference}"):
        try:
            found = engine.api.inspect_distribution(  # type: ignore[no-untyped-call]
                reference, auth_config=_credentials(project)
            )
        except NotFound as error:
            return Remote("absent", "", f"the registry has no {reference}: {_hidden(error, project)}")
        except APIError as error:
            return _standing(reference, error, project)
        except (ReadTimeout, ConnectionError) as error:
            if "timed out" not in str(error).lower():
                raise
            return Remote("silent", "", f"the registry of {reference} did not answer in time")
    descriptor = cast(Mapping[str, Json], found).get("Descriptor", {})
    return Remote("there", str(descriptor.get("digest") or ""), "the registry answered")


def _standing(reference: str, error: APIError, project: Project) -> Remote:
    said = _hidden(error, project)
    lowered = said.lower()
    if any(word in lowered for word in _DENIED):
        if error.status_code == 403 and "registry" not in lowered and "repository" not in lowered:
            raise error  # the engine itself (or the proxy before it) said no
        return Remote(
            "denied", "", f"the registry does not give {reference} with drbot's credentials: {said}"
        )
    if any(word in lowered for word in _ABSENT):
        return Remote("absent", "", f"the registry has no {reference}: {said}")
    if 'Get "' in said or "lookup" in lowered or "dial" in lowered:
        return Remote("silent", "", f"the registry of {reference} does not answer: {said}")
    raise error


def _credentials(project: Project) -> dict[str, str] | None:
    if not project.registry_user:
        return None
    return {"username": project.registry_user, "password": project.registry_password}


def _hidden(error: APIError, project: Project) -> str:
    return _without(in_one_line(error), project)


def _without(said: str, project: Project) -> str:
    """An engine's words without the password, should it ever be in them."""
    return said.replace(project.registry_password, "[redacted]") if project.registry_password else said


def digests_of(image: Json | None) -> tuple[str, ...]:
    """The registry digests under which an image was pulled (`sha256:…`); none for one made here."""
    found = (image or {}).get("RepoDigests")
    return tuple(str(one).partition("@")[2] for one in found) if isinstance(found, list) else ()


def id_of(image: Json | None) -> str:
    """An image's id, '' where there is none."""
    return str((image or {}).get("Id") or "")


def pull(
    engine: Engine, project: Project, reference: str, digest: str, progress: Callable[[str], None]
) -> str:
    """Pull, and the id of what the reference names then; with `digest`, it must be that. Safe to repeat.

    Wants an engine that may be silent for the project's `pull_timeout_s`.
    Raises Refused where the registry refuses, NotVerified where it gave another image than was shown (the
    reference names that one then), Transient where it failed for now or took a quarter of an hour.
    """
    repository, tag = (reference, "") if "@" in reference else split(reference)
    deadline = time.monotonic() + PULL_TIMEOUT_S
    with told(f"pull {reference}"):
        try:
            lines = engine.api.pull(
                repository, tag=tag or None, stream=True, decode=True, auth_config=_credentials(project)
            )
            for number, line in enumerate(lines):
                _read_line(cast(Json, line), reference, project, progress)
                if number > LINES_AT_MOST or time.monotonic() > deadline:
                    raise Transient(f"pulling {reference} did not end within {PULL_TIMEOUT_S:.0f} s")
        except NotFound as error:
            raise Refused(f"the registry has no {reference}: {_hidden(error, project)}") from error
    image = engine.image(reference)
    if digest and digest not in digests_of(image):
        raise NotVerified(
            f"the registry gave another image of {reference} than was shown with the plan ({short(digest)}):"
            " it was pushed anew meanwhile. No container was changed; ask again to see the new one."
        )
    return id_of(image)


def _read_line(line: Json, reference: str, project: Project, progress: Callable[[str], None]) -> None:
    if error := line.get("error"):
        said = _without(" ".join(str(error).split())[:200], project)
        if any(word in said.lower() for word in (*_DENIED, *_ABSENT)):
            raise Refused(f"{reference} could not be pulled: {said}. Nothing was changed.")
        raise Transient(f"{reference} could not be pulled: {said}")
    progress(f"{str(line.get('id') or '')[:20]} {str(line.get('status') or '')[:60]} of {reference}".strip())


def kept_name(project: str, service: str, run: int, index: int = 0) -> str:
    """The local name that keeps an image from pruning for as long as its way back may be asked for."""
    plain = re.sub(r"[^a-z0-9]+", "-", f"{project}-{service}".lower()).strip("-") or "service"
    return f"{KEPT}/{plain}:run-{run}" + (f"-{index}" if index else "")


def tags_like(engine: Engine, kept: str) -> tuple[str, ...]:
    """The names kept for the same service, the newest run first."""
    repository = kept.rpartition(":")[0]
    found = [
        str(tag)
        for image in engine.images()
        for tag in words(image.get("RepoTags"))
        if str(tag).rpartition(":")[0] == repository
    ]
    return tuple(sorted(found, key=_run_number, reverse=True))


def _run_number(kept: str) -> int:
    number = re.search(r":run-(\d+)", kept)
    return int(number[1]) if number else 0


def short(digest: str) -> str:
    """The first 12 digits of a digest or id."""
    return digest.removeprefix("sha256:")[:12]
