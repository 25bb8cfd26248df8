"""Making a dump as a stream: pg_dump's output, packed, hashed and sized, whole or an error."""

from __future__ import annotations

import contextlib
import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path

from actions.failures import NotVerified, Refused
from actions.tools.command import Ended, streaming
from actions.tools.dumps.copies import BackupFormat
from actions.tools.dumps.judged import Judged
from actions.tools.dumps.program_login import login_of
from actions.tools.dumps.programs import DumpProgram
from actions.tools.dumps.split import TRAILER
from actions.tools.dumps.zstd_pack import Packer
from actions.tools.postgres.server import Postgres

GZIP_LEVEL = 6
MAGIC = b"PGDMP"
_PATIENT = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
_NO_RIGHT = "permission denied"


class DumpStream:
    """Iterate it once for the packed bytes; afterwards `sha256` and `size_bytes` are those of them.

    An archive is packed with zstd, plain SQL with gzip; `unpacked_bytes` is an archive's own size,
    `refusal` why a restore would refuse plain SQL ('' where it would not). Raises
    NotVerified where pg_dump fails or what it wrote is not whole (Refused where it lacks a right), before
    the last bytes are given: an upload fed by this is aborted then, and no object appears.
    """

    def __init__(
        self, server: Postgres, program: DumpProgram, kind: BackupFormat, snapshot: str, timeout_s: float
    ) -> None:
        self._server = server
        form = ["--format=plain"] if kind == "plain" else ["--format=custom", "--compress=0"]
        self._argv: list[str | Path] = [
            program.path,
            *form,
            "--encoding=UTF8",
            "--no-password",
            "--lock-wait-timeout=30s",
            f"--snapshot={snapshot}",
        ]
        self._kind = kind
        self._timeout_s = timeout_s
        self.size_bytes = 0
        self.unpacked_bytes = 0
        self.refusal = ""
        self._hash = hashlib.sha256()
        self._ended: Ended | None = None

    def stop(self) -> None:
        """End pg_dump, from any thread, if it runs: what it would still write is not wanted any more."""
        if self._ended is not None:
            self._ended.kill()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def __iter__(self) -> Iterator[bytes]:
        return self._plain() if self._kind == "plain" else self._archive()

    def _plain(self) -> Iterator[bytes]:
        packer, judged = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 31), Judged()
        tail = b""
        with self._streaming() as (chunks, ended):
            self._ended = ended
            for chunk in chunks:
                tail = (tail + chunk)[-1024:]
                judged.feed(chunk)
                yield from self._out(packer.compress(chunk))
            _check_end(*ended())
        if TRAILER not in tail:
            raise NotVerified("pg_dump stopped before its last line; nothing was kept of the backup")
        judged.end()
        self.refusal = judged.refusal
        yield from self._out(packer.flush())

    def _archive(self) -> Iterator[bytes]:
        packer = Packer()  # its end is held back until pg_dump has said that it is whole
        with self._streaming() as (chunks, ended):
            self._ended = ended
            for chunk in chunks:
                if not packer.bytes_in and not chunk.startswith(MAGIC):
                    raise NotVerified("pg_dump wrote something else than an archive; nothing was kept")
                yield from self._out(packer.pack(chunk))
            _check_end(*ended())
        if not packer.bytes_in:
            raise NotVerified("pg_dump wrote nothing at all; nothing was kept of the backup")
        self.unpacked_bytes = packer.bytes_in
        yield from self._out(packer.end())

    @contextlib.contextmanager
    def _streaming(self) -> Iterator[tuple[Iterator[bytes], Ended]]:
        with login_of(self._server, **_PATIENT) as login:
            argv = [*self._argv, f"--dbname={login.words}"]
            variables = {**login.variables, "PGAPPNAME": "drbot:backup"}
            with streaming(argv, self._timeout_s, variables, login.keep) as running:
                yield running

    def _out(self, data: bytes) -> Iterator[bytes]:
        if data:
            self._hash.update(data)
            self.size_bytes += len(data)
            yield data


def _check_end(code: int, complaint: str) -> None:
    said = " ".join(complaint.split())[-300:]
    if code != 0 and _NO_RIGHT in said:
        raise Refused(f"pg_dump may not read everything: {said}. Nothing was kept; grant it, then ask again")
    if code != 0:
        raise NotVerified(f"pg_dump ended with {code}: {said}; nothing was kept")
