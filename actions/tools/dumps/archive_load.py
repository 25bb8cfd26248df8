"""Loading an archive of pg_dump: its schema through our own rules, rows and indexes by pg_restore at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from actions.failures import Refused, Transient
from actions.tools.command import Finished, attended
from actions.tools.dumps.archive import Archive, check_rules, opened
from actions.tools.dumps.lanes import lanes
from actions.tools.dumps.left_out import kinds_of_entries
from actions.tools.dumps.load import Loaded, Loader
from actions.tools.dumps.load_pace import Pace
from actions.tools.dumps.plain_load import LOAD_SETTINGS
from actions.tools.dumps.program_login import Login, login_of
from actions.tools.dumps.spool import Spooled, held
from actions.tools.postgres.server import Postgres, Session, whole

JOBS = 2
_FILLED = """
    SELECT pg_database_size(current_database()),
           (SELECT count(*) FROM pg_stat_user_tables WHERE n_tup_ins > 0)
"""
_LOST = (
    "server closed the connection", "terminating connection", "could not connect", "connection to server",
    "the database system is", "SSL connection has been closed", "no connection to the server",
)  # fmt: skip


def load_archive(
    server: Postgres,
    make_shadow: Callable[[], Postgres],
    file: Spooled,
    run: int,
    server_major: int,
    make_extension: Callable[[str, str], None],
    pace: Pace,
    timeout_s: float,
) -> Loaded:
    """Load the archive into the shadow that `make_shadow` makes and gives the owner's way into.

    Everything in it is judged before there is a shadow. Raises Refused for what is wrong with the archive,
    Transient where a connection broke.
    """
    archive = opened(server, file, server_major)
    check_rules(archive)
    shadow = make_shadow()
    with shadow.session(run, statement_timeout_s=timeout_s) as into:
        before = archive.section("pre-data", archive.listing.restored)
        with lanes([into]) as made:
            loaded = Loader(made, server_major, make_extension, pace).load(before)
        with held(archive.listing.restored) as entries, login_of(shadow) as login:
            ended = attended(
                _argv(archive, login, entries),
                timeout_s,
                lambda: _look(into, pace),
                {**login.variables, **_settings(shadow, run, server_major)},
                (*file.keep, *entries.keep, *login.keep),
            )
    _check(ended)
    tables = len(archive.listing.of("TABLE DATA"))
    left_out = loaded.left_out + sum(archive.listing.left_out.values())
    return replace(loaded, left_out=left_out, tables=tables, kinds=kinds_of_entries(archive.listing.left_out))


def _argv(archive: Archive, login: Login, entries: Spooled) -> list[str | Path]:
    return [
        archive.program,
        "--section=data",
        "--section=post-data",
        f"--jobs={JOBS}",
        "--exit-on-error",
        "--no-owner",
        "--no-tablespaces",
        "--no-password",
        f"--use-list={entries.path}",
        f"--dbname={login.words}",
        archive.file.path,
    ]


def _settings(shadow: Postgres, run: int, server_major: int) -> dict[str, str]:
    """What pg_restore's own sessions get: one of them idles while another builds a long index."""
    limits = {"idle_session_timeout": "0"} if server_major >= 14 else {}
    settings = " ".join(f"-c {name}={value}" for name, value in {**LOAD_SETTINGS, **limits}.items())
    return {"PGOPTIONS": settings, "PGAPPNAME": shadow.called(run)}


def _look(session: Session, pace: Pace) -> None:
    """How large the shadow has become, and how many of its tables have their rows."""
    row = session.execute(_FILLED).fetchone()
    if row is not None:
        pace.done_bytes, pace.tables = whole(row[0]), whole(row[1])
    pace.look()


def _check(ended: Finished) -> None:
    """Raises what pg_restore's own words mean."""
    if ended.code == 0:
        return
    lines = [line.strip() for line in ended.err.splitlines() if line.strip()]
    said = " ".join(next((line for line in lines if "error:" in line), ended.complaint).split())[:300]
    if "No space left on device" in ended.err or "could not extend file" in ended.err:
        raise Refused(
            f"the server's disk filled up ({said}). The shadow is dropped; free space and ask again."
        )
    if any(words in ended.err for words in _LOST):
        raise Transient(f"the load broke off: {said}")
    if "permission denied" in ended.err or "must be superuser" in ended.err:
        raise Refused(f"the archive asks for a right that a restore never has: {said}.")
    raise Refused(f"the server did not accept the archive: {said}. Choose another backup.")
