"""One thing that happened in an incident, as every reader of its timeline gets it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Moment:
    """One thing that happened.

    `at` is ISO 8601 UTC with microseconds; `what` a plain sentence, redacted; `evidence` names what
    proves it: `e12` for journal entry 12, `C012/1773920692.169410` for a message. `kind` is that of
    the entry it comes from; `run` (`RUN-7`), `severity`, `alert` are set where the kind has them.
    """

    at: str
    who: str
    what: str
    evidence: str
    kind: str
    run: str = ""
    severity: str = ""
    alert: str = ""

    @property
    def when(self) -> datetime:
        return datetime.fromisoformat(self.at)


def slack_time(ts: str) -> str:
    """Slack's `1773920692.169410` as ISO 8601 UTC. Raises ValueError where it is no time."""
    try:
        moment = datetime.fromtimestamp(float(ts), UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(f"{ts!r} is not a Slack time stamp") from error
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
