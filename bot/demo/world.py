"""Everything the demo starts, in order, and stops again: databases, S3, the service, workspace, bot."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import requests

from actions.backups.make import dump_database
from actions.tools.aws.s3 import Bucket
from actions.tools.postgres.server import Postgres
from bot.demo.databases import PRODUCTION, STAGING, Databases, start_databases
from bot.demo.monitor import Monitor
from bot.demo.plan import Amend, demo_plan
from bot.demo.ports import free_port
from bot.demo.seed import workspace_seed
from bot.demo.servers import Fleet, Server, wait_until
from bot.demo.shell import write_shell
from bot.demo.storage import BUCKET, Storage, start_storage
from bot.plan.load import load_plan

ROOT = Path(__file__).parents[2]
SALON = ROOT / "data" / "demo" / "salon.sql"
PREFIX = "database-backups/production/"
Tell = Callable[[str], None]


class AlreadyRunning(Exception):
    """Another demo uses this folder. The message says where its page is."""


@dataclass
class World:
    """The running world. `environment` is what the bot was started with."""

    folder: Path
    page_url: str
    bot_url: str
    service_url: str
    token: str
    environment: dict[str, str]
    databases: Databases
    storage: Storage
    bot: Server
    monitor: Monitor
    fleet: Fleet

    def break_pool(self) -> None:
        """A report eats every connection of the service, as on a bad day."""
        requests.post(f"{self.service_url}/demo/break", timeout=5).raise_for_status()

    def restart_bot(self) -> None:
        """Start the bot again after it was killed; what it was doing goes on."""
        self.bot = start_bot(self.fleet, self.folder, self.environment, self.bot_url)


@contextmanager
def running_world(
    folder: Path,
    tell: Tell,
    page_port: int = 8090,
    bot_port: int = 8080,
    amend: Amend | None = None,
    more: Mapping[str, str] | None = None,
) -> Iterator[World]:
    """The world while the block runs. Raises AlreadyRunning, or CannotStart with a server's last words.

    `amend` changes the plan for a world with more in it; `more` are variables for the bot.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.enter_context(_alone(folder))
        fleet = Fleet()
        stack.callback(fleet.stop)
        tell("Starting PostgreSQL and S3 …")
        with ThreadPoolExecutor(2) as pool:
            storing = pool.submit(start_storage, fleet, folder / "s3")
            filling = pool.submit(start_databases, fleet, folder / "postgres", SALON)
        databases, storage = filling.result(), storing.result()
        tell("Making a real backup of production …")
        make_backup(databases, storage)
        tell("Starting the booking service, the workspace and the bot …")
        service_port = free_port()
        plan_path = demo_plan(folder, f"http://127.0.0.1:{service_port}", amend)
        environment = {**_bot_environment(folder, plan_path, databases, storage, bot_port), **(more or {})}
        world = _start_rest(fleet, folder, environment, databases, storage, service_port, page_port)
        stack.callback(world.monitor.stop)
        world.monitor.start()
        (folder / "page").write_text(world.page_url)
        write_shell(folder, environment)
        yield world


def make_backup(databases: Databases, storage: Storage) -> None:
    """One more verified dump of production in S3."""
    bucket = Bucket(
        BUCKET,
        PREFIX,
        PRODUCTION,
        endpoint_url=storage.endpoint,
        region="sa-east-1",
        access_key=storage.access_key,
        secret_key=storage.secret_key,
    )
    server = Postgres(databases.url(PRODUCTION), programs=databases.programs)
    dump_database(server, bucket, "production", datetime.now(UTC))


def start_bot(fleet: Fleet, folder: Path, environment: dict[str, str], bot_url: str) -> Server:
    """`dr serve`, ready. Raises CannotStart with its last words."""
    bot = fleet.start("bot", [sys.executable, "-m", "bot.cli", "serve"], folder, environment)
    wait_until("the bot", lambda: _ok(f"{bot_url}/readyz"), bot)
    return bot


def _bot_environment(
    folder: Path, plan_path: Path, databases: Databases, storage: Storage, port: int
) -> dict[str, str]:
    return {
        **_inherited(),
        **storage.environment(),
        "DR_PLAN": str(plan_path),
        "DR_DATABASE_URL": f"sqlite:///{folder.resolve() / 'drbot.db'}",
        "DR_LISTEN": f"127.0.0.1:{free_port(port)}",
        "DR_WEBHOOK_TOKEN": _token(folder),
        "DR_PRODUCTION_DATABASE_URL": databases.url(PRODUCTION),
        "DR_STAGING_DATABASE_URL": databases.url(STAGING),
        "DR_PG_PROGRAMS": str(databases.programs),
    }


def _start_rest(
    fleet: Fleet,
    folder: Path,
    environment: dict[str, str],
    databases: Databases,
    storage: Storage,
    service_port: int,
    page_port: int,
) -> World:
    page_url, slack = _start_workspace(fleet, folder, Path(environment["DR_PLAN"]), page_port)
    environment |= slack
    service_environment = {
        **_inherited(),
        "DEMO_SERVICE_PORT": str(service_port),
        "DEMO_SERVICE_DATABASE_URL": databases.url(PRODUCTION, "belezza"),
    }
    service = fleet.start("service", [sys.executable, "-m", "bot.demo.service"], folder, service_environment)
    token = environment["DR_WEBHOOK_TOKEN"]
    service_url, bot_url = f"http://127.0.0.1:{service_port}", f"http://{environment['DR_LISTEN']}"
    bot = start_bot(fleet, folder, environment, bot_url)
    wait_until("the booking service", lambda: _ok(f"{service_url}/actuator/health"), service)
    monitor = Monitor(service_url, f"{bot_url}/webhooks/alertmanager", token)
    return World(
        folder, page_url, bot_url, service_url, token, environment, databases, storage, bot, monitor, fleet
    )


def _start_workspace(fleet: Fleet, folder: Path, plan_path: Path, port: int) -> tuple[str, dict[str, str]]:
    seed = folder / "workspace-seed.json"
    seed.write_bytes(msgspec.json.encode(workspace_seed(load_plan(plan_path))))
    listen = f"127.0.0.1:{free_port(port)}"
    log = folder / "workspace.log"
    log.unlink(missing_ok=True)
    argv = [sys.executable, "-m", "bot.cli", "workspace", "--listen", listen, "--seed", str(seed.resolve())]
    argv += ["--state", str((folder / "workspace.json").resolve())]
    server = fleet.start("workspace", argv, folder, _inherited())
    wait_until("the workspace", lambda: "SLACK_SIGNING_SECRET=" in log.read_text(), server)
    told = dict(line.split("=", 1) for line in log.read_text().splitlines() if "=" in line)
    names = ("DR_SLACK_API_URL", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN")
    return f"http://{listen}/", {name: told[name] for name in names}


def _inherited() -> dict[str, str]:
    """What a child needs of our environment, and nothing that points it elsewhere."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def _token(folder: Path) -> str:
    kept = folder / "webhook-token.json"
    if not kept.exists():
        kept.write_text(json.dumps(secrets.token_urlsafe(18)))
        kept.chmod(0o600)
    return str(json.loads(kept.read_text()))


def _ok(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One demo a folder; the lock goes with the process, however it ends."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            page = folder / "page"
            where = page.read_text() if page.exists() else "its own terminal"
            raise AlreadyRunning(f"a demo is already running: {where}") from error
        yield
