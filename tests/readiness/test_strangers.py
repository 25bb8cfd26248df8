"""What somebody is told whom the plan does not name: the verdict, and nothing of what would fail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.commands.console import Where
from bot.domain.answer import Answer, Exit
from bot.domain.person import Person
from bot.house import House, build
from bot.settings import Settings
from tests.commands.test_switchboard import without_far_looks

STRANGER = Person("U0STRANGER", "Somebody", known=False)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    plan = without_far_looks(tmp_path)
    made = build(Settings(plan, f"sqlite:///{tmp_path / 'drbot.db'}"))
    yield made
    made.close()


def say(house: House, line: str, face: str = "slack") -> Answer:
    return house.console.execute(line, STRANGER, Where(face))


def test_the_verdict_alone(house: House) -> None:
    seen = say(house, "status")
    assert (seen.exit, seen.board, seen.table) == (Exit.DONE, None, None)
    assert "would fail now" in seen.title
    known = house.console.execute("status", _ana(house), Where("slack"))
    assert known.board is not None
    told = json.dumps([seen.title, seen.lines, dict(seen.data)])
    assert [one.component for one in known.board.standings if one.component in told] == []


@pytest.mark.parametrize("line", ["status now=yes", "backups production"])
def test_what_makes_the_bot_look_elsewhere_is_refused(house: House, line: str) -> None:
    refused = say(house, line)
    assert refused.exit is Exit.REFUSED
    assert "the plan does not name you" in refused.title.lower()
    assert "On call: Ana Souza" in refused.title
    assert house.readiness.latest is None


def test_whoever_has_the_bots_own_shell_sees_the_board(house: House) -> None:
    """They can read its memory and say `--as` anybody."""
    assert say(house, "status now=yes", "shell").board is not None


def _ana(house: House) -> Person:
    found = house.plan.person("ana")
    assert found is not None
    return found
