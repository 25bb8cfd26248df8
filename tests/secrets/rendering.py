"""What the tests of render-environment-file share."""

from __future__ import annotations

import stat
from pathlib import Path

from actions.plan import Context, Plan
from actions.secrets.environment_file import render_environment_file
from actions.secrets.environment_file_survey import EnvironmentFileFacts
from actions.tools.env_text import read
from tests.actions.running import planned
from tests.secrets.conftest import HUSH, NAMES, VALUES, Vault

FORMER = "OLD=local-old\nDB_USER=belezza\nDB_PASSWORD='former word'\n"
WANTED = {name: str(VALUES[name]) for name in NAMES}


def planned_render(vault: Vault) -> tuple[EnvironmentFileFacts, Plan]:
    """Facts and plan for the staging environment."""
    return planned(render_environment_file, vault.tools, environment="staging")


def mode_of(path: Path) -> int:
    """Its permission bits."""
    return stat.S_IMODE(path.stat().st_mode)


def held(vault: Vault) -> dict[str, str]:
    """What the file holds, by name."""
    return read(vault.path.read_text())


def around(vault: Vault) -> set[str]:
    """The names in its directory."""
    return {found.name for found in vault.path.parent.iterdir()}


def assert_silent(*told: object) -> None:
    """No value, old or new, is in what was told."""
    shown = "".join(str(one) for one in told)
    for value in (*HUSH, "local-old", "former word"):
        assert value not in shown


def context(vault: Vault, number: int = 7) -> Context:
    """What a step of this run is given."""
    return Context(vault.tools, number)
