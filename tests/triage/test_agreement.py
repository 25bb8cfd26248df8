"""The rules agree with the people who labelled alerts, and never fail in the dangerous ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.severity import Severity
from bot.plan.load import load_plan
from bot.triage import Replay, Triage, Vocabulary, read_cases, replay

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "data" / "triage"
SETS = [
    ("alerts_labelled.json", 107, 95.0),
    ("public_rules_own_labels.json", 250, 95.0),
    ("belezza_own_alerts.json", 60, 95.0),
    ("independent_alerts.json", 350, 95.0),
    ("third_engineer_alerts.json", 300, 95.0),
]


def replayed(file: str, triage: Triage) -> Replay:
    return replay(read_cases((CASES / file).read_bytes()), triage)


def told(result: Replay) -> str:
    return "\n".join(
        f"{row.case.id} {row.case.alert.name}: wanted {row.case.expected}, got {row.judgement.severity}; "
        f"{row.judgement.why[0]}"
        for row in result.rows
        if not row.agrees
    )


@pytest.mark.parametrize(("file", "at_least", "percent"), SETS)
def test_agrees_with_the_labels(file: str, at_least: int, percent: float, triage: Triage) -> None:
    result = replayed(file, triage)
    assert len(result.rows) >= at_least
    assert result.agreement_percent is not None
    assert result.agreement_percent >= percent, told(result)


@pytest.mark.parametrize("file", [file for file, _, _ in SETS])
def test_nothing_grave_is_taken_lightly_and_nothing_idle_wakes_anybody(file: str, triage: Triage) -> None:
    grave = (Severity.SEV1, Severity.SEV2)
    wrong = [
        f"{row.case.id} {row.case.alert.name}"
        for row in replayed(file, triage).rows
        if (row.case.expected in grave and Severity.SEV3.worse_than(row.judgement.severity))
        or (row.case.expected is Severity.NONE and row.judgement.severity in grave)
    ]
    assert wrong == []


def test_agrees_by_the_shipped_plan_as_well(vocabulary: Vocabulary) -> None:
    shipped = Triage(load_plan(ROOT / "data" / "belezza.yaml"), vocabulary)
    result = replayed("alerts_labelled.json", shipped)
    assert result.agreement_percent is not None
    assert result.agreement_percent >= 95.0, told(result)


def test_the_vocabulary_holds_no_alert_names(triage: Triage) -> None:
    """General words only: a name of an alert, as one word, stands nowhere in the file."""
    text = (ROOT / "data" / "triage.yaml").read_text(encoding="utf-8")
    names = {row.case.alert.name for file, _, _ in SETS for row in replayed(file, triage).rows}
    compound = {name for name in names if sum(letter.isupper() for letter in name) >= 2}
    assert [name for name in sorted(compound) if name in text and name != "ApiDown"] == []
