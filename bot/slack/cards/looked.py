"""What drbot found before anybody asked: a few lines on the incident's card."""

from __future__ import annotations

from collections.abc import Sequence

from bot.runbooks.findings import Finding
from bot.slack.blocks import Block, button, section
from bot.slack.text import moment, one_line

TITLE = 60
SAID = 260


def looked_blocks(incident_ref: str, findings: Sequence[Finding], reopened_at: str = "") -> list[Block]:
    """One line a look, what alarms first, with a button for the rest.

    A look from before it reopened tells how things stood then: shown only while there is none since, and as
    that.
    """
    findings = [one for one in findings if one.at >= reopened_at] or findings
    if not findings:
        return []
    first = min(finding.at for finding in findings)
    old = ", _before it reopened_" if first < reopened_at else ""
    lines = [f"*Looked by itself* {moment(first, '{time}')}{old}", *map(_line, findings)]
    runs = {finding.run for finding in findings if finding.run is not None}
    line = f"show RUN-{runs.pop()}" if len(findings) == len(runs) == 1 else f"looks {incident_ref}"
    return [section("\n".join(lines), button("Details", line, "looks"))]


def _line(finding: Finding) -> str:
    calm = "–" if finding.run is None else "✓" if finding.done else "🔄"
    sign = "⚠️" if finding.alarming else calm
    return f"{sign}  *{one_line(finding.title, TITLE)}:* {one_line(finding.said, SAID)}"
