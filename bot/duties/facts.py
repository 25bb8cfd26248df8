"""What a handover is written from: the incident's records as they were read at one moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from bot.domain.breaker import Breaker
from bot.domain.duty import Duty, Held
from bot.domain.entry import Entry
from bot.domain.incident import Incident, IncidentState
from bot.domain.outbound import Job
from bot.domain.run import Run
from bot.findings.records import Said
from bot.runbooks.findings import Finding
from bot.runbooks.view import WalkView
from bot.store.runs import Lock


def as_written(person_id: str) -> str:
    """The namer that knows nobody."""
    return person_id


@dataclass(frozen=True)
class Firing:
    """Alerts of one name that still fire: how many, and since when the first does (ISO 8601 UTC)."""

    name: str
    since: str
    count: int = 1


@dataclass(frozen=True)
class Line:
    """A line of people in the plan's table, `told` at that moment or due then. `vacant`: told nobody."""

    name: str
    at: str
    told: bool = False
    vacant: bool = False


@dataclass(frozen=True)
class Text:
    """A text for the outside: where it goes, what it tells of, and how far it is (`draft`, `approved`).

    `job_state` is what became of an approved one on its way ('' before), `at` the moment of its state.
    """

    number: int
    kind: str
    stage: str
    state: str
    by: str
    at: str
    job_state: str = ""


@dataclass(frozen=True)
class Facts:
    """Everything that is kept of one incident. `now` is ISO 8601 UTC; `called` writes a person's id.

    `approvers` names who could approve a waiting run, by its number. `said` is what people wrote, redacted,
    oldest first. `answer_by` is the moment by which somebody has to answer, '' while no response clock runs,
    and `lines` whom that tells. `tells_outside`: the plan tells the outside of such an incident.
    """

    incident: Incident
    now: str
    entries: Sequence[Entry] = ()
    held: Sequence[Held] = ()
    answer_by: str = ""
    lines: Sequence[Line] = ()
    firing: Sequence[Firing] = ()
    findings: Sequence[Finding] = ()
    runs: Sequence[Run] = ()
    approvers: Callable[[Run], str] = field(default=lambda _run: "")
    walks: Sequence[WalkView] = ()
    said: Sequence[Said] = ()
    texts: Sequence[Text] = ()
    next_update_at: str = ""
    tells_outside: bool = False
    jobs: Sequence[Job] = ()
    locks: Sequence[Lock] = ()
    breakers: Sequence[Breaker] = ()
    called: Callable[[str], str] = as_written

    def led_by(self, by: str, to: str) -> Facts:
        """The same once `by` handed command to `to`, which also answers an incident that nobody answered."""
        others = [one for one in self.held if one.duty is not Duty.COMMANDER]
        incident, answer_by, lines = self.incident, self.answer_by, self.lines
        if incident.is_open and not incident.acknowledged_by:
            state = IncidentState.ACKNOWLEDGED
            incident = replace(incident, state=state, acknowledged_at=self.now, acknowledged_by=by)
            answer_by, lines = "", [line for line in lines if line.told]
        now = replace(self, incident=incident, answer_by=answer_by, lines=lines)
        return replace(now, held=(Held(Duty.COMMANDER, to, self.now), *others))
