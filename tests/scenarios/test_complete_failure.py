"""Section 3.3, complete server failure: from nothing but backup, registry, secrets and a name to healthy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
import requests
import yaml
from moto.server import ThreadedMotoServer

from actions.backups.make import dump_database
from actions.tools.aws.s3 import Bucket
from actions.tools.own_address import own_addresses
from actions.tools.postgres.server import Postgres
from bot.demo.ports import free_port
from bot.demo.storage import BUCKET
from bot.demo.world import PREFIX, SALON
from tests.real import alertmanager
from tests.real.belezza.project import Belezza
from tests.real.belezza.services import PASSWORD
from tests.real.dns import Dns, dns_server
from tests.real.docker import absent, belezza_project
from tests.real.registry import Registry, registry
from tests.real.route53_wire import Rrset
from tests.scenarios.night import VERIFIED, Night, one_night

ABSENT = absent() or alertmanager.absent()
pytestmark = [
    pytest.mark.xdist_group("night-failure"),
    pytest.mark.timeout(420),
    pytest.mark.skipif(bool(ABSENT), reason=ABSENT),
]
ENTRY = "belezza/production"
REGION = "sa-east-1"
RUNBOOK = "Runbook: Full System Recovery"
PREFLIGHT = "look-at-recovery"
TABLES = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"
)
CONTENT = 'SELECT count(*), coalesce(sum(hashtextextended(x::text, 0)::numeric), 0) FROM public."{}" x'


@dataclass(frozen=True)
class Server:
    """The server that will fail, and what outlives it elsewhere."""

    night: Night
    belezza: Belezza
    database_url: str
    env_file: Path

    @property
    def compose_file(self) -> Path:
        return self.env_file.with_name("docker-compose.yml")

    def content(self) -> dict[str, tuple[int, int]]:
        """Every table with its number of rows and a hash of all of them."""
        with psycopg.connect(self.database_url, connect_timeout=5) as session:
            names = [str(row[0]) for row in session.execute(TABLES.encode())]
            found = {name: session.execute(CONTENT.format(name).encode()).fetchone() for name in names}
        return {name: (int(row[0]), int(row[1])) for name, row in found.items() if row}

    def volumes(self) -> list[str]:
        """The names of the project's volumes on the engine."""
        wanted = {"label": f"com.docker.compose.project={self.belezza.name}"}
        return [str(one.name) for one in self.belezza.client.volumes.list(filters=wanted)]

    def fail(self) -> str:
        """Everything that was on it is gone, a new one has an engine alone; what the repository holds."""
        self.belezza.compose("down", "--volumes")
        repository = self.compose_file.read_text()
        self.compose_file.unlink()
        self.env_file.unlink()
        assert self.belezza.containers() == []
        assert self.volumes() == []
        return repository


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with belezza_project(services=()) as belezza, registry() as images:
        port = free_port()
        folder = belezza.folder()
        _publish_database(folder, port)
        values = _pushed(belezza, images, folder)
        url = f"postgresql://belezza:{PASSWORD}@127.0.0.1:{port}/belezza"
        secrets = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        secrets.start()
        try:
            endpoint = "http://{}:{}".format(*secrets.get_host_and_port())
            _keep_secret(endpoint, values)
            production = {
                "services": belezza.place(
                    order=["db", "redis", "api", "nginx"],
                    writers=["api"],
                    directory=str(folder),
                    compose_file="docker-compose.yml",
                ),
                "secrets": {
                    "entry": ENTRY,
                    "path": str(folder / ".env"),
                    "region": REGION,
                    "names": list(values),
                },
            }
            more = {"DR_PRODUCTION_DATABASE_URL": url, "AWS_ENDPOINT_URL_SECRETS_MANAGER": endpoint}
            with (
                dns_server(_nothing) as dns,
                one_night(belezza, production, more, partial(_with_preflight, dns)) as night,
            ):
                made = Server(night, belezza, url, folder / ".env")
                _first_life(made)
                yield made
        finally:
            secrets.stop()


