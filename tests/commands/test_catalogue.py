"""What can be run, said in words: the list, one action wholly, and a name that is nearly right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.commands.console import Where
from bot.domain.answer import Exit
from bot.domain.person import Person
from bot.house import House, build
from bot.settings import Settings

STRANGER = Person("U0STRANGER", "Somebody", known=False)
SHELL = Where("shell")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = build(Settings(database_url=f"sqlite:///{tmp_path / 'drbot.db'}"))
    yield made
    made.close()


def test_the_list_names_who_approves_by_the_plan(house: House) -> None:
    answer = house.console.execute("actions", STRANGER, SHELL)
    assert answer.table is not None
    rows = {row[0]: row[1:] for row in answer.table.rows}
    assert set(rows) == set(house.actions)
    assert rows["restore-database"][:2] == (
        "destructive",
        "a second person of Bruno Lima, Carla Dias, Davi Rocha",
    )
    assert rows["look-at-activity"][1] == "nobody (it only looks)"
    assert rows["end-long-queries"][1] == "Ana Souza, Bruno Lima"
    assert all(who for _, who, _ in rows.values())


def test_one_action_is_told_wholly(house: House) -> None:
    answer = house.console.execute("actions end-long-queries", STRANGER, SHELL)
    assert answer.title == "end-long-queries · high"
    for told in (
        "Ana Souza, Bruno Lima",
        "pg_signal_backend",
        "| `older_than` | text | `10m` |",
        "/dr run end-",
    ):
        assert told in answer.document
    assert answer.data["approved_by"] == "Ana Souza, Bruno Lima"


def test_a_name_that_is_nearly_right_is_met_with_the_nearest(house: House) -> None:
    answer = house.console.execute("actions restore-databas", STRANGER, SHELL)
    assert answer.exit is Exit.USAGE
    assert "the nearest is `actions restore-database`" in answer.title
    assert "lists what can be run" in house.console.execute("actions zzz", STRANGER, SHELL).title


def test_without_a_risk_table_the_rules_that_hold_anyway_are_named(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text("people: {ana: {name: Ana Lima, roles: [on-call]}}\n")
    made = build(Settings(database_url=f"sqlite:///{tmp_path / 'drbot.db'}", plan=plan))
    answer = made.console.execute("actions", STRANGER, SHELL)
    made.close()
    assert answer.table is not None
    rows = {row[0]: row[2] for row in answer.table.rows}
    assert rows["end-long-queries"] == "Ana Lima"
    assert rows["restore-database"] == "nobody yet: the plan names no approver"
