"""What rendering the environment file would change, by name; and whether it may."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from actions.failures import Refused
from actions.secrets.look import listed
from actions.tools import env_text
from actions.tools.aws.secrets import Secrets, SecretVersion
from actions.tools.kept_file import PRIVATE, FileSeen, KeptFile
from actions.tools.toolbox import Toolbox

KEEP_UNDO_S = 24 * 3600.0
_SURELY_A_NAME = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")


@dataclass(frozen=True)
class EnvironmentFileParams:
    environment: str


@dataclass(frozen=True)
class EnvironmentFileFacts:
    """Pins of the secret's version and of the file. Names only: no value, nor anything made of one.

    `unnamed` are entries of the former file that go and do not look like a name: a piece of a key that was
    pasted over several lines might, so they are counted and not shown.
    """

    secret: str
    version_id: str
    changed_at: str
    path: str
    former: FileSeen | None
    names: tuple[str, ...]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    unnamed: int = 0


def wanted(secrets: Secrets) -> tuple[str, ...]:
    """The plan's names, each once, in order. Raises Refused where there is none."""
    if not secrets.names:
        raise Refused("the plan names no variable (secrets.names): nothing to write. Nothing was changed")
    return tuple(dict.fromkeys(secrets.names))


def check_complete(secrets: Secrets, version: SecretVersion) -> None:
    """Raise Refused where a variable is missing, or could not be written."""
    names = wanted(secrets)
    missing = version.missing(names)
    if missing:
        raise Refused(
            f"{secrets.place} holds no {listed(missing)}: nothing was changed. Add it to the secret, or take"
            " it from the plan's secrets.names"
        )
    odd = tuple(name for name in names if name in version.odd)
    if odd:
        raise Refused(
            f"{secrets.place} holds no single text for {listed(odd)} (null, a list or an object): nothing was"
            " changed. Mend the secret"
        )
    env_text.check(names, version.values)


def survey(tools: Toolbox, params: EnvironmentFileParams) -> EnvironmentFileFacts:
    """Compare the secret with the file, in memory. Raises Refused, also where they agree already."""
    secrets = tools.secrets(params.environment)
    version = secrets.read()
    check_complete(secrets, version)
    file = KeptFile(secrets.path)
    file.check_replaceable()
    former = file.see()
    held = env_text.read(file.text()) if former is not None else {}
    names = wanted(secrets)
    facts = _compared(secrets, version, former, held, names)
    private = former is not None and former.mode == PRIVATE
    if private and not (facts.added or facts.changed or facts.removed or facts.unnamed):
        raise Refused(
            f"{secrets.path} holds what {secrets.place} says already ({len(names)} variables): nothing to do,"
            " and nothing was changed"
        )
    return facts


def _compared(
    secrets: Secrets,
    version: SecretVersion,
    former: FileSeen | None,
    held: Mapping[str, str],
    names: tuple[str, ...],
) -> EnvironmentFileFacts:
    there = tuple(name for name in names if name in held)
    gone = tuple(name for name in held if name not in names)
    removed = tuple(name for name in gone if _SURELY_A_NAME.fullmatch(name))
    same = tuple(name for name in there if held[name] == version.values[name])
    return EnvironmentFileFacts(
        secret=secrets.secret,
        version_id=version.version_id,
        changed_at=version.changed_at,
        path=str(secrets.path),
        former=former,
        names=names,
        added=tuple(name for name in names if name not in held),
        changed=tuple(name for name in there if name not in same),
        removed=removed,
        unchanged=same,
        unnamed=len(gone) - len(removed),
    )


def drift(planned: EnvironmentFileFacts, now: EnvironmentFileFacts) -> str | None:
    """Another version, another file or other names are not what was shown."""
    if (planned.secret, planned.version_id) != (now.secret, now.version_id):
        return f"the secret {now.secret} has another version now ({now.changed_at})"
    if (planned.path, planned.former) != (now.path, now.former):
        return f"{now.path} was changed since the plan was shown"
    if planned.names != now.names:
        return "the plan names other variables now"
    return None
