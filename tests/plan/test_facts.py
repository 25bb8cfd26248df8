"""Belezza's plan carries every fact of the written document, and `plan show` prints each."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.domain.severity import Severity
from bot.plan.load import load_plan
from bot.plan.models import DrPlan
from bot.plan.show import NOT_MEASURED, show_plan

ROOT = Path(__file__).parents[2]
FACTS_FILE = ROOT / "tests" / "data" / "plan" / "facts.yaml"
FACTS: dict[str, list[str]] = yaml.safe_load(FACTS_FILE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def plan() -> DrPlan:
    return load_plan(ROOT / "data" / "belezza.yaml")


@pytest.fixture(scope="module")
def shown(plan: DrPlan) -> str:
    return _plain(show_plan(plan, None))


def _plain(text: str) -> str:
    return " ".join(text.replace("**", "").lower().split())


@pytest.mark.parametrize("section", FACTS)
def test_every_fact_of_the_section_is_shown(section: str, shown: str) -> None:
    assert [fact for fact in FACTS[section] if _plain(fact) not in shown] == []


def test_every_section_is_shown_in_order(shown: str) -> None:
    places = [shown.index(f" {section} ") for section in sorted(FACTS) if section[0].isdigit()]
    assert places == sorted(places)


def test_the_facts_are_data(plan: DrPlan) -> None:
    targets = {key: one.target for key, one in plan.objectives.items()}
    assert targets == {"rto": 14400, "rpo": 3600, "mttr": 7200}
    assert plan.backups is not None
    keeps = {key: one.keep / 86400 for key, one in plan.backups.database.locations.items()}
    assert keeps == {"local": 7, "s3": 30, "cross-region": 90}
    assert plan.backups.database.worst_loss_s == 86400
    assert [one.response / 60 for one in plan.severities.values()] == [15, 30, 240, 1440]
    assert plan.failover["api"].ttl == 60
    assert plan.communication.channel == "#belezza-alerts"
    assert plan.communication.own_channel_from is Severity.SEV2
    assert all(seat.primary is None and seat.secondary is None for seat in plan.on_call.values())
    assert plan.document is not None
    assert plan.document.approved_by is None
    assert plan.document.next_review is None
    assert plan.environments["staging"].ceiling is Severity.SEV3


def test_what_keeps_the_rpo_is_in_the_plan(plan: DrPlan) -> None:
    assert plan.backups is not None
    assert min(one.every for one in plan.backups.database.between) < plan.objectives["rpo"].target


def test_what_was_measured_stands_beside_what_is_promised(plan: DrPlan) -> None:
    said = show_plan(plan, {"rto": "41 s in the drill of 3 May", "location:s3": "2 h old"})
    assert "| 4 hours | 41 s in the drill of 3 May | Critical systems |" in said
    assert "| 30 days | 2 h old |" in said
    assert f"| 1 hour | {NOT_MEASURED} | Database |" in said


def test_an_empty_plan_can_be_shown() -> None:
    assert "## 8. Appendix" in show_plan(DrPlan(), None)


def test_hostile_text_stays_in_its_cell(plan: DrPlan) -> None:
    said = show_plan(plan, {"rto": "a | b\n# not a heading {{ 7*7 }}"})
    assert "a \\| b # not a heading {{ 7*7 }}" in said
