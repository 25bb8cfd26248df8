"""Replaying a file of alerts: what agrees, what does not, and what is wrong with the file."""

from __future__ import annotations

import contextlib
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.severity import Severity
from bot.triage import Triage, read_cases, replay


def file(*entries: object) -> bytes:
    return json.dumps(list(entries)).encode()


def entry(summary: str, severity: str | None, **more: object) -> dict[str, object]:
    labels = {"alertname": "Any", "job": "db", "env": "production"}
    named = {"labels": labels, "annotations": {"summary": summary}, **more}
    return named if severity is None else {**named, "severity": severity}


def test_counts_agreement_and_confusion_over_the_labelled(triage: Triage) -> None:
    cases = read_cases(
        file(entry("database is down", "SEV-1"), entry("cosmetic", "sev2", id="A7"), entry("anything", None))
    )
    result = replay(cases, triage)
    assert result.agreement_percent == 50.0
    assert result.confusion[Severity.SEV1][Severity.SEV1] == 1
    assert result.confusion[Severity.SEV2][Severity.SEV4] == 1
    assert [row.agrees for row in result.rows] == [True, False, True]
    assert [case.id for case in cases] == ["1", "A7", "3"]


def test_without_labels_there_is_no_agreement(triage: Triage) -> None:
    assert replay(read_cases(file(entry("anything", None))), triage).agreement_percent is None
    assert replay((), triage).agreement_percent is None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{}", "not a JSON list of alerts"),
        (b"nonsense", "not a JSON list of alerts"),
        (b"[1]", "alert 1 of the list"),
        (
            file(entry("a", None), {"labels": {}}),
            "alert 2 of the list: Object missing required field `annotations`",
        ),
        (file(entry("a", "SEV-7")), "alert 1 of the list: 'SEV-7' is not a severity"),
        (file({"labels": {"a": 1}, "annotations": {}}), "alert 1 of the list"),
        (b'["\xff"]', "alert 1 of the list"),
    ],
)
def test_a_faulty_file_is_refused_with_the_place(content: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        read_cases(content)


@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert all(case.id for case in read_cases(content))
