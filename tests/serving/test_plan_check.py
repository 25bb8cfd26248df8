"""`dr plan check` of a plan that cannot be used: the same form as any check, and a failure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main

PLAN = Path(__file__).parents[2] / "data" / "belezza.yaml"


def test_a_broken_plan_fails_with_its_faults_by_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found at first: exit 2, as if the command had been wrong, and no findings in the JSON."""
    broken = tmp_path / "plan.yaml"
    broken.write_text(PLAN.read_text().replace("priority: critical", "priority: grave", 1))
    line = broken.read_text().split("priority: grave")[0].count("\n") + 1
    monkeypatch.setenv("DR_PLAN", str(broken))
    monkeypatch.setenv("DR_DATABASE_URL", f"sqlite:///{tmp_path / 'drbot.db'}")
    told = CliRunner().invoke(main, ["plan", "check", "--json"])
    assert told.exit_code == 1
    ((level, where_line, where, what),) = json.loads(told.stdout)["findings"]
    assert (level, where_line) == ("fault", str(line))
    assert where.startswith("components.")
    assert "grave" in what


def test_a_sound_plan_is_done_with_its_warnings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DR_PLAN", str(PLAN))
    monkeypatch.setenv("DR_DATABASE_URL", f"sqlite:///{tmp_path / 'drbot.db'}")
    told = CliRunner().invoke(main, ["plan", "check", "--json"])
    assert told.exit_code == 0
    assert {row[0] for row in json.loads(told.stdout)["findings"]} == {"warning"}
