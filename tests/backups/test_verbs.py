"""The verbs of backups, said as people say them, over real servers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import yaml

from actions.backups.rehearsals import REHEARSED, Rehearsed
from bot.commands.console import Where
from bot.domain.answer import Answer, Exit
from bot.house import House, build
from bot.settings import Settings
from tests.backups.conftest import World


class Desk:
    """The console over the world's tools."""

    def __init__(self, house: House, world: World) -> None:
        self.house = house
        self.world = world

    def say(self, line: str) -> Answer:
        person = self.house.plan.person("ana")
        assert person is not None
        return self.house.console.execute(line, person, Where("shell"))


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Iterator[Desk]:
    plan = yaml.safe_load(Path("data/belezza.yaml").read_text())
    production = plan["environments"]["production"]
    production["database"]["newest"] = ["usuarios.criado_em"]
    production["backups"] = {
        "bucket": world.bucket.name,
        "prefix": world.bucket.prefix,
        "copies": {"local": {"directory": str(world.folder), "keep": "7d"}},
    }
    path = tmp_path / "plan.yaml"
    path.write_text(yaml.safe_dump(plan, allow_unicode=True, sort_keys=False))
    environment = {
        "DR_PRODUCTION_DATABASE_URL": world.server.url,
        "DR_PG_PROGRAMS": str(world.server.programs),
        "AWS_ENDPOINT_URL": str(world.bucket.endpoint_url),
        "AWS_ACCESS_KEY_ID": str(world.bucket.access_key),
        "AWS_SECRET_ACCESS_KEY": str(world.bucket.secret_key),
    }
    house = build(Settings(path, f"sqlite:///{tmp_path / 'drbot.db'}", environment=environment))
    yield Desk(house, world)
    house.close()


@pytest.mark.disaster(30)
def test_an_empty_place_is_no_success(desk: Desk) -> None:
    answer = desk.say("backups production")
    assert answer.exit is Exit.REFUSED
    assert "No backup named belezza_production_YYYYMMDD_HHMMSS.dump.zst or .sql.gz" in answer.title


def test_the_list_says_age_proof_copies_and_rehearsals(desk: Desk) -> None:
    name = desk.world.put(timedelta(hours=3))
    at = datetime.now(UTC).isoformat(timespec="seconds")
    note = msgspec.json.encode(Rehearsed(55, at, 41.5, 100, "0" * 64))
    desk.world.bucket.put(f"{desk.world.bucket.prefix}{name}.dump.zst{REHEARSED}", note)
    bare = desk.world.put(timedelta(days=4), manifest=False, kind="plain")
    answer = desk.say("backups production")
    assert answer.title == "production has 2 backups."
    assert answer.table is not None
    assert answer.table.columns == (
        "backup", "age", "size", "format", "proven by", "copies", "rehearsed", "remark",
    )  # fmt: skip
    first, second = answer.table.rows
    assert first == (name, "3.0 h", "10 bytes", "archive", "manifest", "0 of 1", "yes", "")
    assert second[:7] == (bare, "4 days", "10 bytes", "plain", "nothing", "0 of 1", "no")
    assert second[7].startswith("neither manifest nor checksum")


def test_a_backup_is_asked_for_and_waits_for_its_approval(desk: Desk) -> None:
    answer = desk.say("backup production")
    assert answer.run == 1, answer.title
    run = desk.house.runs.get(1)
    assert (run.action, run.target, run.risk) == ("back-up-database", "production/backups", "low")
    assert desk.say("backup production now").exit is Exit.USAGE
    assert desk.say("backup").exit is Exit.USAGE


def test_verify_asks_for_the_look(desk: Desk) -> None:
    name = desk.world.put(timedelta(hours=3))
    for line in ("verify production", f"verify production {name}"):
        answer = desk.say(line)
        assert answer.run is not None, answer.title
        run = desk.house.runs.get(answer.run)
        assert (run.action, dict(run.plan.facts)["lies in"]) == ("verify-backup", desk.world.bucket.place)
    assert desk.say("verify production belezza_x").exit is Exit.REFUSED
