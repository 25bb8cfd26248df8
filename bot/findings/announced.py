"""What the bot announced in a channel, as moments: for an export that comes without the bot's own journal."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.domain.moment import Moment
from bot.findings.records import Said

_ALERT = re.compile(r"\b([A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+)\b")
_RUN = re.compile(r"\bRUN-\d+\b")
_SEVERITY = re.compile(r"\bSEV-[1-4]\b")
# The first form that fits tells the kind; the order matters ("failed and undone" has failed).
_FORMS = (
    ("run-failed", re.compile(r"\bRUN-\d+\b.*\bfailed\b", re.DOTALL)),
    ("run-undone", re.compile(r"\bRUN-\d+\b.*\bundone\b", re.DOTALL)),
    ("run-verified", re.compile(r"\bRUN-\d+\b.*\bverified\b", re.DOTALL)),
    ("run-approved", re.compile(r"\bRUN-\d+\b.*\bapproved\b", re.DOTALL)),
    ("run-started", re.compile(r"\bRUN-\d+\b.*\bstarted\b", re.DOTALL)),
    ("incident-acknowledged", re.compile(r"\backnowledged by\b")),
    ("incident-resolved", re.compile(r"\bINC-\d+\b.{0,20}\bresolved\b")),
    ("severity-changed", re.compile(r"\bSEV-[1-4]\s*(?:→|->)\W*SEV-[1-4]\b")),
    ("alert-resolved", re.compile(r"^\W*[A-Z][A-Za-z0-9]+ resolved\b")),
    ("alert-fired", re.compile(r"\bfired\b|\bINC-\d+\s*·\s*SEV-[1-4]\b")),
)


def announced(said: Sequence[Said]) -> tuple[Moment, ...]:
    """The moments that the bot's messages tell; their evidence is the message itself."""
    found = []
    for one in said:
        kind = next((kind for kind, form in _FORMS if form.search(one.text)), "") if one.by_bot else ""
        if kind:
            run, levels, alert = _RUN.search(one.text), _SEVERITY.findall(one.text), _ALERT.search(one.text)
            found.append(
                Moment(
                    at=one.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                    who=one.who,
                    what=" ".join(re.sub(r":[a-z_]{2,40}:\s*|[*]", "", one.text).split()),
                    evidence=one.ref,
                    kind=kind,
                    run=run[0] if run else "",
                    severity=levels[-1] if levels else "",
                    alert=alert[1] if alert else "",
                )
            )
    return tuple(found)