def test_a_complete_server_failure_is_recovered_from_nothing(server: Server) -> None:
    night, before = server.night, server.content()
    assert all(rows for rows, _ in before.values())
    repository = server.fail()
    assert not night.serves()

    card = night.alert(
        "ServerDown", "Server down: production host unreachable", job="node", instance="server"
    )
    night.press(night.cast.ana, card, RUNBOOK)
    looked = night.in_thread(card, "Look at what a full recovery needs", "parts are well")
    assert "in the way:" not in looked.words
    by_hand = night.in_thread(card, RUNBOOK, "✓  1.", "Do by hand", "Clone repository", button="Done")
    assert " of 4 h RTO" in by_hand.words
    first = next(line for line in by_hand.words.splitlines() if "✓  1." in line)
    assert "waiting" not in first, (
        "drbot's own look waited for nobody; the card may be drawn some seconds later"
    )
    server.compose_file.write_text(repository)
    night.press(night.cast.ana, by_hand, "Done")

    for title in ("environment file", "Pull"):
        assert VERIFIED in night.approve(card, title).words
    assert server.env_file.stat().st_mode & 0o777 == 0o600
    assert VERIFIED in night.approve(card, "Start").words
    assert [one.labels["com.docker.compose.service"] for one in server.belezza.containers()] == ["db"]
    assert server.content() == {}, "the volume is a new one, and empty"
    assert VERIFIED in night.approve(card, "Restore", typed="production").words
    assert VERIFIED in night.approve(card, "Start").words

    ended = night.in_thread(card, RUNBOOK, "✓  7.", "Recovered in", "steps held")
    assert re.search(
        r"Recovered in (\d+ min )?\d+ s, .* of it waiting for people; RTO 4 h; INC-\d+ was opened",
        ended.words,
    ), ended.words
    assert "7 of 7 steps held" in ended.words
    assert server.content() == before, "every row of every table, as it was dumped"
    server.belezza.wait_healthy()
    assert requests.get(f"{server.belezza.url}/actuator/health", timeout=5).json()["status"] == "UP"
    assert PASSWORD not in json.dumps([one.body for one in night.cast.ana.thread(night.cast.home, card.ts)])


def _with_preflight(dns: Dns, plan: dict[str, Any]) -> None:
    """The preflight is the first step, and where the service's name leads is asked of a name server here."""
    runbook = plan["runbooks"]["full-system-recovery"]
    runbook["objective"] = "rto"
    if runbook["steps"][0].get("does", [{}])[0].get("action") != PREFLIGHT:
        look = {"action": PREFLIGHT, "params": {"environment": "{environment}", "strict": "true"}}
        runbook["steps"].insert(0, {"title": "Look at the new host", "does": [look]})
    name = plan["failover"]["api"]
    name["resolver"] = dns.place
    dns.hosts[name["record"]] = next(iter(own_addresses()), "127.0.0.1")


def _nothing(name: str, kind: str) -> Rrset | None:
    del name, kind
    return None


def _publish_database(folder: Path, port: int) -> None:
    """The bot's host reaches the database by a port, as it would on a server."""
    at = folder / "docker-compose.yml"
    compose = yaml.safe_load(at.read_text())
    compose["services"]["db"]["ports"] = [f"127.0.0.1:{port}:5432"]
    at.write_text(yaml.safe_dump(compose, sort_keys=False))


def _pushed(belezza: Belezza, images: Registry, folder: Path) -> dict[str, str]:
    """The project's variables, its images now those of the registry."""
    values = dict(line.split("=", 1) for line in (folder / ".env").read_text().splitlines())
    for name in [one for one in values if one.endswith("_IMAGE")]:
        repository = f"{images.host}/belezza-{name.removesuffix('_IMAGE').lower()}"
        belezza.client.images.get(values[name]).tag(repository, "1")
        for line in belezza.client.api.push(repository, tag="1", stream=True, decode=True):
            assert "error" not in line, line
        values[name] = f"{repository}:1"
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    return values


def _keep_secret(endpoint: str, values: dict[str, str]) -> None:
    client = boto3.client(
        "secretsmanager",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="local-key",
        aws_secret_access_key="local-secret",
    )
    client.create_secret(Name=ENTRY, SecretString=json.dumps(values))


def _first_life(server: Server) -> None:
    """The server as it was: running, with its salon, backed up last night."""
    world = server.night.world
    server.belezza.compose("up", "-d")
    server.belezza.wait_healthy()
    with psycopg.connect(server.database_url, autocommit=True) as session:
        session.execute(SALON.read_bytes())
    bucket = Bucket(
        BUCKET,
        PREFIX,
        "belezza_production",
        endpoint_url=world.storage.endpoint,
        region=REGION,
        access_key=world.storage.access_key,
        secret_key=world.storage.secret_key,
    )
    dumped = Postgres(server.database_url, programs=world.databases.programs)
    dump_database(dumped, bucket, "production", datetime.now(UTC))
