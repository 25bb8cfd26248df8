"""What makes a shell speak with the demo's world: its settings in a file, to be read with one line."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

NAME = "env"
PERSON = "ana"
# A shell speaks with the world's memory, never as the world's Slack; how its bot was started is its own.
_NOT = ("SLACK_", "DR_SLACK_", "PYTHON", "HOME", "LANG", "TMPDIR", "PATH")


def write_shell(folder: Path, environment: Mapping[str, str]) -> Path:
    """The file for `. var/demo/env`: nobody else may read it, for it holds the world's tokens."""
    path = folder / NAME
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    told = {name: value for name, value in environment.items() if not name.startswith(_NOT)}
    lines = [f"export {name}={shlex.quote(value)}" for name, value in sorted(told.items())]
    lines += [
        f"export DR_PERSON={PERSON}",
        f'export PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH"',
    ]
    path.write_text("\n".join(lines) + "\n")
    return path
