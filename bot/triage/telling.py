"""A replay in words: agreement, where the rules and the labels part, and JSON for programs."""

from __future__ import annotations

import json

from bot.domain.answer import Answer, Exit, Table
from bot.domain.severity import Severity
from bot.triage.replay import Replay

DISAGREEMENTS_SHOWN = 40


def replay_answer(judged: Replay, at_least_percent: float) -> Answer:
    """The confusion table and the cases that disagree. Exit 1 below the wanted agreement."""
    if judged.agreement_percent is None:
        rows = tuple((row.case.id, row.judgement.severity.value, row.case.alert.name) for row in judged.rows)
        table = Table(("id", "severity", "alert"), rows[:DISAGREEMENTS_SHOWN])
        title = f"{len(judged.rows)} alerts judged; none of them is labelled."
        return Answer(title, table=table, exit=Exit.FAILED if at_least_percent > 0 else Exit.DONE)
    levels = list(Severity)
    table = Table(
        ("labelled \\ judged", *(level.value for level in levels)),
        tuple(
            (expected.value, *(str(judged.confusion[expected][level] or "·") for level in levels))
            for expected in levels
        ),
    )
    apart = [(row, row.case.expected) for row in judged.rows if row.case.expected and not row.agrees]
    lines = tuple(
        f"{row.case.id} {row.case.alert.name}: labelled {expected.value},"
        f" judged {row.judgement.severity.value} ({'; '.join(row.judgement.why)})"
        for row, expected in apart[:DISAGREEMENTS_SHOWN]
    )
    enough = judged.agreement_percent >= at_least_percent
    title = f"The rules agree with {judged.agreement_percent:.1f} % of {len(judged.rows)} alerts."
    if not enough:
        title += f" That is below the {at_least_percent:g} % wanted."
    return Answer(title, lines, table, exit=Exit.DONE if enough else Exit.FAILED)


def replay_json(judged: Replay) -> str:
    """`[{id, severity, expected, why}]`."""
    rows = [
        {
            "id": row.case.id,
            "severity": row.judgement.severity.value,
            "expected": row.case.expected.value if row.case.expected else None,
            "why": list(row.judgement.why),
        }
        for row in judged.rows
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2)
