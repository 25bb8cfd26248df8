"""The demo's PostgreSQL: embedded, kept in the demo's folder, with a production and an older staging."""

from __future__ import annotations

import secrets
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from bot.demo.ports import free_port
from bot.demo.servers import (
    CannotStart,
    Fleet,
    Server,
    folder_for,
    plain_account,
    postgres_programs,
    wait_until,
)

APPLICATION = "belezza"
READER = "belezza_leitura"
PRODUCTION = "belezza_production"
STAGING = "belezza_staging"
INITDB = ("-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync", "--auth=scram-sha-256")
SETTINGS = {"max_connections": "60", "shared_buffers": "64MB", "unix_socket_directories": ""}


@dataclass(frozen=True)
class Databases:
    """The running server. Superuser `postgres`; the application logs in as `belezza`, no superuser."""

    server: Server
    port: int
    password: str
    programs: Path

    def url(self, database: str, user: str = "postgres") -> str:
        return f"postgresql://{user}:{self.password}@127.0.0.1:{self.port}/{database}"


def start_databases(fleet: Fleet, folder: Path, salon: Path) -> Databases:
    """Start the server, made and filled on the first time. Raises CannotStart with its last words."""
    account = plain_account()
    folder = folder_for(account, folder)
    programs = postgres_programs(account, folder)
    password = _password(folder)
    data = folder / "data"
    if not (data / "PG_VERSION").exists():
        _make_cluster(programs, data, folder, account)
    (data / "postmaster.pid").unlink(missing_ok=True)
    port = free_port()
    options = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
    argv = [str(programs / "postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(port), *options]
    server = fleet.start("postgres", argv, folder, account=account)
    server.farewell = signal.SIGINT  # without waiting for sessions to leave
    made = Databases(server, port, password, programs)
    wait_until("PostgreSQL", lambda: _answers(made), made.server)
    _fill(made, salon)
    return made


def _make_cluster(programs: Path, data: Path, folder: Path, account: str | None) -> None:
    made = subprocess.run(  # noqa: S603 - our own package's program
        [str(programs / "initdb"), "-D", str(data), *INITDB, f"--pwfile={folder / 'password'}"],
        check=False,
        capture_output=True,
        text=True,
        user=account,
        timeout=120,
        cwd=folder,
    )
    if made.returncode:
        raise CannotStart(f"PostgreSQL could not be set up in {data}:\n{made.stderr[-800:]}")


def _password(folder: Path) -> str:
    kept = folder / "password"
    if not kept.exists():
        kept.write_text(secrets.token_urlsafe(18))
        kept.chmod(0o644)
    return kept.read_text()


def _answers(databases: Databases) -> bool:
    try:
        psycopg.connect(databases.url("postgres"), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _fill(databases: Databases, salon: Path) -> None:
    """Both databases from the salon's script, once; staging lags behind, as stagings do."""
    with psycopg.connect(databases.url("postgres"), autocommit=True) as session:
        names = {row[0] for row in session.execute("SELECT datname FROM pg_database")}
        roles = {row[0] for row in session.execute("SELECT rolname FROM pg_roles")}
        if APPLICATION not in roles:
            session.execute(
                sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                    sql.Identifier(APPLICATION), sql.Literal(databases.password)
                )
            )
        if READER not in roles:
            session.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(READER)))
        for name in (PRODUCTION, STAGING):
            if name not in names:
                session.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(name), sql.Identifier(APPLICATION)
                    )
                )
                _load(databases, name, salon)


def _load(databases: Databases, name: str, salon: Path) -> None:
    with psycopg.connect(databases.url(name, APPLICATION), autocommit=True) as session:
        session.execute(salon.read_bytes())
        if name == STAGING:
            session.execute("DELETE FROM pagamentos WHERE agendamento_id > 500")
