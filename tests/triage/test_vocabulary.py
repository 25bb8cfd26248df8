"""The triage file: what it says is checked on load, every fault with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.triage import VocabularyFault, load_vocabulary
from bot.triage.vocabulary import read_impact
from bot.triage.words import read

GOOD = """\
negations: [not, no]
wide-negations: [no]
things: {engine: [engine*, motor]}
troubles: {broken: [broken, fails]}
severities:
  outage: {critical: SEV-1, high: SEV-2, medium: SEV-2, low: SEV-3}
  partial: SEV-2
  imminent: SEV-3
  single-feature: SEV-3
  minor: SEV-4
  none: NONE
without-customers: {outage: 3, partial: 4, imminent: 4, single-feature: 4, minor: 4, none: none}
unknown: {priority: medium, any: minor, critical: imminent}
rules:
  - name: engine-broken
    impact: outage
    because: it does not run
    when: [$engine, $broken | kaputt]
    unless: spare
  - name: many
    impact: partial
    because: many
    numbers: percent >= 5
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "triage.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("summary", "rule"),
    [
        ("The motor is broken", "engine-broken"),
        ("The engines fails", "engine-broken"),
        ("The motor is not broken", None),
        ("No motor broken", None),
        ("The motor is broken. Not today.", "engine-broken"),
        ("MÓTOR KAPUTT!", "engine-broken"),
        ("The spare motor is broken", None),
        ("The motorist is broken", None),
        ("12 % of them", "many"),
        ("4.9% of them", None),
        ("SLO is 99%, now 2%", None),
    ],
)
def test_a_rule_holds_by_its_words(summary: str, rule: str | None, tmp_path: Path) -> None:
    vocabulary = load_vocabulary(written(tmp_path, GOOD))
    reading = read_impact(vocabulary, read("", summary, "", "", "warning"))
    assert (reading.rule.name if reading.rule else None) == rule


@pytest.mark.parametrize(
    ("good", "bad", "fault"),
    [
        ("impact: outage", "impact: terrible", "line 16: 'terrible' is not one of outage, partial"),
        ("[$engine, $broken", "[$engines, $broken", "rule 'engine-broken', when: $engines is no group"),
        ("percent >= 5", "percent over 5", "line 23: rule 'many': 'percent over 5' is no number condition"),
        ("name: many", "name: engine-broken", "line 20: rule 'engine-broken' is there twice"),
        ("because: many", "reason: many", "a rule knows no 'reason'"),
        ("    numbers: percent >= 5\n", "", "rule 'many' would hold for every alert"),
        ("minor: SEV-4\n", "minor: SEV-9\n", "line 10: 'SEV-9' is not a severity"),
        ("any: minor, ", "", "missing: any"),
        ("negations: [not, no]\nwide", "wide", "missing: negations"),
        ("[engine*, motor]", "[en*gine, motor]", "'en*gine' is no phrase"),
        ("[engine*, motor]", "[e*, motor]", "'e*' is too short"),
    ],
)
def test_a_fault_names_its_line_and_what_to_write(good: str, bad: str, fault: str, tmp_path: Path) -> None:
    assert good in GOOD
    with pytest.raises(VocabularyFault) as caught:
        load_vocabulary(written(tmp_path, GOOD.replace(good, bad, 1)))
    assert fault in str(caught.value)
    assert "triage.yaml" in str(caught.value)


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("SEV-4", "SEV-9").replace("impact: outage", "impact: odd").replace("any: minor, ", "")
    with pytest.raises(VocabularyFault) as caught:
        load_vocabulary(written(tmp_path, text))
    assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "rules: [", "rules: {a: 1}\n", "just words"])
def test_what_is_no_triage_file_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(VocabularyFault):
        load_vocabulary(written(tmp_path, text))
