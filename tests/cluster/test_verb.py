"""`restore ENV at=TIME` asks the archive where the plan has one, and says what would make it possible."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.commands.console import Where
from bot.domain.answer import Answer
from bot.house import build
from bot.settings import Settings
from tests.real.archived import Prepared
from tests.real.backrest import ROWS, URL, RealCluster


def say(line: str, folder: Path, made: RealCluster | None = None) -> Answer:
    plan = yaml.safe_load(Settings().plan.read_text())
    for component in plan["components"].values():
        component.pop("looks", None)
    if made is not None:
        plan["environments"]["staging"] = {**made.plan(), "title": "Staging"}
    path = folder / "plan.yaml"
    path.write_text(yaml.safe_dump(plan, allow_unicode=True, sort_keys=False))
    variables = {URL: made.url()} if made else {}
    settings = Settings(plan=path, database_url=f"sqlite:///{folder / 'drbot.db'}", environment=variables)
    house = build(settings)
    try:
        person = house.plan.person("ana")
        assert person is not None
        return house.console.execute(line, person, Where("shell"))
    finally:
        house.close()


def test_it_is_planned_from_the_archive(prepared: Prepared, world: RealCluster, tmp_path: Path) -> None:
    answer = say(f"restore staging at={prepared.at.isoformat()} dry_run=yes", tmp_path, world)
    assert "This is what `restore-to-time` would do." in answer.title
    assert any("stop, exchange the two directories, start" in line for line in answer.lines)
    assert world.rows() == ROWS + 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("restore staging at=2026-11-22T21:55:00Z", "environments.staging.cluster in the plan"),
        ("restore staging latest at=2026-11-22T21:55:00Z", "without a backup or from="),
        ("restore staging at=2026-11-22T21:55:00Z from=production", "without a backup or from="),
    ],
)
def test_what_is_missing_is_told(tmp_path: Path, line: str, told: str) -> None:
    assert told in say(line, tmp_path).title
