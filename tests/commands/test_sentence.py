"""Sentences begin with a capital letter; names keep the form in which they can be typed."""

from __future__ import annotations

import pytest

from bot.commands.switchboard import sentence


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("the plan has no rule", "The plan has no rule."),
        ("restore-database may run in staging only", "restore-database may run in staging only."),
        ("belezza_production_2026 has no manifest", "belezza_production_2026 has no manifest."),
        ("s3://bucket/place/ did not answer", "s3://bucket/place/ did not answer."),
        ("environment: the plan has no 'nowhere'", "Environment: the plan has no 'nowhere'."),
        ("'x' is not a severity", "'x' is not a severity."),
        ("did you mean `runs`?", "Did you mean `runs`?"),
    ],
)  # fmt: skip
def test_only_words_are_capitalised(said: str, told: str) -> None:
    assert sentence(said) == told
